"""The private PostgreSQL and Redis of a run, and what may happen to them."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

from .processes import ROOT, ChaosError, run

SERVICES = str(ROOT / "scripts/services")


class Postgres:
    """Ends with this process, or with `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, ""

    async def start(self) -> None:
        options = ("--throwaway", "--owner", str(os.getpid()))
        self.url = (await run([SERVICES, "postgres", "start", str(self.folder), *options])).split()[-1]

    async def restart_immediately(self) -> None:
        """As after a crash: nothing is finished, what was committed is recovered."""
        await run([SERVICES, "postgres", "restart", str(self.folder), "--mode", "immediate"])

    async def terminate_connections(self) -> None:
        await self.sql(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    async def sql(self, text: str, seconds: float = 120) -> list[str]:
        """Runs statements; the rows of the last one, unadorned."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return [line for line in (await run(command, text, seconds, clean)).split("\n") if line]

    async def stop(self) -> None:
        await run([SERVICES, "postgres", "stop", str(self.folder), "--mode", "immediate"])


class Redis:
    """Keeps nothing on disk; ends with this process, or with `stop`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.url, self.port = folder, "", 0

    @property
    def pid(self) -> int:
        return int((self.folder / "pid").read_text())

    async def start(self) -> None:
        """On the port of last time, if there was one."""
        options = ["--owner", str(os.getpid())]
        if self.port:
            options += ["--port", str(self.port)]
        self.url = (await run([SERVICES, "redis", "start", str(self.folder), *options])).split()[-1]
        self.port = int(self.url.rsplit(":", 1)[1].split("/")[0])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    async def command(self, *words: str) -> Any:
        """One command; its answer's first line."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            parts = [f"*{len(words)}\r\n", *(f"${len(word)}\r\n{word}\r\n" for word in words)]
            writer.write("".join(parts).encode())
            async with asyncio.timeout(10):
                answer = (await reader.readline()).decode().strip()
        finally:
            writer.transport.abort()
        if not answer.startswith(("+", ":")):
            raise ChaosError(f"Redis {words[0]}: {answer or 'no answer'}")
        return answer[1:]

    async def stop(self) -> None:
        await run([SERVICES, "redis", "stop", str(self.folder), "--signal", "KILL"])
