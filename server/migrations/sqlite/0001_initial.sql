-- The first schema. Ids are blobs (document 16 bytes, device 8, hash 32), times are milliseconds since 1970,
-- and flags are 0 or 1. Every table that grows leads with its district or with a document.

-- One row per document. `body` is the whole row as JSON; the columns beside it are what lists, timers
-- and compare-and-swap need, and `version` and `seq` are authoritative over what `body` says.
CREATE TABLE documents (
    document       BLOB    NOT NULL PRIMARY KEY,
    district       TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    version        INTEGER NOT NULL,
    seq            INTEGER NOT NULL,
    -- Position of the next change.
    positions      INTEGER NOT NULL,
    unit           TEXT,
    due            INTEGER,
    wake           INTEGER,
    urgent         INTEGER NOT NULL,
    conflicts      INTEGER NOT NULL,
    conflict_since INTEGER,
    updated        INTEGER NOT NULL,
    body           TEXT    NOT NULL
) STRICT;

CREATE INDEX documents_listed ON documents (district, kind, document);
CREATE INDEX documents_of_district ON documents (district, document);
CREATE INDEX documents_of_unit ON documents (district, unit, document) WHERE unit IS NOT NULL;
CREATE INDEX documents_due ON documents (district, due) WHERE due IS NOT NULL;
CREATE INDEX documents_in_conflict ON documents (district, urgent DESC, conflict_since, document)
    WHERE conflicts > 0;
-- The timer queue is of the whole server.
CREATE INDEX documents_wake ON documents (wake, document) WHERE wake IS NOT NULL;

-- Accepted changes in the order in which they were accepted. Gaps in `position` mean nothing.
CREATE TABLE changes (
    document BLOB    NOT NULL REFERENCES documents (document),
    position INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    hash     BLOB    NOT NULL,
    bytes    BLOB    NOT NULL,
    worker   INTEGER NOT NULL,
    device   BLOB    NOT NULL,
    made     INTEGER NOT NULL,
    received INTEGER NOT NULL,
    PRIMARY KEY (document, position)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX changes_once ON changes (document, hash);

-- The decision log. `cause` is unique within an epoch, so that two nodes cannot both decide a cause.
CREATE TABLE decisions (
    document BLOB    NOT NULL REFERENCES documents (document),
    epoch    INTEGER NOT NULL,
    n        INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    cause    TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (document, epoch, n)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX decisions_once ON decisions (document, epoch, cause);

-- One row per commit of a document, gapless from 1 in each district, with the rolling hash up to it.
CREATE TABLE feed (
    district TEXT    NOT NULL,
    seq      INTEGER NOT NULL,
    document BLOB    NOT NULL REFERENCES documents (document),
    chain    BLOB    NOT NULL,
    PRIMARY KEY (district, seq)
) STRICT, WITHOUT ROWID;

-- Changes that a device has and the centre has not.
CREATE TABLE announced (
    document BLOB    NOT NULL,
    device   BLOB    NOT NULL,
    hash     BLOB    NOT NULL,
    worker   INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (document, device, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX announced_by_device ON announced (device);

CREATE TABLE checkouts (
    document BLOB    NOT NULL,
    id       BLOB    NOT NULL,
    device   BLOB    NOT NULL,
    worker   INTEGER NOT NULL,
    session  INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    ended    INTEGER,
    PRIMARY KEY (document, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX checkouts_by_device ON checkouts (device);

-- What a device holds. It outlives the grant until the device says that it has purged.
CREATE TABLE held (
    device   BLOB    NOT NULL,
    document BLOB    NOT NULL,
    granted  INTEGER NOT NULL,
    until    INTEGER,
    purged   INTEGER NOT NULL,
    PRIMARY KEY (device, document)
) STRICT, WITHOUT ROWID;

-- Answers to commands. `answer` is JSON.
CREATE TABLE commands (
    id       BLOB    NOT NULL PRIMARY KEY,
    worker   INTEGER NOT NULL,
    document BLOB    NOT NULL,
    name     TEXT    NOT NULL,
    answer   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Refused changes, each once, kept whole. Ids rise by one, newest last.
CREATE TABLE quarantine (
    id       INTEGER NOT NULL PRIMARY KEY,
    district TEXT    NOT NULL,
    document BLOB    NOT NULL,
    hash     BLOB    NOT NULL,
    device   BLOB    NOT NULL,
    worker   INTEGER NOT NULL,
    code     TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    bytes    BLOB    NOT NULL,
    at       INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX quarantine_once ON quarantine (document, hash);
CREATE INDEX quarantine_listed ON quarantine (district, id);

CREATE TABLE people (
    worker   INTEGER NOT NULL PRIMARY KEY,
    district TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    unit     TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    ended    INTEGER
) STRICT;

CREATE INDEX people_of_district ON people (district);

-- `prefixes` is a JSON array of hexadecimal actor prefixes beyond the device's id.
CREATE TABLE devices (
    device   BLOB    NOT NULL PRIMARY KEY,
    district TEXT    NOT NULL,
    worker   INTEGER NOT NULL,
    prefixes TEXT    NOT NULL,
    key      BLOB    NOT NULL,
    counter  INTEGER NOT NULL,
    enrolled INTEGER NOT NULL,
    seen     INTEGER,
    revoked  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX devices_of_district ON devices (district);

-- One-time codes, by their SHA-256.
CREATE TABLE enrolments (
    code    BLOB    NOT NULL PRIMARY KEY,
    worker  INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
