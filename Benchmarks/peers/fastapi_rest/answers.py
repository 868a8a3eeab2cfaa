"""How JSON that PostgreSQL has made of rows goes out."""

import orjson
from fastapi import Response

from .settings import HANDS_ON


def encoded(text: str) -> bytes:
    """As it is; or, as SQLAlchemy and FastAPI have it, made objects of and encoded again."""
    return text.encode() if HANDS_ON else orjson.dumps(orjson.loads(text))


def json(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers=headers, media_type="application/json")


def rows(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return json(encoded(text), status, headers)
