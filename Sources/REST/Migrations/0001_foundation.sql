-- What every other table stands on: how text compares, which installation this is, and the event log.

CREATE EXTENSION IF NOT EXISTS btree_gist;  -- equality of bigint inside the exclusion constraint of a booking
CREATE EXTENSION IF NOT EXISTS pg_trgm;     -- search by part of a name or phone

-- Ukrainian order and case folding, whatever the database's default locale is.
CREATE COLLATION ukrainian (provider = icu, locale = 'uk-UA');

-- What search compares: lower case, one apostrophe for ' ’ ʼ ` ´ ‘, single spaces.
CREATE FUNCTION search_key(input text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN regexp_replace(lower(translate(input, '’ʼ`´‘', '''''''''''') COLLATE ukrainian), '\s+', ' ', 'g');

-- A timestamp as the API writes it: ISO 8601, UTC, milliseconds.
CREATE FUNCTION iso8601(moment timestamptz) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- One row: which database this is. Redis channels carry it, so two installations on one Redis never mix.
CREATE TABLE instance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    id       uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO instance DEFAULT VALUES;

-- The head of every topic. The epoch is made with the row and changes when history does (`adelante epoch renew`).
CREATE TABLE topic_heads (
    topic text PRIMARY KEY,
    seq   bigint NOT NULL DEFAULT 0 CHECK (seq >= 0),
    epoch text NOT NULL DEFAULT replace(gen_random_uuid()::text, '-', '')
);

-- What was committed, in order: within a topic seq has no holes, and its order is the commit order.
CREATE TABLE events (
    topic      text NOT NULL REFERENCES topic_heads (topic),
    seq        bigint NOT NULL CHECK (seq > 0),
    type       text NOT NULL,
    data       jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (topic, seq)
);
CREATE INDEX events_xid ON events (xid) INCLUDE (topic, seq);
CREATE INDEX events_created_at ON events (created_at);

-- Writes the events of a transaction: the heads are taken in topic order (no deadlock), each event gets its head's
-- next seq and a clock read under that head's lock. To be called last, so that the locks are held shortest.
CREATE FUNCTION record_events(topics text[], types text[], payloads jsonb[])
    RETURNS TABLE (topic text, seq bigint, epoch text, type text, data jsonb, created_at timestamptz)
    LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    wanted record;
    head   record;
    moment timestamptz;
BEGIN
    FOR wanted IN
        SELECT w.topic, w.type, w.payload
        FROM unnest(topics, types, payloads) WITH ORDINALITY AS w (topic, type, payload, position)
        ORDER BY w.topic COLLATE "C", w.position
    LOOP
        UPDATE topic_heads h SET seq = h.seq + 1 WHERE h.topic = wanted.topic RETURNING h.seq, h.epoch INTO head;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'topic % has no head', wanted.topic USING ERRCODE = 'foreign_key_violation';
        END IF;
        moment := clock_timestamp();
        INSERT INTO events (topic, seq, type, data, created_at)
        VALUES (wanted.topic, head.seq, wanted.type, wanted.payload, moment);
        topic := wanted.topic; seq := head.seq; epoch := head.epoch;
        type := wanted.type; data := wanted.payload; created_at := moment;
        RETURN NEXT;
    END LOOP;
END $$;
