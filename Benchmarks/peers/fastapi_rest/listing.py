"""Lists: the rows' JSON, how many match in all, and where their topic stands, in one statement."""

from typing import Annotated, Any

from fastapi import Depends, Query, Response
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from . import answers


class Page:
    """Which part of a list is wanted; without any parameter all of it."""

    def __init__(
        self,
        page: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
        per_page: Annotated[int | None, Query(alias="perPage", ge=1, le=1000)] = None,
        limit: Annotated[int | None, Query(ge=1, le=1000)] = None,
    ) -> None:
        self.limit = per_page or limit or (50 if page else None)
        self.offset = ((page or 1) - 1) * (self.limit or 0)

    @property
    def clause(self) -> str:
        return "" if self.limit is None else "LIMIT :limit OFFSET :offset"

    @property
    def values(self) -> dict[str, Any]:
        return {} if self.limit is None else {"limit": self.limit, "offset": self.offset}


Paged = Annotated[Page, Depends()]

_statements: dict[tuple[str, str, str, str, str], TextClause] = {}


def json_text(members: dict[str, str]) -> str:
    """An expression for the text of a JSON object, without the members that are null."""
    parts = [f"'\"{name}\":' || to_json({value})" for name, value in members.items()]
    return "'{' || concat_ws(',', " + ", ".join(parts) + ") || '}'"


def statement(matching: str, source: str, condition: str, projection: str, page: str) -> TextClause:
    """Made once of the same parts: SQLAlchemy keeps what it has compiled."""
    key = (matching, source, condition, projection, page)
    if key not in _statements:
        _statements[key] = text(f"""
            WITH matching AS ({matching}), page AS (SELECT id, place FROM matching ORDER BY place {page})
            SELECT coalesce((SELECT '[' || string_agg({projection}, ',' ORDER BY page.place) || ']'
                             FROM page JOIN {source} USING (id) WHERE {condition}), '[]') AS items,
                   (SELECT count(*) FROM matching) AS total, h.seq, h.epoch
            FROM topic_heads h WHERE h.topic = :topic
        """)
    return _statements[key]


async def answer(connection: AsyncConnection, query: TextClause, values: dict[str, Any]) -> Response:
    row = (await connection.execute(query, values)).one()
    headers = {"X-Total-Count": str(row.total), "X-Topic-Seq": str(row.seq), "X-Topic-Epoch": row.epoch}
    return answers.rows(row.items, headers=headers)
