"""The lines at the end of a run."""

from collections import Counter

from . import findings as sorts
from .checks import Checked
from .plan import KINDS
from .subscriber import Subscriber
from .world import World

ALWAYS = (sorts.LOST, sorts.DUPLICATED, sorts.REORDERED)


def report(world: World, subscribers: list[Subscriber], checked: Checked, wanted: int) -> list[str]:
    """Plain lines, the figures that everybody asks for last."""
    ledger, delays, counts = world.ledger, checked.delays, world.timeline.counts
    closes: Counter[int] = Counter()
    for one in subscribers:
        closes += one.closes
    refreshes = sum(one.session.refreshes for one in subscribers)
    lines = [
        f"writes acknowledged {ledger.acknowledged} of {wanted} wanted: {ledger.retried} after a repetition, "
        f"{ledger.lost_answers} answers lost; {ledger.refusals} refused as they had to be",
        f"events {checked.events} on {checked.topics} topics",
        f"deliveries {checked.deliveries} to {len(subscribers)} subscribers; sockets ended: "
        + (", ".join(f"{code} {count}x" for code, count in sorted(closes.items())) or "none")
        + f"; {refreshes} tokens refreshed",
        f"snapshots compared {checked.snapshots}; {sum(one.snapshots_loaded for one in subscribers)} went on as streams",
        f"faults {sum(counts.values())}: " + ", ".join(f"{kind.name} {counts[kind.name]}" for kind in KINDS),
        f"longest delay from acknowledgement to delivery {delays.longest:.2f} s; to quick subscribers without a fault near "
        f"{delays.longest_calm:.3f} s (p50 {delays.at(0.5) * 1_000:.1f} ms, p99 {delays.at(0.99) * 1_000:.1f} ms, "
        f"{len(delays.calm)} deliveries; {delays.where})",
    ]
    for sort, examples in world.findings.examples.items():
        lines.append(f"{sort}: {world.findings.counts[sort]}")
        lines += [f"    {example}" for example in examples]
    others = sum(count for sort, count in world.findings.counts.items() if sort not in ALWAYS)
    figures = ", ".join(f"{sort} {world.findings.counts[sort]}" for sort in ALWAYS)
    return [*lines, f"{figures}, other differences {others}"]
