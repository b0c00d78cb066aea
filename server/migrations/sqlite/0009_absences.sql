-- Who is away and who stands in. A row is never changed; `ended` is when it was ended before its time.
CREATE TABLE absences (
    id       INTEGER NOT NULL PRIMARY KEY,
    district TEXT    NOT NULL,
    worker   INTEGER NOT NULL,
    begins   INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    deputy   INTEGER NOT NULL,
    author   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    ended    INTEGER
) STRICT;

CREATE INDEX absences_of_district ON absences (district, until);
