-- Numbers for the slots that desks hold while they book: of two holds the later one has the higher number, whatever becomes of
-- the Redis that they live in.
CREATE SEQUENCE slot_fences AS bigint;
