"""What was written and acknowledged: each visit's and client's life as the writers know it."""

from dataclasses import dataclass, field

EVENTS = {"created": "appointment:created", "updated": "appointment:updated", "deleted": "appointment:deleted"}


@dataclass
class Step:
    """One acknowledged write. `digest` is of the visit that was answered; a deletion answers none."""

    action: str
    acknowledged_at: float
    digest: int | None
    was_retried: bool


@dataclass
class Visit:
    """A visit, and its writes in order: the step at index N made version N + 1."""

    id: int
    marker: str
    staff: int
    slot: tuple[int, int]
    status: str
    is_deleted: bool = False
    is_final: bool = False  # nothing will be done to it any more
    steps: list[Step] = field(default_factory=list)

    @property
    def version(self) -> int:
        return len(self.steps)


@dataclass
class Client:
    """A client, made by one write."""

    id: int
    marker: str
    step: Step


@dataclass
class Ledger:
    """All acknowledged writes."""

    visits: dict[int, Visit] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # markers of what must not be there
    lost_answers: int = 0
    retried: int = 0
    refusals: int = 0

    def add(self, visit: Visit, step: Step) -> None:
        """An acknowledged write of a visit."""
        self.visits[visit.id] = visit
        visit.steps.append(step)
        self.retried += step.was_retried

    @property
    def acknowledged(self) -> int:
        return sum(visit.version for visit in self.visits.values()) + len(self.clients)
