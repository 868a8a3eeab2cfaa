-- What must hold between the tables at any moment, whatever was broken before. Each row that comes back is one difference.

-- A topic's events are 1 … head, without a hole.
SELECT 'topic ' || h.topic || ': head ' || h.seq || ', but ' || count(e.seq) || ' events up to ' || coalesce(max(e.seq), 0)
FROM topic_heads h LEFT JOIN events e ON e.topic = h.topic
GROUP BY h.topic, h.seq HAVING count(e.seq) <> h.seq OR coalesce(max(e.seq), 0) <> h.seq

UNION ALL
-- Their order is that of their times.
SELECT 'topic ' || topic || ': event ' || seq || ' is older than the one before it'
FROM (SELECT topic, seq, created_at, lag(created_at) OVER (PARTITION BY topic ORDER BY seq) AS before FROM events) AS e
WHERE created_at < before

UNION ALL
-- Every event of a visit made one version of it, and every version one event and one entry of the audit log.
SELECT 'visit ' || a.id || ': version ' || a.version || ', ' || e.count || ' events, ' || l.count || ' audit entries'
FROM appointments a
CROSS JOIN LATERAL (
    SELECT count(*) FROM audit_log WHERE salon_id = a.salon_id AND entity = 'record' AND entity_id = a.id) AS l
LEFT JOIN (
    SELECT topic, (data ->> 'id')::int8 AS id, count(*) FROM events WHERE type LIKE 'appointment:%' GROUP BY 1, 2
) AS e ON e.topic = 'salon/' || a.salon_id || '/appointments' AND e.id = a.id
WHERE (a.version, a.version) IS DISTINCT FROM (e.count, l.count)

UNION ALL
SELECT 'event ' || e.seq || ' is of visit ' || (e.data ->> 'id') || ', which is not there'
FROM events e LEFT JOIN appointments a ON a.id = (e.data ->> 'id')::int8
WHERE e.type LIKE 'appointment:%' AND a.id IS NULL

UNION ALL
-- A client: one row, one event, one entry.
SELECT 'client ' || coalesce(c.id, (e.data ->> 'id')::int8) || ': row and event do not match'
FROM clients c FULL JOIN (SELECT * FROM events WHERE type = 'client:created') AS e ON (e.data ->> 'id')::int8 = c.id
WHERE c.id IS NULL OR e.seq IS NULL

UNION ALL
SELECT 'client ' || c.id || ': ' || count(l.id) || ' audit entries'
FROM clients c LEFT JOIN audit_log l ON l.salon_id = c.salon_id AND l.entity = 'client' AND l.entity_id = c.id
GROUP BY c.id HAVING count(l.id) <> 1

UNION ALL
-- A notification: one row, one event on its reader's topic.
SELECT 'notification ' || coalesce(n.id, (e.data ->> 'id')::int8) || ': row and event do not match'
FROM notifications n
FULL JOIN (SELECT * FROM events WHERE type = 'notification:new') AS e
    ON (e.data ->> 'id')::int8 = n.id AND e.topic = 'user/' || n.user_id || '/notifications'
WHERE n.id IS NULL OR e.seq IS NULL

UNION ALL
-- It is read if one event says so, and not twice.
SELECT 'notification ' || n.id || ': read ' || n.read || ', told so ' || count(r.id) || ' times'
FROM notifications n
LEFT JOIN (
    SELECT e.topic, w.id::int8 FROM events e, jsonb_array_elements_text(e.data -> 'ids') AS w (id) WHERE e.type = 'notification:read'
) AS r ON r.id = n.id AND r.topic = 'user/' || n.user_id || '/notifications'
GROUP BY n.id, n.read HAVING count(r.id) <> n.read::int

UNION ALL
-- The count that an event carries is that of all events up to it.
SELECT 'topic ' || topic || ': event ' || seq || ' counts ' || told || ' unread of ' || unread
FROM (
    SELECT topic, seq, (data ->> 'unreadCount')::int8 AS told,
           sum(CASE type WHEN 'notification:new' THEN 1 ELSE -jsonb_array_length(data -> 'ids') END)
               OVER (PARTITION BY topic ORDER BY seq) AS unread
    FROM events WHERE topic LIKE 'user/%'
) AS e
WHERE told <> unread

UNION ALL
-- A key was answered once, by a write that is there.
SELECT 'key ' || k.key || ': answered with visit ' || (b.body ->> 'id') || ', which is not there'
FROM idempotency_keys k
CROSS JOIN LATERAL (SELECT convert_from(k.body, 'UTF8')::jsonb AS body) AS b
LEFT JOIN appointments a ON a.id = (b.body ->> 'id')::int8
WHERE k.path LIKE '%/appointments%' AND a.id IS NULL;
