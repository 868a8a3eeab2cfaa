"""One history against the table: what is missing, what came twice, what came too early, what was different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass
class Verdict:
    """How many deliveries differ, and the first position of each sort."""

    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    altered: int = 0
    first: dict[str, int] | None = None

    def note(self, sort: str, seq: int) -> None:
        setattr(self, sort, getattr(self, sort) + 1)
        self.first = self.first or {}
        self.first.setdefault(sort, seq)


def judge(start: int, end: int, seqs: Sequence[int], digests: Sequence[int], expected: Mapping[int, int]) -> Verdict:
    """`start` is the position before the first delivery, `end` the last that had to come; `expected` is the table's digest
    of every position."""
    verdict = Verdict()
    seen: set[int] = set()
    highest = start
    for seq, digest in zip(seqs, digests, strict=True):
        if seq in seen or seq <= start:
            verdict.note("duplicated", seq)
            continue
        if seq < highest:
            verdict.note("reordered", seq)
        highest = max(highest, seq)
        seen.add(seq)
        if expected.get(seq) != digest:
            verdict.note("altered", seq)
    for seq in range(start + 1, end + 1):
        if seq not in seen:
            verdict.note("lost", seq)
    return verdict
