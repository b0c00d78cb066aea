-- Every table of every layout, those that hang on others first.
DROP TABLE blob_parts;
DROP TABLE blobs;
DROP TABLE names;
DROP TABLE purged;
DROP TABLE checkouts;
DROP TABLE commands;
DROP TABLE rejected;
DROP TABLE decisions;
DROP TABLE outbox;
DROP TABLE changes;
DROP TABLE documents;
DROP TABLE meta;
