"""What the parts of a run share."""

import asyncio
import random
from dataclasses import dataclass, field

from .findings import Findings
from .frame_cache import FrameCache
from .ledger import Ledger
from .nodes import Node
from .salon import Salon
from .services import Postgres, Redis
from .timeline import Timeline


@dataclass
class World:
    """One run: its servers, and what is known of it so far."""

    seed: int
    postgres: Postgres
    redis: Redis
    nodes: list[Node]
    salon: Salon
    findings: Findings = field(default_factory=Findings)
    ledger: Ledger = field(default_factory=Ledger)
    timeline: Timeline = field(default_factory=Timeline)
    frames: FrameCache = field(default_factory=FrameCache)
    # Set when the faults are over: slow readers read, sleepers wake.
    is_over: asyncio.Event = field(default_factory=asyncio.Event)

    def dice(self, name: str) -> random.Random:
        """Chance of its own for each part, so that one does not shift another's."""
        return random.Random(f"{name} {self.seed}")

    def port(self, dice: random.Random, proxied: float) -> int:
        """Some node's port, through its proxy with that probability."""
        node = dice.choice(self.nodes)
        return node.proxy.port if dice.random() < proxied else node.port
