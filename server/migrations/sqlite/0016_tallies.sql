-- Rates of a month without its rows: what is counted stands in one index. At a million cases a month has twenty thousand.

ALTER TABLE documents ADD COLUMN w_how TEXT AS (json_extract(body, '$.life.closed.how')) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_verified INTEGER AS (json_extract(body, '$.life.verified_at') IS NOT NULL) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_redo INTEGER AS (ifnull(json_extract(body, '$.life.redo'), 0)) VIRTUAL;
ALTER TABLE documents ADD COLUMN w_answer TEXT AS (json_extract(body, '$.life.satisfaction')) VIRTUAL;

CREATE INDEX documents_tallied ON documents
    (district, w_registered, w_unit, w_claimed, w_verified, w_closed, w_how, w_redo, w_answer, due, w_compartment)
    WHERE w_registered IS NOT NULL;

-- Closed in a period: how, and of which compartment, stands beside the time.
DROP INDEX documents_closed;
CREATE INDEX documents_closed ON documents (district, w_closed, w_compartment, w_how, document) WHERE w_closed IS NOT NULL;

-- Standing claims by when they were made; the board's walk does without them.
CREATE INDEX documents_claimed ON documents (district, w_claimed, w_unit, document)
    WHERE w_open = 1 AND w_claimed IS NOT NULL;
DROP INDEX documents_watched;
CREATE INDEX documents_watched ON documents
    (district, unit, w_category, due, w_step, conflicts, w_concerned, w_urged, document, conflict_since)
    WHERE w_open = 1;
