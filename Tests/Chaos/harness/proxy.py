"""A TCP proxy between the clients and a node, whose lines can be cut and stalled."""

import asyncio
import contextlib
import random

CHUNK = 65_536


class Line:
    """One connection through the proxy, in both directions."""

    def __init__(self) -> None:
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.transports: list[asyncio.WriteTransport] = []
        self.is_cut = False

    def cut(self) -> None:
        """Ends it in the middle of whatever comes next; at once if nothing comes."""
        self.is_cut = True
        self.is_open.set()
        asyncio.get_running_loop().call_later(0.1, self.abort)

    def abort(self) -> None:
        for transport in self.transports:
            transport.abort()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries bytes until one end has had enough. While the line is stalled nothing is read, so the sender notices too."""
        while data := await reader.read(CHUNK):
            await self.is_open.wait()
            if self.is_cut:
                writer.write(data[: len(data) // 2])
                await asyncio.sleep(0)
                self.abort()
                return
            writer.write(data)
            await writer.drain()
            await self.is_open.wait()
        if writer.can_write_eof():
            writer.write_eof()


class Proxy:
    """Listens on `port` and connects to the node's."""

    def __init__(self, port: int, node_port: int) -> None:
        self.port, self.node_port = port, node_port
        self.lines: set[Line] = set()
        self.server: asyncio.Server | None = None

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
        for line in list(self.lines):
            line.abort()

    def some(self, dice: random.Random, part: float) -> list[Line]:
        """That part of the lines, at least one if there is one."""
        lines = sorted(self.lines, key=id)
        return dice.sample(lines, min(len(lines), max(1, round(part * len(lines)))))

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        line = Line()
        line.transports.append(writer.transport)
        self.lines.add(line)
        try:
            node_reader, node_writer = await asyncio.open_connection("127.0.0.1", self.node_port)
            line.transports.append(node_writer.transport)
            async with asyncio.TaskGroup() as group:
                group.create_task(line.pump(reader, node_writer))
                group.create_task(line.pump(node_reader, writer))
        except* (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            # What is on its way to a client that only closed its half still gets there.
            for end in line.transports:
                with contextlib.suppress(OSError):
                    end.close()
            self.lines.discard(line)
