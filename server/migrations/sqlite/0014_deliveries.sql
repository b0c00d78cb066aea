-- What was told to addresses outside, or is to be: once for each of them and each decision, whatever happens to the server.
CREATE TABLE deliveries (
    id       INTEGER PRIMARY KEY,
    hook     TEXT    NOT NULL,
    district TEXT    NOT NULL,
    document BLOB    NOT NULL,
    n        INTEGER NOT NULL,
    event    TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    state    TEXT    NOT NULL,
    tries    INTEGER NOT NULL,
    due      INTEGER NOT NULL,
    said     TEXT    NOT NULL,
    UNIQUE (hook, document, n)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due) WHERE state IN ('waiting', 'trying');
CREATE INDEX deliveries_told ON deliveries (district, id);
CREATE INDEX deliveries_of ON deliveries (document);
