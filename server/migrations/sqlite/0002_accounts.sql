-- Accounts of the desk and who is signed in. A password is an argon2id hash in PHC form; a sign-in is known by the
-- SHA-256 of its cookie.
CREATE TABLE accounts (
    login   TEXT    NOT NULL PRIMARY KEY,
    worker  INTEGER NOT NULL UNIQUE,
    hash    TEXT    NOT NULL,
    -- When its person last chose the password; NULL while it is the one they were given.
    chosen  INTEGER,
    failed  INTEGER NOT NULL,
    locked  INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_ins (
    id      BLOB    NOT NULL PRIMARY KEY,
    worker  INTEGER NOT NULL,
    began   INTEGER NOT NULL,
    seen    INTEGER NOT NULL,
    ended   INTEGER,
    browser TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_ins_of_worker ON sign_ins (worker, began);
