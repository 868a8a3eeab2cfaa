"""Every acknowledged write is in its row, in the audit log and in the events, once; and there is nothing else."""

from .digest import digest
from .findings import DATABASE, WRITE, Findings
from .ledger import EVENTS, Ledger
from .truth import Event, Truth


def check_visits(ledger: Ledger, truth: Truth, events: list[Event], findings: Findings) -> dict[int, list[Event]]:
    """Each visit's life as its writer knows it, beside the three tables; the events of each visit."""
    by_visit: dict[int, list[Event]] = {}
    for event in events:
        by_visit.setdefault(event.data["id"], []).append(event)
    for id in sorted(ledger.visits.keys() | truth.visits.keys() | by_visit.keys()):
        visit, row, told = ledger.visits.get(id), truth.visits.get(id), by_visit.get(id, [])
        if visit is None:
            findings.add(WRITE, f"visit {id} is there, and nobody was told so: {row}")
            continue
        actions = [step.action for step in visit.steps]
        if row is None:
            findings.add(WRITE, f"visit {id} was acknowledged ({len(actions)} writes) and is not there")
            continue
        _, version, notes, date, start, staff, status, is_deleted, audit = row
        if (version, is_deleted, status) != (visit.version, visit.is_deleted, visit.status):
            text = f"visit {id}: acknowledged version {visit.version}, {visit.status}, deleted {visit.is_deleted}"
            findings.add(WRITE, f"{text}; in its row {version}, {status}, {is_deleted}")
        if audit != actions:
            findings.add(WRITE, f"visit {id}: acknowledged {actions}, in the audit log {audit}")
        if [event.type for event in told] != [EVENTS[action] for action in actions]:
            findings.add(WRITE, f"visit {id}: acknowledged {actions}, in the events {[event.type for event in told]}")
            continue
        for number, (step, event) in enumerate(zip(visit.steps, told, strict=True), 1):
            if step.digest is not None and step.digest != digest(event.data):
                findings.add(WRITE, f"visit {id} version {number}: the event {event.seq} says something else than the answer")
        shown = [event.data for event in told if event.type != "appointment:deleted"][-1]
        if (shown["date"], shown["startTime"], shown["staffId"], shown["status"]) != (date, start, staff, status):
            findings.add(DATABASE, f"visit {id}: its last event and its row differ")
        if notes in ledger.refused or any(event.data.get("notes") in ledger.refused for event in told):
            findings.add(WRITE, f"visit {id} carries {notes}, which was refused")
    return by_visit


def check_clients(ledger: Ledger, truth: Truth, events: list[Event], findings: Findings) -> None:
    """The same for clients, which are only ever made."""
    told: dict[int, list[Event]] = {}
    for event in events:
        told.setdefault(event.data["id"], []).append(event)
    for id in sorted(ledger.clients.keys() | truth.clients.keys() | told.keys()):
        client, row, its = ledger.clients.get(id), truth.clients.get(id), told.get(id, [])
        if client is None or row is None or len(its) != 1 or row[1:] != [client.marker, ["created"]]:
            findings.add(WRITE, f"client {id}: acknowledged {client is not None}, row {row}, events {len(its)}")
        elif client.step.digest != digest(its[0].data):
            findings.add(WRITE, f"client {id}: the event says something else than the answer")
