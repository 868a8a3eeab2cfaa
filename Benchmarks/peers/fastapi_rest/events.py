"""What a change leaves behind: audit entry, events in the same transaction, and a word to Redis once it is committed."""

from dataclasses import dataclass, field
from typing import Any

import orjson
import redis.asyncio as redis
from sqlalchemy import ARRAY, Text, bindparam, text
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
RECORD = text("""
    SELECT topic, seq, epoch, type, data::text AS data, created_at, (data ->> 'version')::int8 AS version
    FROM record_events(:topics, :types, CAST(:payloads AS jsonb[]))
""").bindparams(
    bindparam("topics", type_=ARRAY(Text)), bindparam("types", type_=ARRAY(Text)), bindparam("payloads", type_=ARRAY(Text))
)


@dataclass(slots=True)
class Outbox:
    """The events of one transaction."""

    connection: AsyncConnection
    events: list[tuple[str, str, str]] = field(default_factory=list)
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
        self.recorded = (await self.connection.execute(RECORD, {"topics": topics, "types": kinds, "payloads": payloads})).all()

    async def publish(self) -> None:
        """To be called after the commit."""
        async with broker.pipeline(transaction=False) as pipeline:
            for event in self.recorded:
                version = "-" if event.version is None else event.version
                at = int(event.created_at.timestamp() * 1_000_000)
                head = f"1 {event.epoch} {event.seq} {version} {at} {event.type}\n"
                pipeline.publish(prefix + event.topic, head + event.data)
            await pipeline.execute()
