-- Files that belong to documents, in parts of at most 256 KiB, so that one is sent and read part by part and goes
-- with its document in one transaction. `settled`: the centre's epoch in which it had the file or refused it.
CREATE TABLE blobs (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    document BLOB NOT NULL,
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    media TEXT NOT NULL,
    settled INTEGER,
    refused TEXT,
    UNIQUE (document, hash)
) STRICT;

CREATE TABLE blob_parts (
    document BLOB NOT NULL,
    hash BLOB NOT NULL,
    part INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document, hash, part)
) STRICT;
