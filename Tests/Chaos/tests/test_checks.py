"""The tables and the writers' knowledge, in agreement and not."""

import copy

import pytest

from harness.digest import digest, masked
from harness.findings import SNAPSHOT, WRITE, Findings
from harness.fold import check_snapshots
from harness.ledger import Ledger, Step, Visit
from harness.rows import Snapshot, Window
from harness.truth import Event, Truth
from harness.writes import check_visits

DAY = "2030-03-01"


def visit(id, version, date=DAY, **more):
    return {"id": id, "version": version, "date": date, "startTime": "10:00", "staffId": 1, "status": "scheduled", **more}


def event(seq, kind, data):
    return Event(seq, kind, data, digest([kind, data]), digest([kind, masked(kind, data)]))


BOOKED, MOVED = visit(7, 1, notes="w1-1"), visit(7, 2, "2030-03-02", notes="w1-2")
EVENTS = [
    event(1, "appointment:created", BOOKED),
    event(2, "appointment:updated", MOVED),
    event(3, "appointment:deleted", {"id": 7, "date": "2030-03-02", "staffId": 1}),
]
ROW = [7, 3, "w1-2", "2030-03-02", "10:00", 1, "scheduled", True, ["created", "updated", "deleted"]]


def ledger():
    steps = [Step("created", 0, digest(BOOKED), False), Step("updated", 1, digest(MOVED), True), Step("deleted", 2, None, False)]
    return Ledger(visits={7: Visit(7, "w1-1", 1, (0, 20), "scheduled", is_deleted=True, steps=steps)})


def found(ledger, row, events):
    findings = Findings()
    check_visits(ledger, Truth(visits={} if row is None else {row[0]: row}), events, findings)
    return findings


def test_three_writes_that_are_everywhere_once_are_right():
    assert found(ledger(), ROW, EVENTS).is_clean


@pytest.mark.parametrize(
    "row, events",
    [
        (None, EVENTS),
        (ROW, EVENTS[:2]),
        (ROW, [*EVENTS, EVENTS[2]]),
        (ROW, [EVENTS[1], EVENTS[0], EVENTS[2]]),
        ([7, 2, *ROW[2:]], EVENTS),
        ([*ROW[:7], False, ROW[8]], EVENTS),
        ([*ROW[:8], ["created", "deleted"]], EVENTS),
        ([*ROW[:8], None], EVENTS),
        (ROW, [EVENTS[0], event(2, "appointment:updated", {**MOVED, "status": "arrived"}), EVENTS[2]]),
    ],
)
def test_a_write_that_is_missing_doubled_or_different_anywhere_is_found(row, events):
    assert found(ledger(), row, events).counts[WRITE]


def test_what_nobody_acknowledged_and_what_was_refused_is_found():
    assert found(Ledger(), ROW, EVENTS).counts[WRITE]
    refused = ledger()
    refused.refused.add("w1-2")
    assert found(refused, ROW, EVENTS).counts[WRITE]


WINDOW = Window(DAY, DAY)


@pytest.mark.parametrize(
    "seq, window, rows",
    [
        (0, WINDOW, {}),
        (1, WINDOW, {7: digest(BOOKED)}),
        (2, WINDOW, {}),
        (2, Window("2030-03-02", "2030-03-09"), {7: digest(MOVED)}),
        (3, Window(DAY, "2030-03-09"), {}),
    ],
)
def test_a_snapshot_is_what_the_events_up_to_its_position_make(seq, window, rows):
    right = Snapshot("somebody", window, seq, "e", rows)
    wrong = copy.deepcopy(right)
    wrong.rows[9] = 1
    findings = Findings()
    assert check_snapshots(EVENTS, "e", [right], findings) == 1 and findings.is_clean
    check_snapshots(EVENTS, "e", [wrong], findings)
    assert findings.counts[SNAPSHOT] == 1


def test_old_rows_with_a_new_position_are_found():
    findings = Findings()
    check_snapshots(EVENTS, "e", [Snapshot("somebody", WINDOW, 2, "e", {7: digest(BOOKED)})], findings)
    assert findings.counts[SNAPSHOT] == 1


def test_a_position_of_another_history_is_found():
    findings = Findings()
    check_snapshots(EVENTS, "e", [Snapshot("a", WINDOW, 4, "e"), Snapshot("b", WINDOW, 1, "f")], findings)
    assert findings.counts[SNAPSHOT] == 2


def test_masters_are_shown_no_phones():
    data = {"id": 1, "clientPhone": "+380"}
    assert masked("appointment:created", data) == {"id": 1}
    assert masked("client:created", {"id": 1, "phone": "+380"}) == {"id": 1, "phone": ""}
    assert masked("notification:new", data) is data
