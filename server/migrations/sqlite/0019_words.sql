-- Digest of the words under which a document stands in the index: what is said there already is not written again.
ALTER TABLE listed ADD COLUMN said BLOB;
