-- Operations are hidden and never deleted: a register holds what they have done to it, and their triggers see writes alone.
CREATE FUNCTION operations_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'operations are not deleted: set deleted_at, so that their registers move back' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER operations_kept BEFORE DELETE ON operations FOR EACH STATEMENT EXECUTE FUNCTION operations_kept();
