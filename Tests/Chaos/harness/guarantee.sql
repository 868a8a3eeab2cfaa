-- What must hold between the tables beside what scripts/lib/guarantee.sql counts: things that are true of this harness's writers alone,
-- and what clients read out of an event. Each row that comes back is one difference.

-- A topic's events are in the order of their times.
SELECT 'topic ' || topic || ': event ' || seq || ' is older than the one before it'
FROM (SELECT topic, seq, created_at, lag(created_at) OVER (PARTITION BY topic ORDER BY seq) AS before FROM events) AS e
WHERE created_at < before

UNION ALL
-- A client: one row, one event.
SELECT 'client ' || coalesce(c.id, (e.data ->> 'id')::int8) || ': row and event do not match'
FROM clients c FULL JOIN (SELECT * FROM events WHERE type = 'client:created') AS e ON (e.data ->> 'id')::int8 = c.id
WHERE c.id IS NULL OR e.seq IS NULL

UNION ALL
-- The event of a notification is of one that is there.
SELECT 'event ' || e.seq || ' of ' || e.topic || ' is of a notification that is not there'
FROM events e
WHERE e.type = 'notification:new' AND NOT EXISTS (
    SELECT 1 FROM notifications n
    WHERE n.id = (e.data ->> 'id')::int8 AND e.topic = 'user/' || n.user_id || '/notifications')

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
WHERE told <> unread;
