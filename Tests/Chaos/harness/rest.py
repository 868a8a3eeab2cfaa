"""HTTP/1.1 over one kept connection: what the writers speak."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .websocket import connect

SECONDS = 6.0


class NoAnswer(Exception):
    """It is not known what became of the request."""


@dataclass(frozen=True)
class Answer:
    """A whole answer; `body` is the JSON, or nothing."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str:
        """The machine-readable code of an error."""
        return self.body.get("code", "") if isinstance(self.body, dict) else ""


class Line:
    """A connection to one port, opened anew whenever it broke."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, seconds: float = SECONDS
    ) -> Answer:
        """The answer, or NoAnswer if none came whole and in time."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", f"Content-Length: {len(content)}"]
        if content:
            lines.append("Content-Type: application/json")
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        request = "\r\n".join([*lines, "", ""]).encode() + content
        try:
            async with asyncio.timeout(seconds):
                if self.streams is None:
                    self.streams = await connect(self.port, small=False)
                self.streams[1].write(request)
                return await self._answer(self.streams[0])
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError) as error:
            self.hang_up()
            raise NoAnswer(f"{method} {path.split('?')[0]}: {type(error).__name__}") from error
        except BaseException:
            self.hang_up()
            raise

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        status = int(head[0].split(" ", 2)[1])
        fields = (line.split(":", 1) for line in head[1:] if ":" in line)
        headers = {name.lower(): value.strip() for name, value in fields}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            content = b""
            while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
                content += (await reader.readexactly(size + 2))[:-2]
            await reader.readuntil(b"\r\n")
        else:
            content = await reader.readexactly(int(headers.get("content-length", "0")))
        if headers.get("connection", "").lower() == "close":
            self.hang_up()
        return Answer(status, headers, json.loads(content) if content else None)

    def hang_up(self) -> None:
        """Ends the connection."""
        if self.streams is not None:
            self.streams[1].transport.abort()
            self.streams = None


class Lines:
    """One kept connection to each port that a client uses."""

    def __init__(self) -> None:
        self.by_port: dict[int, Line] = {}

    def to(self, port: int) -> Line:
        """The connection to a port."""
        return self.by_port.setdefault(port, Line(port))
