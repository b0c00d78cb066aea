-- What a command said: its number given to another one is found out. Nothing is known of those before.

ALTER TABLE commands ADD COLUMN said BLOB;
