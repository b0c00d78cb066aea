-- Ids and hashes are blobs; intents, facts and decisions are JSON; commands and outcomes are wire frames.
CREATE TABLE meta (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    record TEXT NOT NULL,
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO meta VALUES (1, 0, '', 0);

CREATE TABLE documents (
    document BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    title TEXT,
    due TEXT,
    settled TEXT
) STRICT;

CREATE TABLE changes (
    n INTEGER PRIMARY KEY,
    document BLOB NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (document, hash)
) STRICT;

CREATE TABLE outbox (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    document BLOB NOT NULL,
    hash BLOB NOT NULL,
    intent TEXT NOT NULL,
    base TEXT NOT NULL,
    bytes BLOB NOT NULL,
    made INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    UNIQUE (document, hash)
) STRICT;

CREATE TABLE decisions (
    document BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    n INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (document, epoch, n)
) STRICT;

CREATE TABLE rejected (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    document BLOB NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    intent TEXT NOT NULL,
    bytes BLOB NOT NULL,
    made INTEGER NOT NULL
) STRICT;

CREATE TABLE commands (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    document BLOB NOT NULL,
    frame BLOB NOT NULL,
    outcome BLOB
) STRICT;

CREATE TABLE checkouts (
    id BLOB PRIMARY KEY,
    documents TEXT NOT NULL,
    until INTEGER NOT NULL,
    announced INTEGER NOT NULL
) STRICT;

CREATE TABLE purged (document BLOB PRIMARY KEY, counter INTEGER NOT NULL) STRICT;
CREATE TABLE names (worker INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
