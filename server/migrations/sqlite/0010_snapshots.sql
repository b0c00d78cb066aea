-- Snapshots: caches of what the changes of a document come to, written when that was proven to load again. Any row may
-- be deleted at any time. `position`: the first change that is not in it; `seq`: the feed's sequence that it reaches.
CREATE TABLE snapshots (
    document BLOB    NOT NULL PRIMARY KEY REFERENCES documents (document),
    position INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    digest   BLOB    NOT NULL,
    bytes    BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
