-- Files that have arrived whole. The bytes are beside the database, by district, document and hash; a row here
-- says that they were verified and synced before it was written.
CREATE TABLE arrivals (
    document BLOB    NOT NULL REFERENCES documents (document),
    hash     BLOB    NOT NULL,
    size     INTEGER NOT NULL,
    media    TEXT    NOT NULL,
    device   BLOB    NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (document, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX arrivals_of_device ON arrivals (device, at);
