"""What a change leaves behind: audit entry, events in the same transaction, and a word to Redis once it is committed."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import redis.asyncio as redis
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from .auth import CurrentUser
from .settings import REDIS_URL

broker = redis.from_url(REDIS_URL)
prefix = "adelante:"  # with the instance's id from the start on

AUDIT = text("""
    INSERT INTO audit_log (salon_id, user_id, author, entity, entity_id, entity_name, action, details)
    VALUES (:salon, :user, :author, :entity, :id, :name, :action, CAST(:details AS jsonb))
""")
LOCK_HEADS = text("""
    SELECT seq FROM topic_heads WHERE topic = ANY(:topics) ORDER BY topic COLLATE "C" FOR NO KEY UPDATE
""").bindparams(bindparam("topics", type_=ARRAY(Text)))
COLUMNS = "r.topic, r.seq, r.epoch, r.type, r.data::text AS data, r.created_at, (r.data ->> 'version')::int8 AS version"
ARRAYS = [bindparam(name, type_=ARRAY(Text)) for name in ("topics", "types", "payloads")]
RECORD = text(f"""
    SELECT {COLUMNS} FROM record_events(:topics, :types, CAST(:payloads AS jsonb[])) AS r
""").bindparams(*ARRAYS)
# With a notification for each of these ids, as it is by now.
RECORD_NOTIFICATIONS = text(f"""
    SELECT {COLUMNS}
    FROM (
        SELECT coalesce(array_agg(e.topic ORDER BY e.part, e.place), '{{}}') AS topics,
               coalesce(array_agg(e.type ORDER BY e.part, e.place), '{{}}') AS types,
               coalesce(array_agg(e.data ORDER BY e.part, e.place), '{{}}') AS payloads
        FROM (
            SELECT 0, w.place, w.topic, w.type, w.data
            FROM unnest(:topics, :types, CAST(:payloads AS jsonb[])) WITH ORDINALITY AS w (topic, type, data, place)
            UNION ALL
            SELECT 1, n.id, 'user/' || n.user_id || '/notifications', 'notification:new', jsonb_strip_nulls(jsonb_build_object(
                'id', n.id::text, 'title', n.title, 'message', n.message, 'type', n.type, 'read', n.read, 'isRead', n.read,
                'createdAt', iso8601(n.created_at), 'link', n.link, 'url', n.link)) || jsonb_build_object('unreadCount',
                (SELECT count(*) FROM notifications u WHERE u.user_id = n.user_id AND NOT u.read))
            FROM notifications n WHERE n.id = ANY(:ids)) AS e (part, place, topic, type, data)
    ) AS made, record_events(made.topics, made.types, made.payloads) AS r
""").bindparams(*ARRAYS, bindparam("ids", type_=ARRAY(BigInteger)))


@dataclass(slots=True)
class Outbox:
    """The events of one transaction."""

    connection: AsyncConnection
    events: list[tuple[str, str, str]] = field(default_factory=list)
    notifications: list[int] = field(default_factory=list)
    recorded: list[Any] = field(default_factory=list)

    def emit(self, topic: str, kind: str, data: str) -> None:
        self.events.append((topic, kind, data))

    async def audit(self, user: CurrentUser, entity: str, id: int, name: str, action: str, details: dict[str, Any]) -> None:
        await self.connection.execute(
            AUDIT,
            {
                "salon": user.salon_id, "user": user.id, "author": user.name, "entity": entity, "id": id, "name": name,
                "action": action, "details": orjson.dumps(details).decode(),
            },  # fmt: skip
        )

    async def lock(self, topics: list[str]) -> None:
        await self.connection.execute(LOCK_HEADS, {"topics": topics})

    async def record(self) -> None:
        topics, kinds, payloads = (list(column) for column in zip(*self.events, strict=True))
        values: dict[str, Any] = {"topics": topics, "types": kinds, "payloads": payloads}
        statement = RECORD
        if self.notifications:
            statement, values["ids"] = RECORD_NOTIFICATIONS, self.notifications
        self.recorded = (await self.connection.execute(statement, values)).all()

    async def publish(self) -> None:
        """To be called after the commit."""
        async with broker.pipeline(transaction=False) as pipeline:
            for event in self.recorded:
                version = "-" if event.version is None else event.version
                at = int(event.created_at.timestamp() * 1_000_000)
                head = f"1 {event.epoch} {event.seq} {version} {at} {event.type}\n"
                pipeline.publish(prefix + event.topic, head + event.data)
            await pipeline.execute()
