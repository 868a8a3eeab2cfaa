"""The nodes, each behind a proxy: started, killed, drained, and watched for an end of their own."""

import asyncio
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from .proxy import Proxy
from .processes import ChaosError, start
from .rest import Line, NoAnswer

START_SECONDS = 90
DRAIN_SECONDS = 3


class Node:
    """One `adelante serve`, on a port that stays its own."""

    def __init__(self, name: str, binary: Path, folder: Path, port: int, proxy_port: int, settings: Mapping[str, str]) -> None:
        self.name, self.port, self.binary, self.folder = name, port, binary, folder
        self.log = folder / f"{name}.log"
        self.settings = {**settings, "PORT": str(port), "DRAIN_SECONDS": str(DRAIN_SECONDS)}
        self.proxy = Proxy(proxy_port, port)
        self.ends: list[str] = []  # those that nobody asked for
        self.process: asyncio.subprocess.Process | None = None
        self.is_asked_to_end = False
        self.watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts it and waits until it is ready."""
        self.is_asked_to_end = False
        self.process = await start([str(self.binary), "serve"], self.folder, self.log, self.settings)
        self.watcher = asyncio.create_task(self._watch(self.process))
        await self.await_ready()

    async def await_ready(self) -> None:
        """Until /ready is 200, degraded or not."""
        deadline = time.monotonic() + START_SECONDS
        line = Line(self.port)
        while time.monotonic() < deadline:
            try:
                if (await line.ask("GET", "/ready", seconds=2)).status == 200:
                    line.hang_up()
                    return
            except NoAnswer:
                pass
            if self.process is None or self.process.returncode is not None:
                raise ChaosError(f"{self.name} ended while it started; see {self.log}")
            await asyncio.sleep(0.1)
        raise ChaosError(f"{self.name} was not ready within {START_SECONDS} s; see {self.log}")

    async def kill(self) -> None:
        await self._end(signal.SIGKILL)

    async def drain(self) -> None:
        """Asks it to end, and waits until it has: it may take its drain's window and three seconds."""
        begun = time.monotonic()
        await self._end(signal.SIGTERM)
        took = time.monotonic() - begun
        if took > DRAIN_SECONDS + 10:
            self.ends.append(f"{self.name} needed {took:.1f} s to drain")

    async def _end(self, number: signal.Signals) -> None:
        self.is_asked_to_end = True
        if self.process is not None and self.process.returncode is None:
            self.process.send_signal(number)
            try:
                async with asyncio.timeout(60):
                    await self.process.wait()
            except TimeoutError:
                self.ends.append(f"{self.name} did not end within a minute of signal {number}")
                self.process.kill()
                await self.process.wait()

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        code = await process.wait()
        if not self.is_asked_to_end:
            self.ends.append(f"{self.name} ended by itself with {code}; see {self.log}")
