-- What is told to addresses outside, and what came of it: one row for each of them and each decision, written before
-- anything is sent. Never what was said. Rows are found by their address and decision, so that none is made twice.
CREATE TABLE deliveries (
    id       INTEGER NOT NULL PRIMARY KEY,
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
    UNIQUE (document, hook, n)
) STRICT;

CREATE INDEX deliveries_due ON deliveries (due) WHERE state IN ('waiting', 'trying');
CREATE INDEX deliveries_told ON deliveries (district, id);
CREATE INDEX deliveries_standing ON deliveries (district, state);
