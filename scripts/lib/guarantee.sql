-- What is promised of changes and their events, counted on the database itself: every line has to be 0.
--
--     psql -X "$DATABASE_URL" -f scripts/lib/guarantee.sql
--
-- For a database none of whose events retention has taken away yet, and whose writers put their Idempotency-Key into the notes of
-- the visit that they book with it. What `adelante demo` made has no audit entries and is left out where these are counted.

WITH topic_ends AS (
    SELECT topic, min(seq) AS first, max(seq) AS last, count(*) AS events FROM events GROUP BY topic
), reported AS (
    -- An event of a row: whose salon, which row, what happened. `inventory:product-created` is one of a product,
    -- `finance:operation-created` one of an operation.
    SELECT split_part(topic, '/', 2)::bigint AS salon_id, part[1] AS kind, part[2] AS action, (data ->> 'id')::bigint AS id
    FROM events, regexp_match(type, '^(?:inventory:|finance:)?([a-z]+)[:-]([a-z]+)$') AS part
    WHERE topic LIKE 'salon/%' AND part[1] IN ('appointment', 'client', 'staff', 'service', 'product', 'movement',
                                                  'operation', 'document', 'register', 'method', 'review')
      AND part[2] IN ('created', 'updated', 'deleted')
), visits AS (
    -- Each change of a visit, its deletion and its return too, moves its version on by one.
    SELECT salon_id, coalesce(a.id, r.id) AS id, coalesce(a.version, 0) AS changes, coalesce(r.events, 0) AS events
    FROM appointments a
    FULL JOIN (
        SELECT salon_id, id, count(*) AS events FROM reported WHERE kind = 'appointment' GROUP BY salon_id, id
    ) AS r USING (salon_id, id)
), reports AS (
    SELECT salon_id, CASE kind WHEN 'appointment' THEN 'record' WHEN 'staff' THEN 'employee' ELSE kind END AS entity, action, id, count(*) AS events
    FROM reported WHERE kind <> 'movement' GROUP BY salon_id, kind, action, id
), entries AS (
    SELECT salon_id, entity, action, entity_id AS id, count(*) AS entries FROM audit_log
    WHERE entity IN ('record', 'client', 'employee', 'service', 'product', 'operation', 'document', 'register', 'method',
                     'review')
    GROUP BY salon_id, entity, action, entity_id
), audit AS (
    -- A client's figures change with its visits, a register's balance with its operations. That is told and not audited: nobody has
    -- edited the client or the register.
    SELECT coalesce(r.events, 0) AS events, coalesce(e.entries, 0) AS entries,
           (entity, action) IN (('client', 'updated'), ('register', 'updated')) AS is_figures
    FROM reports r
    FULL JOIN entries e USING (salon_id, entity, action, id)
    JOIN salons s ON s.id = salon_id AND NOT s.demo
), movements AS (
    -- A movement is never changed. What it did to its product is that one's audit entry.
    SELECT coalesce(m.rows, 0) AS rows, coalesce(r.events, 0) AS events
    FROM (SELECT salon_id, id, 1 AS rows FROM stock_movements) AS m
    FULL JOIN (
        SELECT salon_id, id, count(*) AS events FROM reported WHERE kind = 'movement' GROUP BY salon_id, id
    ) AS r USING (salon_id, id)
    JOIN salons s ON s.id = salon_id AND NOT s.demo
), stock AS (
    -- Each movement's balance is that of the one before it and its own change.
    SELECT p.id, p.quantity, coalesce(m.sum, 0) AS sum, coalesce(m.last, 0) AS last, coalesce(m.broken, 0) AS broken
    FROM products p
    LEFT JOIN (
        SELECT product_id, sum(change) AS sum, (array_agg(balance ORDER BY id DESC))[1] AS last,
               count(*) FILTER (WHERE balance <> running) AS broken
        FROM (SELECT *, sum(change) OVER (PARTITION BY product_id ORDER BY id) AS running FROM stock_movements) AS ledger
        GROUP BY product_id
    ) AS m ON m.product_id = p.id
), registers AS (
    SELECT r.balance, r.opening_balance, coalesce(o.sum, 0) AS sum
    FROM cash_registers r
    LEFT JOIN (
        SELECT e.register_id, sum(e.change) AS sum
        FROM operations o, register_effects(o.type, o.status, o.deleted_at, o.amount, o.cash_register_id, o.to_register_id) AS e
        GROUP BY e.register_id
    ) AS o ON o.register_id = r.id
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
SELECT 'movements of stock without an event, or the reverse', coalesce(sum(abs(rows - events)), 0)::bigint FROM movements
UNION ALL
SELECT 'stocks that are not the sum of their movements', count(*) FROM stock WHERE quantity <> sum OR quantity <> last OR broken > 0
UNION ALL
SELECT 'registers that do not hold what their operations make', count(*) FROM registers WHERE balance <> opening_balance + sum
UNION ALL
SELECT 'paid visits without their operation', count(*) FROM appointments a
JOIN salons s ON s.id = a.salon_id AND NOT s.demo
WHERE a.status = 'completed' AND a.price > 0 AND a.deleted_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.appointment_id = a.id AND o.salon_id = a.salon_id)
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
