"""What a writer does with visits. Nobody else touches its masters' days, so it knows what each answer has to be."""

import datetime
import time
from typing import Any

from . import findings
from .digest import digest
from .ledger import Client, Ledger, Step, Visit
from .salon import DAYS, FIRST_DAY
from .writer import Outcome, Writer

SLOTS = 48  # half hours of a day
STATUSES = ("scheduled", "confirmed", "arrived", "no-show", "cancelled", "completed")
SAMPLE = 0.1  # of the writes are read back from some node at once

# What is done, and how often.
WEIGHTS = {
    "create": 22, "move": 22, "status": 21, "edit": 14, "delete": 9, "restore": 5, "client": 3, "overlap": 2, "stale": 2,
}  # fmt: skip


def clock(slot: int) -> str:
    return f"{slot % SLOTS // 2:02}:{slot % 2 * 30:02}"


def day(number: int) -> str:
    return str(datetime.date.fromisoformat(FIRST_DAY) + datetime.timedelta(days=number))


class VisitWriter(Writer):
    """Books, moves, changes, deletes and restores visits of its own masters, one write after the other."""

    def __init__(self, world: Any, name: str, email: str, staff: list[int]) -> None:
        super().__init__(world, name, email)
        self.staff = staff
        self.taken: set[tuple[int, int, int]] = set()  # master, day, slot
        self.visits: list[Visit] = []

    @property
    def ledger(self) -> Ledger:
        return self.world.ledger

    async def step(self) -> None:
        """One write, of whatever kind is possible now."""
        (kind,) = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
        if kind in ("create", "client"):
            return await (self.create() if kind == "create" else self.create_client())
        wants_deleted = kind == "restore"
        visits = [visit for visit in self.visits if visit.is_deleted == wants_deleted and not visit.is_final]
        if not visits or (kind == "stale" and not any(visit.version > 1 for visit in visits)):
            return await self.create()
        if kind == "stale":
            visits = [visit for visit in visits if visit.version > 1]
        await getattr(self, kind)(self.dice.choice(visits))

    # What is acknowledged

    async def create(self) -> None:
        staff, slot = self.free_slot()
        marker = self.marker()
        outcome = await self.book(marker, staff, slot)
        if outcome.answer.status != 201:
            return self.wrong(f"booking {marker}", outcome)
        visit = Visit(outcome.answer.body["id"], marker, staff, slot, "scheduled")
        if visit.id in self.ledger.visits:
            return self.wrong(f"booking {marker}: the answer is another visit's", outcome)
        self.taken.add((staff, *slot))
        self.visits.append(visit)
        self.note(visit, "created", outcome, outcome.answer.body)
        await self.look(visit)

    async def move(self, visit: Visit) -> None:
        staff, slot = self.free_slot()
        self.taken.add((staff, *slot))
        body = {"staffId": staff, **self.times(slot), "notes": self.marker()}
        if await self.change(visit, "PUT", f"/appointments/{visit.id}", body):
            self.taken.discard((visit.staff, *visit.slot))
            visit.staff, visit.slot = staff, slot

    async def status(self, visit: Visit) -> None:
        status = self.dice.choice([one for one in STATUSES if one != visit.status])
        if await self.change(visit, "PATCH", f"/appointments/{visit.id}/status", {"status": status}):
            visit.status = status

    async def edit(self, visit: Visit) -> None:
        body = {"notes": self.marker() + "ї" * self.dice.choice((0, 10, 400)), "price": self.dice.randrange(100, 2_000)}
        await self.change(visit, "PUT", f"/appointments/{visit.id}", body)

    async def delete(self, visit: Visit) -> None:
        outcome = await self.send("DELETE", f"/appointments/{visit.id}")
        is_done_before = outcome.answer.status == 404 and outcome.is_uncertain
        if outcome.answer.status != 204 and not is_done_before:
            return self.wrong(f"deleting {visit.id}", outcome)
        visit.is_deleted = True
        # An attempt without an answer may still be on its way, and would delete again what was restored.
        visit.is_final = outcome.is_uncertain or self.dice.random() < 0.4
        if visit.is_final:
            self.taken.discard((visit.staff, *visit.slot))
            self.visits.remove(visit)
        self.note(visit, "deleted", outcome, None)

    async def restore(self, visit: Visit) -> None:
        outcome = await self.send("POST", f"/appointments/{visit.id}/restore", headers={"Idempotency-Key": self.marker()})
        if outcome.answer.status != 200 or outcome.answer.body["version"] != visit.version + 1:
            return self.wrong(f"restoring {visit.id}", outcome)
        visit.is_deleted = False
        self.note(visit, "created", outcome, outcome.answer.body)

    async def create_client(self) -> None:
        marker = self.marker()
        phone = f"+380 {50 + int(self.name[1:])} {self.count:07}"
        body = {"firstName": "Марія", "lastName": marker, "phone": phone, "notes": marker}
        outcome = await self.send("POST", "/clients", body, {"Idempotency-Key": marker})
        if outcome.answer.status != 201:
            return self.wrong(f"making client {marker}", outcome)
        answer = outcome.answer.body
        step = Step("created", time.monotonic(), digest(answer), outcome.was_retried)
        self.ledger.clients[answer["id"]] = Client(answer["id"], marker, step)
        self.ledger.retried += outcome.was_retried

    # What is refused, and must leave nothing behind

    async def overlap(self, visit: Visit) -> None:
        if visit.status in ("cancelled", "no-show"):
            return await self.edit(visit)
        marker = self.marker()
        self.ledger.refused.add(marker)
        outcome = await self.book(marker, visit.staff, visit.slot)
        self.ledger.refusals += 1
        if outcome.is_uncertain:
            # An attempt without an answer may still be on its way, and a refusal is not kept for the key: so the visit stays where
            # it is for good, and refuses that one too.
            visit.is_final = True
            self.visits.remove(visit)
        if outcome.answer.code != "SLOT_TAKEN":
            self.wrong(f"booking {marker} over {visit.id}", outcome)

    async def stale(self, visit: Visit) -> None:
        marker = self.marker()
        self.ledger.refused.add(marker)
        headers = {"If-Match": f'"{visit.version - 1}"'}
        outcome = await self.send("PUT", f"/appointments/{visit.id}", {"notes": marker}, headers)
        self.ledger.refusals += 1
        if outcome.answer.code != "VERSION_CONFLICT" or outcome.answer.body["current"]["version"] != visit.version:
            self.wrong(f"changing {visit.id} at version {visit.version - 1} instead of {visit.version}", outcome)

    # Parts of these

    async def book(self, marker: str, staff: int, slot: tuple[int, int]) -> Outcome:
        body = {
            "clientName": "Марія Бондар", "clientPhone": "+380 67 123 45 67", "staffId": staff, "notes": marker, **self.times(slot),
            "serviceId": self.dice.choice(self.world.salon.services),
        }  # fmt: skip
        return await self.send("POST", "/appointments", body, {"Idempotency-Key": marker})

    async def change(self, visit: Visit, method: str, path: str, body: dict[str, Any]) -> bool:
        """A write at the visit's version: if it comes twice, the second is refused with the row as the first has left it."""
        outcome = await self.send(method, path, body, {"If-Match": f'"{visit.version}"'})
        answer, current = outcome.answer, outcome.answer.body
        if answer.code == "VERSION_CONFLICT" and outcome.is_uncertain:
            current = answer.body["current"]
        elif answer.status != 200:
            self.wrong(f"changing {visit.id} at version {visit.version}", outcome)
            return False
        if current["version"] != visit.version + 1 or any(current.get(name) != value for name, value in body.items()):
            self.wrong(f"changing {visit.id} at version {visit.version}: answered version {current['version']}", outcome)
            return False
        self.note(visit, "updated", outcome, current)
        await self.look(visit)
        return True

    def note(self, visit: Visit, action: str, outcome: Outcome, body: Any) -> None:
        self.ledger.add(visit, Step(action, time.monotonic(), None if body is None else digest(body), outcome.was_retried))

    async def look(self, visit: Visit) -> None:
        """What was acknowledged is there, on every node."""
        if self.dice.random() < SAMPLE:
            outcome = await self.send("GET", f"/appointments/{visit.id}")
            answer = outcome.answer
            if answer.status != 200 or digest(answer.body) != visit.steps[-1].digest:
                text = f"visit {visit.id} version {visit.version} was acknowledged, and read as {answer.status}"
                self.world.findings.add(findings.WRITE, text)

    def times(self, slot: tuple[int, int]) -> dict[str, str]:
        return {"date": day(slot[0]), "startTime": clock(slot[1]), "endTime": clock(slot[1] + 1)}

    def free_slot(self) -> tuple[int, tuple[int, int]]:
        while True:
            staff, slot = self.dice.choice(self.staff), (self.dice.randrange(DAYS), self.dice.randrange(SLOTS))
            if (staff, *slot) not in self.taken:
                return staff, slot
