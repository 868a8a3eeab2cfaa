"""The stack of the original specification: FastAPI on uvicorn[standard], fed by redis-py.

One reader of Redis's channel for the process and a connection manager, as FastAPI's own guide has it. A message goes to one
socket after the other; a task for each would cost more.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator

import redis.asyncio as redis
from fastapi import FastAPI, WebSocket, WebSocketDisconnect


class ConnectionManager:
    """The sockets of this process."""

    def __init__(self) -> None:
        self.sockets: set[WebSocket] = set()

    async def broadcast(self, text: str) -> None:
        for socket in list(self.sockets):
            try:
                await socket.send_text(text)
            except (RuntimeError, WebSocketDisconnect):
                self.sockets.discard(socket)


manager = ConnectionManager()


async def forward() -> None:
    """Every message of the channel, to every socket."""
    client = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    async with client.pubsub(ignore_subscribe_messages=True) as channel:
        await channel.subscribe("bench")
        async for message in channel.listen():
            await manager.broadcast(message["data"])


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    task = asyncio.create_task(forward())
    yield
    task.cancel()


app = FastAPI(lifespan=lifespan)


@app.websocket("/ws")
async def serve(socket: WebSocket) -> None:
    await socket.accept()
    manager.sockets.add(socket)
    try:
        while True:
            await socket.receive_text()
    except WebSocketDisconnect:
        pass
    finally:
        manager.sockets.discard(socket)
