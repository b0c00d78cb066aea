-- Copies of devices' stores by the actor prefix that each uses, with their sessions. `marks` is the concatenation of
-- eight bytes each, the last session's first; empty where the device does not say them.
CREATE TABLE copies (
    prefix  BLOB    NOT NULL PRIMARY KEY,
    counter INTEGER NOT NULL,
    marks   BLOB    NOT NULL,
    walks   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO copies (prefix, counter, marks, walks)
SELECT device, counter, x'', EXISTS (
    SELECT 1 FROM settings WHERE key = 'walk/' || lower(hex(device)) AND value = 'yes'
) FROM devices WHERE counter > 0;

INSERT OR REPLACE INTO copies (prefix, counter, marks, walks)
SELECT unhex(substr(s.key, 10)), CAST(s.value AS INTEGER), x'', EXISTS (
    SELECT 1 FROM settings WHERE key = 'walk/' || substr(s.key, 10) AND value = 'yes'
) FROM settings AS s WHERE s.key LIKE 'sessions/%';

DELETE FROM settings WHERE key LIKE 'sessions/%' OR key LIKE 'walk/%';
ALTER TABLE devices DROP COLUMN counter;

-- What a commit told devices, for the rolling hash; zeros where nothing was, and in rows of before.
ALTER TABLE feed ADD COLUMN content BLOB NOT NULL DEFAULT x'0000000000000000';
