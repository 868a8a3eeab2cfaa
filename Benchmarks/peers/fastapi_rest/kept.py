"""Answers that were worked out of many rows of a salon, kept for a second and until something happens, as adelante's `KeptAnswers` does it.

Each worker has its own, and no bound but their number.
"""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

MAXIMUM_AGE = 1  # second
MOST = 1000
TOPICS = ("appointments", "clients", "finances", "services", "settings", "staff")

# By statement and values: where the salon stood, the answer as it goes out, and when it was asked for.
answers: dict[tuple[Any, ...], tuple[str, bytes, float]] = {}


def statement(query: str) -> TextClause:
    """Asks where the salon stands, and for the answer only if that is not where it stood."""
    return text(f"""
        WITH standing AS MATERIALIZED (
            SELECT concat_ws(' ', (now() AT TIME ZONE s.timezone)::date, (
                SELECT string_agg(h.epoch || ' ' || h.seq, ' ' ORDER BY h.topic) FROM topic_heads h
                WHERE h.topic = ANY(:topics))) AS place
            FROM salons s WHERE s.id = :salon
        )
        SELECT nullif(place, CAST(:mark AS text)) AS mark,
               CASE WHEN place IS DISTINCT FROM CAST(:mark AS text) THEN ({query}) END::text AS body
        FROM standing
    """)


async def body(connection: AsyncConnection, query: TextClause, values: dict[str, Any], encode: Callable[[str], bytes]) -> bytes:
    key = (query, *values.values())
    now = time.monotonic()
    known = answers.get(key)
    if known and now - known[2] >= MAXIMUM_AGE:
        known = None
    topics = [f"salon/{values['salon']}/{name}" for name in TOPICS]
    row = (await connection.execute(query, {**values, "topics": topics, "mark": known and known[0]})).one()
    if known and row.mark is None:
        return known[1]
    if len(answers) >= MOST:
        answers.clear()
    answer = encode(row.body)
    answers[key] = (row.mark, answer, now)
    return answer
