"""The pool. asyncpg keeps each connection's statements prepared."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from .settings import DATABASE_URL, POOL_SIZE

engine = create_async_engine(
    DATABASE_URL,
    pool_size=POOL_SIZE,
    max_overflow=0,
    pool_use_lifo=True,
    json_serializer=lambda value: orjson.dumps(value).decode(),
    json_deserializer=orjson.loads,
)
# One statement each: no BEGIN and ROLLBACK around it.
reads = engine.execution_options(isolation_level="AUTOCOMMIT")


async def reader() -> AsyncIterator[AsyncConnection]:
    async with reads.connect() as connection:
        yield connection


Reader = Annotated[AsyncConnection, Depends(reader)]
