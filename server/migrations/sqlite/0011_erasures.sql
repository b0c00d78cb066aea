-- Documents that were erased on request: which, when, on whose word, and what goes on in their place. Nothing of what
-- they said. `reason` is the number or name of the request. The same lines are in the ledger file beside the database.
CREATE TABLE erasures (
    document  BLOB    NOT NULL PRIMARY KEY,
    district  TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    successor BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    worker    INTEGER NOT NULL,
    reason    TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Their changes, by hash: acknowledged once, and never taken again.
CREATE TABLE erased_changes (
    document BLOB NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (document, hash)
) STRICT, WITHOUT ROWID;
