-- What people were called before: a case that names them so is about them still.

CREATE TABLE former_names (
    worker INTEGER NOT NULL REFERENCES people (worker),
    name TEXT NOT NULL,
    PRIMARY KEY (worker, name)
) WITHOUT ROWID;
