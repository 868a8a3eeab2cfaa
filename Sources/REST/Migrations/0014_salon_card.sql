-- What a salon says of itself beside its name and where it is.
ALTER TABLE salons
    ADD COLUMN legal_name text,
    ADD COLUMN city text,
    ADD COLUMN description text,
    ADD COLUMN opening_date date;
