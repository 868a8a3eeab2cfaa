"""Which fault happens when: a pure function of the seed and of how long the run is."""

import math
import random
from dataclasses import dataclass

GUARANTEED = 4  # of each kind, in ten minutes
FAULTS = 66  # of all kinds together, in ten minutes
TEN_MINUTES = 600.0
# The rest of a run belongs to the beginning, before anything is broken, and to the end, when all must be well again.
FIRST, LAST = 0.04, 0.86


@dataclass(frozen=True)
class Kind:
    """A sort of fault, and how long it lasts (in seconds) until what it broke may recover."""

    name: str
    shortest: float = 0.0
    longest: float = 0.0


KINDS = (
    Kind("node-kill", 0.5, 4),
    Kind("node-drain", 0.2, 3),
    Kind("redis-kill", 1, 6),
    Kind("redis-flush"),
    Kind("redis-unsubscribe"),
    Kind("redis-pause", 4, 14),
    Kind("postgres-restart"),
    Kind("postgres-terminate"),
    Kind("lines-cut"),
    Kind("lines-stall", 3, 25),
    Kind("clock-wrong"),
)


@dataclass(frozen=True)
class Fault:
    """One fault: `at` and `seconds` are seconds of the run, `part` (0 to 1) and `pick` say what of the many it hits."""

    at: float
    kind: str
    seconds: float
    part: float
    pick: int


def schedule(seed: int, seconds: float) -> list[Fault]:
    """The faults of a run, in order. Every kind is in it, at least four times in ten minutes, whatever the seed."""
    dice = random.Random(f"faults {seed} {seconds}")
    kinds = names(dice, seconds)
    by_name = {kind.name: kind for kind in KINDS}
    slot = (LAST - FIRST) * seconds / len(kinds)
    # In a short run a long fault would leave no time in which anything can go on.
    stretch = min(1.0, seconds / (TEN_MINUTES / 2))
    faults = []
    for index, name in enumerate(kinds):
        kind = by_name[name]
        at = FIRST * seconds + (index + dice.random()) * slot
        lasts = dice.uniform(kind.shortest, kind.shortest + (kind.longest - kind.shortest) * stretch)
        faults.append(Fault(at, name, lasts, dice.random(), dice.getrandbits(30)))
    return faults


def names(dice: random.Random, seconds: float) -> list[str]:
    """Each kind as often as is guaranteed, then as many more as the length of the run asks for, in any order."""
    each = max(1, math.ceil(GUARANTEED * seconds / TEN_MINUTES))
    kinds = [kind.name for kind in KINDS for _ in range(each)]
    more = math.ceil(FAULTS * seconds / TEN_MINUTES) - len(kinds)
    kinds += dice.choices([kind.name for kind in KINDS], k=max(0, more))
    dice.shuffle(kinds)
    return kinds
