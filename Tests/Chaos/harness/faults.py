"""Carries a plan out: what a fault does, to what, and how it is made good again."""

import asyncio
import signal
import time

from .plan import Fault
from .proxy import Line
from .subscriber import Subscriber
from .world import World

CLOCK_JUMPS = (-86_400.0, -600.0, -45.0, 30.0, 600.0, 86_400.0)  # seconds


class Faults:
    """Faults of different things overlap; those of one thing wait for each other."""

    def __init__(self, world: World, subscribers: list[Subscriber]) -> None:
        self.world = world
        self.wanderers = [one for one in subscribers if one.manner.clock_is_bad]
        self.locks = {name: asyncio.Lock() for name in ("redis", "postgres", *(node.name for node in world.nodes))}
        self.dice = world.dice("faults")

    async def play(self, plan: list[Fault], begun: float) -> None:
        """All of them, each at its time; returns when the last has been made good."""
        async with asyncio.TaskGroup() as group:
            for fault in plan:
                await asyncio.sleep(max(0.0, begun + fault.at - time.monotonic()))
                group.create_task(self._play(fault, begun))

    async def _play(self, fault: Fault, begun: float) -> None:
        node = self.world.nodes[fault.pick % len(self.world.nodes)]
        thing = fault.kind.split("-")[0]
        lock = self.locks.get(node.name if thing == "node" else thing, asyncio.Lock())
        async with lock:
            start = time.monotonic()
            print(f"  {start - begun:6.1f} s  {fault.kind:<19} {self._target(fault, node.name)}", flush=True)
            await getattr(self, "_" + fault.kind.replace("-", "_"))(fault)
            self.world.timeline.add(fault.kind, start, time.monotonic())

    def _target(self, fault: Fault, node: str) -> str:
        lasts = f"{fault.seconds:.1f} s" if fault.seconds else ""
        if fault.kind.startswith("lines"):
            return f"{fault.part:.0%} of the lines {lasts}"
        return f"{node} {lasts}" if fault.kind.startswith("node") else lasts

    async def _node_kill(self, fault: Fault) -> None:
        node = self.world.nodes[fault.pick % len(self.world.nodes)]
        await node.kill()
        await asyncio.sleep(fault.seconds)
        await node.start()

    async def _node_drain(self, fault: Fault) -> None:
        node = self.world.nodes[fault.pick % len(self.world.nodes)]
        await node.drain()
        await asyncio.sleep(fault.seconds)
        await node.start()

    async def _redis_kill(self, fault: Fault) -> None:
        self.world.redis.signal(signal.SIGKILL)
        await asyncio.sleep(fault.seconds)
        await self.world.redis.start()

    async def _redis_flush(self, fault: Fault) -> None:
        await self.world.redis.command("FLUSHALL")

    async def _redis_unsubscribe(self, fault: Fault) -> None:
        await self.world.redis.command("CLIENT", "KILL", "TYPE", "pubsub")

    async def _redis_pause(self, fault: Fault) -> None:
        """Connected, but deaf."""
        self.world.redis.signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self.world.redis.signal(signal.SIGCONT)

    async def _postgres_restart(self, fault: Fault) -> None:
        await self.world.postgres.restart_immediately()

    async def _postgres_terminate(self, fault: Fault) -> None:
        await self.world.postgres.terminate_connections()

    async def _lines_cut(self, fault: Fault) -> None:
        for line in self._lines(fault):
            line.cut()

    async def _lines_stall(self, fault: Fault) -> None:
        """Nothing passes, and nobody is told."""
        lines = self._lines(fault)
        for line in lines:
            line.is_open.clear()
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            for line in lines:
                line.is_open.set()

    def _lines(self, fault: Fault) -> list[Line]:
        return [line for node in self.world.nodes for line in node.proxy.some(self.dice, fault.part)]

    async def _clock_wrong(self, fault: Fault) -> None:
        """Some clients' clocks jump: they refresh far too often, or not before they are thrown out."""
        count = max(1, round(fault.part * len(self.wanderers)))
        for one in self.dice.sample(self.wanderers, min(count, len(self.wanderers))):
            one.session.clock_error = self.dice.choice(CLOCK_JUMPS)
