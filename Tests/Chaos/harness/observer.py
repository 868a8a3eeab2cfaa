"""Loads rows again and again, from any node: what the check of snapshots compares with the events afterwards."""

import asyncio

from . import findings
from .rest import Lines, NoAnswer
from .rows import Snapshot, Window
from .salon import DAYS, OWNER, PASSWORD
from .session import Session
from .visits import day
from .world import World

LONGEST = 10  # days of a window; one in ten has all of them


class Observer:
    """Keeps every snapshot it has loaded."""

    def __init__(self, world: World, name: str, pause: float) -> None:
        self.world, self.name, self.pause = world, name, pause
        self.dice = world.dice(name)
        self.lines = Lines()
        self.session = Session(OWNER, PASSWORD, Lines(), lambda: world.port(self.dice, 0))
        self.snapshots: list[Snapshot] = []

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(self.dice.uniform(0.5, 1.5) * self.pause)
            token = await self.session.fresh()
            length = DAYS if self.dice.random() < 0.1 else self.dice.randint(1, LONGEST)
            begin = self.dice.randrange(DAYS - length + 1)
            await self.load(Window(day(begin), day(begin + length - 1)), token)

    async def load(self, window: Window, token: str) -> bool:
        """One snapshot; whether it could be had."""
        line = self.lines.to(self.world.port(self.dice, 0.2))
        try:
            answer = await line.ask("GET", window.path, headers={"Authorization": f"Bearer {token}"})
        except NoAnswer:
            return False
        if answer.status == 200:
            self.snapshots.append(Snapshot.of(self.name, window, answer))
            return True
        if answer.status == 401:
            await self.session.fresh(is_refused=True)
        elif answer.status != 503:
            self.world.findings.add(findings.ANSWER, f"GET /appointments: {answer.status} {answer.code}")
        return False
