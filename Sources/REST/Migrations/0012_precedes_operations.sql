-- Whether a visit was completed before there were operations: the next migration marks those. By itself, so that the table is locked
-- for no longer than this takes.
ALTER TABLE appointments ADD COLUMN precedes_operations boolean NOT NULL DEFAULT false;
