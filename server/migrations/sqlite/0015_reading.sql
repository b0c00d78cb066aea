-- Reading many cases at once from few pages: narrow indexes that answer by themselves.

-- When a found document is due and when it changed, without its row: the order of a list.
CREATE INDEX listed_times ON listed (n, due, updated);

-- What is not filed yet. Every document has its row now, so that nobody looks through all of them at each start.
INSERT INTO listed (document, district, updated, tags, keys)
    SELECT document, district, updated, x'', x'' FROM documents
    WHERE kind <> 'erased' AND document NOT IN (SELECT document FROM listed) ORDER BY document;
CREATE INDEX listed_unfiled ON listed (document) WHERE gist IS NULL;

-- Whether a case is in a group, under which lead.
ALTER TABLE documents ADD COLUMN w_lead TEXT AS (json_extract(body, '$.life.lead')) VIRTUAL;

-- The board in one walk: since when values differ stands beside the rest.
DROP INDEX documents_watched;
CREATE INDEX documents_watched ON documents
    (district, unit, w_category, due, w_step, conflicts, w_concerned, w_urged, w_unit, w_claimed, document, conflict_since)
    WHERE w_open = 1;

-- Clusters: open cases in no group, by place and category.
CREATE INDEX documents_clustered ON documents (district, w_place, w_category, w_registered, document)
    WHERE w_open = 1 AND w_closed IS NULL AND w_lead IS NULL AND w_place IS NOT NULL AND w_category IS NOT NULL;

-- Repeats: what is registered, the latest first, and what was closed before it about the same.
DROP INDEX documents_registered;
CREATE INDEX documents_registered ON documents
    (district, w_registered, document, w_compartment, w_household, w_subject, w_place, w_category)
    WHERE w_registered IS NOT NULL;
CREATE INDEX documents_closed_household ON documents
    (district, w_household, w_closed, document, w_subject, w_place, w_category)
    WHERE w_household IS NOT NULL AND w_closed IS NOT NULL AND w_compartment IS NULL AND kind = 'case';
CREATE INDEX documents_closed_subject ON documents
    (district, w_subject, w_category, w_closed, document, w_household, w_place)
    WHERE w_subject IS NOT NULL AND w_closed IS NOT NULL AND w_compartment IS NULL AND kind = 'case';
CREATE INDEX documents_closed_place ON documents
    (district, w_place, w_category, w_closed, document, w_household, w_subject)
    WHERE w_place IS NOT NULL AND w_closed IS NOT NULL AND w_compartment IS NULL AND kind = 'case';

-- A photo that proves two cases: those that came lately first.
CREATE INDEX arrivals_at ON arrivals (at, hash, document);

-- Deliveries that have arrived, the oldest first: they are forgotten after a while.
CREATE INDEX deliveries_delivered ON deliveries (at, id) WHERE state = 'delivered';
