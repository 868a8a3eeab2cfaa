"""Everything that one subscriber was sent on one topic, in the order of its arrival."""

import time
from array import array
from dataclasses import dataclass, field


@dataclass
class Segment:
    """From a position on: what arrived behind it. A new one begins when a snapshot is loaded."""

    start: int
    seqs: array = field(default_factory=lambda: array("q"))
    digests: array = field(default_factory=lambda: array("Q"))
    times: array = field(default_factory=lambda: array("d"))

    @property
    def last(self) -> int:
        return self.seqs[-1] if self.seqs else self.start


@dataclass
class History:
    """Its segments; the epoch that all of them belong to."""

    epoch: str | None = None
    segments: list[Segment] = field(default_factory=list)

    @property
    def has_begun(self) -> bool:
        return bool(self.segments)

    @property
    def position(self) -> int:
        """The last position that was dealt with: what a client says as `since`."""
        return self.segments[-1].last

    def begin(self, position: int, epoch: str) -> None:
        self.epoch = epoch
        self.segments.append(Segment(position))

    def add(self, seq: int, digest: int) -> None:
        segment = self.segments[-1]
        segment.seqs.append(seq)
        segment.digests.append(digest)
        segment.times.append(time.monotonic())
