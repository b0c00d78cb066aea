-- The order of a first sync: urgent first, then what is due first, then what is not due at all.
CREATE INDEX documents_first ON documents (district, -urgent, ifnull(due, 9223372036854775807), document);
