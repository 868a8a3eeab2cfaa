"""A run from the first subscription to the last delivery."""

import asyncio
import time

from . import findings, truth
from .crew import Crew
from .faults import Faults
from .manners import manners
from .observer import Observer
from .pace import Pace
from .plan import Fault
from .processes import ChaosError
from .salon import DESKS, MASTERS, OWNER
from .subscriber import Subscriber
from .tidier import Tidier
from .visits import VisitWriter
from .world import World

WRITERS = 12
OBSERVERS = 2
SPARE = 1.12  # faster than is needed on average: what is tried while everything is down comes late
BEGIN_SECONDS = 90.0
CATCH_UP_SECONDS = 60.0
LAST_WORDS = 6
LAST_WORD_SECONDS = 10.0


class Performance:
    """Who takes part, and what they do when."""

    def __init__(self, world: World, subscribers: int) -> None:
        self.world = world
        self.subscribers = [Subscriber(world, manner) for manner in manners(subscribers)]
        people = (*DESKS, OWNER)
        each = MASTERS // WRITERS
        self.writers = [
            VisitWriter(world, f"w{index + 1}", people[index % len(people)], world.salon.staff[index * each : (index + 1) * each])
            for index in range(WRITERS)
        ]
        self.tidiers = [Tidier(world, f"tidier {index + 1}", email) for index, email in enumerate(people)]
        self.observers: list[Observer] = []
        self.crew = Crew()

    async def run(self, plan: list[Fault], seconds: float, writes: int, observer_pause: float) -> None:
        """All of it; afterwards everybody has gone home."""
        self.observers = [Observer(self.world, f"observer {index + 1}", observer_pause) for index in range(OBSERVERS)]
        try:
            await self.crew.race(self._acts(plan, seconds, writes))
        finally:
            await self.crew.dismiss()

    async def _acts(self, plan: list[Fault], seconds: float, writes: int) -> None:
        background: tuple[Subscriber | Tidier | Observer, ...] = (*self.subscribers, *self.tidiers, *self.observers)
        await asyncio.gather(*(one.session.login() for one in (*background, *self.writers)))
        for one in background:
            self.crew.start(one.run())
        await self._all_begin()
        self.world.timeline.begun = begun = time.monotonic()
        pace, end = Pace(SPARE * writes / seconds), begun + seconds
        faults = self.crew.start(Faults(self.world, self.subscribers).play(plan, begun))
        await asyncio.gather(*(self._write(writer, pace, end) for writer in self.writers))
        await faults
        await asyncio.gather(*(node.await_ready() for node in self.world.nodes))
        self.world.is_over.set()
        await self._catch_up()
        await self._last_words()
        for person in (*background, *self.writers):
            for note in person.session.notes:
                self.world.findings.add(findings.ANSWER, note)
        for node in self.world.nodes:
            for ending in node.ends:
                self.world.findings.add(findings.NODE, ending)

    async def _write(self, writer: VisitWriter, pace: Pace, end: float) -> None:
        while time.monotonic() < end:
            await pace.next()
            await writer.step()

    async def _all_begin(self) -> None:
        """Nobody misses the beginning."""
        try:
            async with asyncio.timeout(BEGIN_SECONDS):
                for one in self.subscribers:
                    await one.has_started.wait()
        except TimeoutError:
            late = [one.name for one in self.subscribers if not one.has_started.is_set()]
            raise ChaosError(f"before any fault, within {BEGIN_SECONDS:.0f} s, these had no subscription: {late}") from None

    async def _catch_up(self) -> None:
        """Until everybody is at every head; who is not by then has lost the rest."""
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while time.monotonic() < deadline and await self._behind():
            await asyncio.sleep(0.3)

    async def _behind(self) -> list[str]:
        heads = await truth.heads(self.world.postgres)
        return [
            f"{one.name} on {topic}"
            for one in self.subscribers
            for topic, history in one.histories.items()
            if not history.has_begun or history.position < heads[self.world.salon.topic(topic, one.manner.email)]
        ]

    async def _last_words(self) -> None:
        """Lone writes: nothing comes behind them that would show that one was lost on its way."""
        for index in range(LAST_WORDS):
            await self.writers[index % len(self.writers)].create()
            deadline = time.monotonic() + LAST_WORD_SECONDS
            while behind := await self._behind():
                if time.monotonic() > deadline:
                    text = f"{LAST_WORD_SECONDS:.0f} s after a lone write, all servers being well: {', '.join(behind[:4])}"
                    self.world.findings.add(findings.LATE, text, len(behind))
                    break
                await asyncio.sleep(0.1)
