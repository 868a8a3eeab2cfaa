"""What PostgreSQL has at the end: the events, and what the other tables say of the same changes."""

import json
from dataclasses import dataclass, field
from typing import Any

from .digest import digest, masked
from .services import Postgres

EVENTS = """
SELECT jsonb_build_array(topic, seq, type, data, extract(epoch FROM created_at)) FROM events ORDER BY topic, seq;
"""
HEADS = "SELECT jsonb_build_array(topic, seq, epoch) FROM topic_heads ORDER BY topic;"
VISITS = """
SELECT jsonb_build_array(a.id, a.version, a.notes, a.date, to_char(a.start_time, 'HH24:MI'), a.staff_id, a.status,
                         a.deleted_at IS NOT NULL,
                         (SELECT jsonb_agg(l.action ORDER BY l.id) FROM audit_log l WHERE l.entity = 'record' AND l.entity_id = a.id))
FROM appointments a ORDER BY a.id;
"""
CLIENTS = """
SELECT jsonb_build_array(c.id, c.notes,
                         (SELECT jsonb_agg(l.action) FROM audit_log l WHERE l.entity = 'client' AND l.entity_id = c.id))
FROM clients c ORDER BY c.id;
"""


@dataclass(frozen=True)
class Event:
    """One row of `events`; `full` and `masked` are the digests of what the two sorts of roles are sent."""

    seq: int
    type: str
    data: Any
    full: int
    masked: int


@dataclass
class Truth:
    """All of it. `visits` and `clients` are rows by id, as the queries above list their columns."""

    events: dict[str, list[Event]] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    epochs: dict[str, str] = field(default_factory=dict)
    visits: dict[int, list[Any]] = field(default_factory=dict)
    clients: dict[int, list[Any]] = field(default_factory=dict)


async def heads(postgres: Postgres) -> dict[str, int]:
    """Where every topic stands."""
    return {topic: seq for topic, seq, _ in map(json.loads, await postgres.sql(HEADS))}


async def read(postgres: Postgres) -> Truth:
    """Everything; nothing may be written any more."""
    truth = Truth()
    for topic, seq, epoch in map(json.loads, await postgres.sql(HEADS)):
        truth.heads[topic], truth.epochs[topic] = seq, epoch
        truth.events[topic] = []
    for topic, seq, kind, data, _ in map(json.loads, await postgres.sql(EVENTS)):
        full, shown = digest([kind, data]), masked(kind, data)
        event = Event(seq, kind, data, full, full if shown is data else digest([kind, shown]))
        truth.events[topic].append(event)
    truth.visits = {row[0]: row for row in map(json.loads, await postgres.sql(VISITS))}
    truth.clients = {row[0]: row for row in map(json.loads, await postgres.sql(CLIENTS))}
    return truth
