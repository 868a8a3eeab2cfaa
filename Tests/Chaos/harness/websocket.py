"""A WebSocket client on asyncio's streams."""

import asyncio
import base64
import hashlib
import os
import socket as sockets
import struct
from collections.abc import Mapping

from .frames import CLOSE, PING, PONG, TEXT, FrameReader, masked

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HANDSHAKE_SECONDS = 10


class Closed(Exception):
    """The server closed the socket, with this code; 1006 if the line ended without a word."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"closed with {code} {reason!r}")
        self.code, self.reason = code, reason


class Refused(Exception):
    """The upgrade was answered with another status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(f"the upgrade was answered with {status}")
        self.status = status


class Socket:
    """One connection. Pings are answered while something is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frames: FrameReader) -> None:
        self.reader, self.writer, self.frames = reader, writer, frames

    @classmethod
    async def open(
        cls, port: int, path: str, headers: Mapping[str, str], protocols: list[str], deflate: bool, small: bool
    ) -> "Socket":
        """Connects and shakes hands. `small`: with small buffers, for one that reads slowly."""
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            reader, writer = await connect(port, small)
            try:
                return await cls._upgrade(reader, writer, port, path, headers, protocols, deflate)
            except BaseException:
                writer.transport.abort()
                raise

    @classmethod
    async def _upgrade(
        cls,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        port: int,
        path: str,
        headers: Mapping[str, str],
        protocols: list[str],
        deflate: bool,
    ) -> "Socket":
        key = base64.b64encode(os.urandom(16))
        lines = [
            f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: Upgrade", "Upgrade: websocket",
            "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key.decode()}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]  # fmt: skip
        if protocols:
            lines.append(f"Sec-WebSocket-Protocol: {', '.join(protocols)}")
        if deflate:
            lines.append("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover")
        writer.write("\r\n".join([*lines, "", ""]).encode())
        head = (await read_until(reader, b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        if status != 101:
            raise Refused(status)
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        if accept not in head:
            raise Refused(status)
        return cls(reader, writer, FrameReader(deflate and "permessage-deflate" in head.lower()))

    @property
    def is_gone(self) -> bool:
        """Whether the line has ended, as far as the kernel has told."""
        return self.writer.transport.is_closing()

    def send(self, text: str) -> None:
        """Sends a text message; what the line does not take at once is kept by the transport."""
        if not self.is_gone:
            self.writer.write(masked(TEXT, text.encode()))

    async def receive(self) -> bytes:
        """The next text message."""
        while True:
            while (message := self.frames.next()) is None:
                data = await self.reader.read(65_536)
                if not data:
                    raise Closed(1006)
                self.frames.feed(data)
            opcode, payload = message
            if opcode == TEXT:
                return payload
            if opcode == PING:
                self._answer(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                self._answer(CLOSE, payload[:2])
                raise Closed(code, payload[2:].decode(errors="replace"))

    def _answer(self, opcode: int, payload: bytes) -> None:
        if not self.is_gone:
            self.writer.write(masked(opcode, payload))

    def abort(self) -> None:
        """Hangs up without a word."""
        self.writer.transport.abort()


async def connect(port: int, small: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to this machine. `small`: the kernel and we keep little of what comes."""
    line = sockets.socket()
    line.setblocking(False)
    if small:
        line.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 8_192)
    try:
        await asyncio.get_running_loop().sock_connect(line, ("127.0.0.1", port))
    except BaseException:
        line.close()
        raise
    line.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    return await asyncio.open_connection(sock=line, limit=4_096 if small else 65_536)


async def read_until(reader: asyncio.StreamReader, end: bytes) -> bytes:
    try:
        return await reader.readuntil(end)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Closed(1006) from error
