-- Rounds of visits and meetings, for coverage and figures: `body` is what the document comes to, as JSON.
CREATE TABLE rounds (
    document BLOB    NOT NULL PRIMARY KEY REFERENCES documents (document),
    district TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX rounds_of_district ON rounds (district, kind, at, document);

-- Which documents name which: a meeting its cases, a case the one that leads it. It only grows.
CREATE TABLE names (
    named    BLOB NOT NULL,
    document BLOB NOT NULL REFERENCES documents (document),
    PRIMARY KEY (named, document)
) STRICT, WITHOUT ROWID;
