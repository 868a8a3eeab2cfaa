"""python-socketio as an ASGI application on uvicorn, with its Redis manager: what is published reaches every socket."""

import os

import socketio

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"], channel="socketio-bench"),
    transports=["websocket"],
    http_compression=False,
)
app = socketio.ASGIApp(server)
