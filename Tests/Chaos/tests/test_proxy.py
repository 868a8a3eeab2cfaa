"""Lines through the proxy: whole, cut in the middle, stalled and let go again."""

import asyncio
import random

import pytest

from harness.processes import free_ports
from harness.proxy import Proxy

LIMIT = 20


class Echo:
    """A node that says everything back."""

    def __init__(self):
        self.got = bytearray()

    async def serve(self, reader, writer):
        try:
            while data := await reader.read(65_536):
                self.got += data
                writer.write(data)
        except ConnectionError:
            pass
        writer.close()


def through_proxy(test):
    async def main():
        node_port, port = free_ports(2)
        echo, proxy = Echo(), Proxy(port, node_port)
        server = await asyncio.start_server(echo.serve, "127.0.0.1", node_port)
        await proxy.start()
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"hello"
            await test(echo, proxy, reader, writer)
            writer.transport.abort()
        finally:
            await proxy.stop()
            server.close()

    asyncio.run(asyncio.wait_for(main(), LIMIT))


def test_a_cut_line_ends_in_the_middle_of_a_message():
    async def test(echo, proxy, reader, writer):
        (line,) = proxy.some(random.Random(1), 1.0)
        line.cut()
        writer.write(b"x" * 1_000)
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1_000)
        assert len(echo.got) < 1_005

    through_proxy(test)


def test_a_line_that_says_nothing_is_cut_all_the_same():
    async def test(echo, proxy, reader, writer):
        proxy.some(random.Random(1), 1.0)[0].cut()
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reader.readexactly(1)

    through_proxy(test)


def test_a_stalled_line_holds_everything_back_and_loses_nothing():
    async def test(echo, proxy, reader, writer):
        (line,) = proxy.some(random.Random(1), 0.01)
        line.is_open.clear()
        writer.write(b"y" * 1_000)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(1), 0.3)
        assert len(echo.got) == 5
        line.is_open.set()
        assert await reader.readexactly(1_000) == b"y" * 1_000

    through_proxy(test)


def test_a_client_of_a_node_that_is_away_is_hung_up_on():
    async def main():
        node_port, port = free_ports(2)
        proxy = Proxy(port, node_port)
        await proxy.start()
        reader, _ = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b""
        await proxy.stop()

    asyncio.run(asyncio.wait_for(main(), LIMIT))
