"""When something was broken, so that times with a fault near can be told from the others."""

import bisect
from collections import Counter

AFTERMATH = 5.0  # seconds after a fault in which lines come back, nodes read what they missed, and so on


class Timeline:
    """The faults that happened, with their beginning and end on the monotonic clock."""

    def __init__(self) -> None:
        self.begun = 0.0
        self.spans: list[tuple[float, float, str]] = []
        self.counts: Counter[str] = Counter()
        self.merged: list[tuple[float, float]] = []

    def add(self, kind: str, begin: float, end: float) -> None:
        self.spans.append((begin, end, kind))
        self.counts[kind] += 1

    def settle(self) -> None:
        """To be called when no more come, before `is_calm`."""
        self.merged = []
        for begin, end, _ in sorted(self.spans):
            if self.merged and begin <= self.merged[-1][1]:
                self.merged[-1] = (self.merged[-1][0], max(self.merged[-1][1], end + AFTERMATH))
            else:
                self.merged.append((begin, end + AFTERMATH))

    def is_calm(self, moment: float) -> bool:
        """Whether no fault was near."""
        index = bisect.bisect_right(self.merged, (moment, float("inf"))) - 1
        return index < 0 or moment > self.merged[index][1]
