-- How documents are found. `listed` says what a document is filed under and what its words are made of; `found` is the
-- index of tags and words over it, by the same number, and holds no text.
CREATE TABLE listed (
    -- In the order in which documents came in.
    n        INTEGER NOT NULL PRIMARY KEY,
    document BLOB    NOT NULL UNIQUE REFERENCES documents (document),
    district TEXT    NOT NULL,
    -- Of the next step; NULL where nobody has to do anything.
    due      INTEGER,
    updated  INTEGER NOT NULL,
    -- Eight bytes each, in order.
    tags     BLOB    NOT NULL,
    -- Keys of personal values, eight bytes each, in order.
    keys     BLOB    NOT NULL,
    -- JSON; NULL for a document from before this table, until somebody has read it.
    gist     TEXT
) STRICT;

CREATE INDEX listed_due ON listed (district, due, n) WHERE due IS NOT NULL;
CREATE INDEX listed_updated ON listed (district, updated, n);

CREATE VIRTUAL TABLE found USING fts5 (
    words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii'
);

-- Filters of lists that people keep, as queries of an address.
CREATE TABLE saved_filters (
    worker INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    query  TEXT    NOT NULL,
    PRIMARY KEY (worker, name)
) STRICT, WITHOUT ROWID;

-- Who looked at which masked field, and why. Never what they saw.
CREATE TABLE reveals (
    n        INTEGER NOT NULL PRIMARY KEY,
    document BLOB    NOT NULL,
    at       INTEGER NOT NULL,
    worker   INTEGER NOT NULL,
    field    TEXT    NOT NULL,
    reason   TEXT    NOT NULL
) STRICT;

CREATE INDEX reveals_of_document ON reveals (document, at);
