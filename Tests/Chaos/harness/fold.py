"""What a topic's events make of an empty calendar, at every position: what each snapshot has to be."""

from collections.abc import Iterable

from .digest import digest
from .findings import SNAPSHOT, Findings
from .rows import Snapshot
from .truth import Event


def check_snapshots(events: list[Event], epoch: str, snapshots: Iterable[Snapshot], findings: Findings) -> int:
    """Compares the rows of each with the events up to its position; how many were compared."""
    rows: dict[int, tuple[str, int]] = {}  # id: date, digest
    position, count = 0, 0
    for snapshot in sorted(snapshots, key=lambda one: one.seq):
        if snapshot.epoch != epoch or snapshot.seq > len(events):
            findings.add(SNAPSHOT, f"{snapshot.who}: position {snapshot.seq} of {snapshot.epoch} is not of this history")
            continue
        for event in events[position : snapshot.seq]:
            if event.type == "appointment:deleted":
                rows.pop(event.data["id"], None)
            else:
                rows[event.data["id"]] = (event.data["date"], digest(event.data))
        position = snapshot.seq
        due = {id: one for id, (date, one) in rows.items() if snapshot.window.holds(date)}
        if due != snapshot.rows:
            differing = sorted(id for id in due.keys() | snapshot.rows.keys() if due.get(id) != snapshot.rows.get(id))
            text = f"{snapshot.who}, {snapshot.window.first} to {snapshot.window.last} at {snapshot.seq}: visits {differing[:5]}"
            findings.add(SNAPSHOT, text)
        count += 1
    return count
