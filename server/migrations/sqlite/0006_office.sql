-- Who looks after an open conflict. `body` is the row as JSON; `version` is what a write must have seen.
CREATE TABLE reviews (
    document BLOB    NOT NULL REFERENCES documents (document),
    field    TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (document, field)
) STRICT, WITHOUT ROWID;

-- What people did at the desk beside editing cases: who, when, what, about what. Never contents.
CREATE TABLE journal (
    id       INTEGER NOT NULL PRIMARY KEY,
    district TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    worker   INTEGER NOT NULL,
    act      TEXT    NOT NULL,
    document BLOB,
    about    TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

CREATE INDEX journal_of_district ON journal (district, id);

-- What became of a refused change after somebody had looked at it.
CREATE TABLE answered_refusals (
    id     INTEGER NOT NULL PRIMARY KEY REFERENCES quarantine (id),
    at     INTEGER NOT NULL,
    worker INTEGER NOT NULL,
    -- `entered` or `dismissed`.
    how    TEXT    NOT NULL,
    reason TEXT    NOT NULL
) STRICT;

-- Devices that are to give up all that they hold. `holds_back`: what they still send waits for a person.
CREATE TABLE leaving (
    device     BLOB    NOT NULL PRIMARY KEY REFERENCES devices (device),
    since      INTEGER NOT NULL,
    worker     INTEGER NOT NULL,
    holds_back INTEGER NOT NULL,
    reason     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Answers to requests that carried an Idempotency-Key, for a day.
CREATE TABLE repeated (
    worker  INTEGER NOT NULL,
    key     TEXT    NOT NULL,
    request BLOB    NOT NULL,
    at      INTEGER NOT NULL,
    status  INTEGER NOT NULL,
    media   TEXT    NOT NULL,
    body    BLOB    NOT NULL,
    PRIMARY KEY (worker, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX repeated_by_time ON repeated (at);
