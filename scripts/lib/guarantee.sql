-- What is promised of changes and their events, counted on the database itself: every line has to be 0.
--
--     psql -X "$DATABASE_URL" -f scripts/lib/guarantee.sql
--
-- For a database none of whose events retention has taken away yet, and whose writers put their Idempotency-Key into the notes of
-- the visit that they book with it. What `adelante demo` made has no audit entries and is left out where these are counted.

WITH topic_ends AS (
    SELECT topic, min(seq) AS first, max(seq) AS last, count(*) AS events FROM events GROUP BY topic
), reported AS (
    -- An event of a row: whose salon, which row, what happened.
    SELECT split_part(topic, '/', 2)::bigint AS salon_id, split_part(type, ':', 1) AS kind, split_part(type, ':', 2) AS action,
           (data ->> 'id')::bigint AS id
    FROM events
    WHERE topic LIKE 'salon/%' AND split_part(type, ':', 1) IN ('appointment', 'client', 'staff', 'service')
      AND split_part(type, ':', 2) IN ('created', 'updated', 'deleted')
), visits AS (
    -- Each change of a visit, its deletion and its return too, moves its version on by one.
    SELECT salon_id, coalesce(a.id, r.id) AS id, coalesce(a.version, 0) AS changes, coalesce(r.events, 0) AS events
    FROM appointments a
    FULL JOIN (
        SELECT salon_id, id, count(*) AS events FROM reported WHERE kind = 'appointment' GROUP BY salon_id, id
    ) AS r USING (salon_id, id)
), reports AS (
    SELECT salon_id, CASE kind WHEN 'appointment' THEN 'record' WHEN 'staff' THEN 'employee' ELSE kind END AS entity, action, id, count(*) AS events
    FROM reported GROUP BY salon_id, kind, action, id
), entries AS (
    SELECT salon_id, entity, action, entity_id AS id, count(*) AS entries FROM audit_log
    WHERE entity IN ('record', 'client', 'employee', 'service') GROUP BY salon_id, entity, action, entity_id
), audit AS (
    -- A client's figures change with its visits. That is told and not audited: nobody has edited the client.
    SELECT coalesce(r.events, 0) AS events, coalesce(e.entries, 0) AS entries, (entity, action) = ('client', 'updated') AS is_figures
    FROM reports r
    FULL JOIN entries e USING (salon_id, entity, action, id)
    JOIN salons s ON s.id = salon_id AND NOT s.demo
), kept AS (
    SELECT user_id, path, key, (convert_from(body, 'UTF8')::jsonb ->> 'id')::bigint AS id
    FROM idempotency_keys WHERE method = 'POST' AND path = '/appointments'
)
SELECT 'changes without an event' AS what, coalesce(sum(greatest(changes - events, 0)), 0)::bigint AS count FROM visits
UNION ALL
SELECT 'events without a change', coalesce(sum(greatest(events - changes, 0)), 0)::bigint FROM visits
UNION ALL
SELECT 'events without an audit entry', coalesce(sum(greatest(events - entries, 0)), 0)::bigint FROM audit WHERE NOT is_figures
UNION ALL
SELECT 'audit entries without an event', coalesce(sum(greatest(entries - events, 0)), 0)::bigint FROM audit
UNION ALL
SELECT 'notifications without an event', count(*) FROM notifications n
JOIN salons s ON s.id = n.salon_id AND NOT s.demo
WHERE NOT EXISTS (
    SELECT 1 FROM events e
    WHERE e.topic = 'user/' || n.user_id || '/notifications' AND e.type = 'notification:new' AND e.data ->> 'id' = n.id::text
)
UNION ALL
SELECT 'holes in seq', coalesce(sum(last - first + 1 - events) + sum(first - 1), 0)::bigint FROM topic_ends
UNION ALL
SELECT 'heads that differ from the last event', count(*) FROM topic_heads h
LEFT JOIN topic_ends t USING (topic) WHERE h.seq <> coalesce(t.last, 0)
UNION ALL
SELECT 'keys that took effect twice', count(*) FROM (
    SELECT 1 FROM kept k JOIN appointments a ON a.created_by = k.user_id AND a.notes = k.key
    GROUP BY k.user_id, k.key HAVING count(*) > 1
) AS twice
UNION ALL
SELECT 'kept answers without their change', count(*) FROM kept k
WHERE NOT EXISTS (SELECT 1 FROM appointments a WHERE a.id = k.id);
