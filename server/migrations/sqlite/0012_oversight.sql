-- Supervision. Columns computed from `body`, so that no commit writes them and none can be forgotten; the indexes hold
-- their values. `w_` stands for watched. Times are milliseconds, to the second.
ALTER TABLE documents ADD COLUMN w_open INTEGER AS (CASE WHEN kind = 'case' AND json_extract(body, '$.step') IS NOT NULL
    AND json_extract(body, '$.step') NOT IN ('archived', 'withdrawn')
    AND json_extract(body, '$.audience.compartment') IS NULL THEN 1 END) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_compartment TEXT AS (json_extract(body, '$.audience.compartment')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_category TEXT AS (json_extract(body, '$.category')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_place TEXT AS (json_extract(body, '$.place')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_household TEXT AS (json_extract(body, '$.household')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_subject TEXT AS (json_extract(body, '$.concerned[0]')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_step TEXT AS (json_extract(body, '$.step')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_concerned TEXT AS (json_extract(body, '$.concerned')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_urged INTEGER AS (ifnull(json_extract(body, '$.life.urged'), 0)) VIRTUAL;
-- Whom a case counts for: who handled it, or has it.
ALTER TABLE documents ADD COLUMN w_unit TEXT AS (coalesce(json_extract(body, '$.life.handlers[0]'), unit)) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_registered INTEGER AS (CASE WHEN kind = 'case' THEN json_extract(body, '$.registered') END) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_claimed INTEGER AS (1000 * CAST(strftime('%s', json_extract(body, '$.life.claimed_at')) AS INTEGER)) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_closed INTEGER AS (1000 * CAST(strftime('%s', json_extract(body, '$.life.closed.at')) AS INTEGER)) VIRTUAL;

-- What the board counts and the ledger lists: open cases outside compartments.
CREATE INDEX documents_watched ON documents
    (district, unit, w_category, due, w_step, conflicts, w_concerned, w_urged, w_unit, w_claimed, document)
    WHERE w_open = 1;
CREATE INDEX documents_closed ON documents (district, w_closed, document) WHERE w_closed IS NOT NULL;
CREATE INDEX documents_registered ON documents (district, w_registered, document) WHERE w_registered IS NOT NULL;
CREATE INDEX checkouts_live ON checkouts (document, until) WHERE ended IS NULL;
-- A photo that proves two cases.
CREATE INDEX arrivals_of_hash ON arrivals (hash, document);

-- Acts of a district that belong to no document: draws, accounts, lists, interviews. Gapless from 1 in each district;
-- `body` is JSON. `topic` is what the acts of one matter have in common.
CREATE TABLE acts (
    district TEXT    NOT NULL,
    n        INTEGER NOT NULL,
    kind     TEXT    NOT NULL,
    topic    TEXT    NOT NULL,
    worker   INTEGER NOT NULL,
    unit     TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL,
    PRIMARY KEY (district, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX acts_by_kind ON acts (district, kind, n);
CREATE INDEX acts_by_topic ON acts (district, kind, topic, n);
