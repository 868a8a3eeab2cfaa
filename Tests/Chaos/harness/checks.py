"""The end of a run: every history, every snapshot and every write against the tables."""

from dataclasses import dataclass
from pathlib import Path

from . import findings as sorts
from .delays import Delays, measure
from .findings import Findings
from .fold import check_snapshots
from .observer import Observer
from .processes import ROOT
from .services import Postgres
from .subscriber import Subscriber
from .truth import Truth, read
from .verdict import judge
from .world import World
from .writes import check_clients, check_visits

GUARANTEE = ROOT / "scripts" / "lib" / "guarantee.sql"
OURS = Path(__file__).with_name("guarantee.sql")


@dataclass
class Checked:
    """What was compared."""

    deliveries: int
    events: int
    topics: int
    snapshots: int
    delays: Delays


async def check(world: World, subscribers: list[Subscriber], observers: list[Observer]) -> Checked:
    """Adds to the world's findings whatever differs."""
    found, salon = world.findings, world.salon
    for row in await broken(world.postgres):
        found.add(sorts.DATABASE, row)
    truth = await read(world.postgres)
    visits, clients = (truth.events[f"salon/{salon.id}/{name}"] for name in ("appointments", "clients"))
    by_visit = check_visits(world.ledger, truth, visits, found)
    check_clients(world.ledger, truth, clients, found)
    deliveries = sum(check_history(world, truth, one, topic) for one in subscribers for topic in one.histories)
    snapshots = [snapshot for observer in observers for snapshot in observer.snapshots]
    snapshots += [one.snapshot for one in subscribers if one.snapshot is not None]
    epoch = truth.epochs[f"salon/{salon.id}/appointments"]
    compared = check_snapshots(visits, epoch, snapshots, found)
    world.timeline.settle()
    delays = measure(subscribers, world.ledger, world.timeline, by_visit, clients)
    events = sum(map(len, truth.events.values()))
    return Checked(deliveries, events, sum(1 for told in truth.events.values() if told), compared, delays)


async def broken(postgres: Postgres) -> list[str]:
    """What anybody can count on a database of adelante's, where it is not 0; then each difference that is known of our own writers."""
    counts = await postgres.sql(GUARANTEE.read_text())
    assert counts, f"{GUARANTEE} counts nothing"
    return [count for count in counts if not count.endswith("|0")] + await postgres.sql(OURS.read_text())


def check_history(world: World, truth: Truth, subscriber: Subscriber, topic: str) -> int:
    """One subscriber's topic; how many deliveries it had."""
    found: Findings = world.findings
    name = world.salon.topic(topic, subscriber.manner.email)
    history, head = subscriber.histories[topic], truth.heads[name]
    if not history.has_begun:
        found.add(sorts.LOST, f"{subscriber.name}: {topic} never began")
        return 0
    if history.epoch != truth.epochs[name]:
        found.add(sorts.POSITION, f"{subscriber.name}: {topic} has another epoch than the table")
    is_master = subscriber.manner.is_master
    expected = {event.seq: event.masked if is_master else event.full for event in truth.events[name]}
    for index, segment in enumerate(history.segments):
        is_last = index == len(history.segments) - 1
        end = head if is_last else max(segment.seqs, default=segment.start)
        verdict = judge(segment.start, end, segment.seqs, segment.digests, expected)
        for sort, attribute in (
            (sorts.LOST, "lost"), (sorts.DUPLICATED, "duplicated"), (sorts.REORDERED, "reordered"), (sorts.ALTERED, "altered"),
        ):  # fmt: skip
            count = getattr(verdict, attribute)
            if count:
                first = (verdict.first or {}).get(attribute)
                found.add(sort, f"{subscriber.name}: {topic}, {count} from {first} on, of {segment.start} to {end}", count)
    return sum(len(segment.seqs) for segment in history.segments)
