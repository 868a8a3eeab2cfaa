"""How JSON that PostgreSQL has made of rows goes out."""

import orjson
from fastapi import Response

from .settings import HANDS_ON


def rows(text: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """As it is; or, as SQLAlchemy and FastAPI have it, made objects of and encoded again."""
    return Response(text if HANDS_ON else orjson.dumps(orjson.loads(text)), status, headers=headers, media_type="application/json")
