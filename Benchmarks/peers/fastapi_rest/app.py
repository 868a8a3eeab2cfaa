"""The application: what every answer has, and the shape of errors."""

import contextlib
import gc
import secrets
from collections.abc import AsyncIterator

from fastapi import FastAPI, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import appointments, clients, events, finances
from .database import engine, reads
from .settings import ORIGINS


class UsualHeaders:
    """Those of every answer; plain ASGI, as a middleware of functions costs more."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] += [
                    (b"x-request-id", secrets.token_hex(13).encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"cache-control", b"no-store"),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers)


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with reads.connect() as connection:
        events.prefix = f"adelante:{(await connection.execute(text('SELECT id::text FROM instance'))).scalar_one()}:"
    gc.collect()
    gc.freeze()  # what is there now stays: the collector need not look at it again and again
    yield
    await events.broker.aclose()
    await engine.dispose()


app = FastAPI(lifespan=lifespan, openapi_url=None)
app.include_router(appointments.router, prefix="/api/v1")
app.include_router(clients.router, prefix="/api/v1")
app.include_router(finances.router, prefix="/api/v1")
app.add_middleware(
    CORSMiddleware,
    allow_origins=ORIGINS,
    allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
    allow_headers=["Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-Request-Id", "Accept-Language"],
    expose_headers=["X-Topic-Seq", "X-Topic-Epoch", "X-Total-Count", "X-Request-Id", "Retry-After", "ETag", "Content-Disposition"],
)
app.add_middleware(UsualHeaders)


@app.get("/health")
async def health() -> Response:
    return Response('{"status":"healthy"}', media_type="application/json")


@app.exception_handler(HTTPException)
async def refused(_, error: HTTPException) -> JSONResponse:
    extra = error.detail if isinstance(error.detail, dict) else {"message": error.detail}
    return JSONResponse({"error": "Error", "detail": extra["message"], **extra}, error.status_code)


@app.exception_handler(RequestValidationError)
async def invalid(_, error: RequestValidationError) -> JSONResponse:
    fields = {str(one["loc"][-1]): one["msg"] for one in error.errors()}
    body = {"error": "Validation", "code": "VALIDATION_ERROR", "message": "Check the fields", "detail": "Check the fields"}
    return JSONResponse({**body, "fields": fields}, 422)
