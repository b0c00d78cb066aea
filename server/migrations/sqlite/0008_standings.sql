-- Where a case stands from one decision to the next: what figures count, as of any cut-off, without opening a case.
-- `since` is the decision's nominal time; `until` is the time from which a later decision holds, the largest number while
-- none does. Codes, counts and times only. A case that is not decided yet has a row of number 0.
-- A field in dispute holds every value in question, with a unit separator (0x1f) in between.
CREATE TABLE standings (
    document     BLOB    NOT NULL,
    epoch        INTEGER NOT NULL,
    n            INTEGER NOT NULL,
    district     TEXT    NOT NULL,
    registered   INTEGER NOT NULL,
    since        INTEGER NOT NULL,
    until        INTEGER NOT NULL,
    policy       TEXT    NOT NULL,
    -- Bits: assigned, taken on, claimed, verified, reopened, redone.
    marks        INTEGER NOT NULL,
    due          INTEGER NOT NULL,
    how          TEXT,
    satisfaction TEXT,
    unit         TEXT,
    tier         TEXT,
    step         TEXT,
    category     TEXT,
    place        TEXT,
    severity     TEXT,
    urgency      TEXT,
    channel      TEXT,
    -- Units that may see it, each between separators, where it lies in a compartment.
    confined_to  TEXT,
    PRIMARY KEY (document, epoch, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX standings_then ON standings (district, until, since);
