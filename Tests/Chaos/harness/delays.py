"""How long after its acknowledgement a write was delivered."""

from dataclasses import dataclass, field

from .ledger import Ledger
from .subscriber import Subscriber
from .timeline import Timeline
from .truth import Event


@dataclass
class Delays:
    """In seconds: the longest of all, and those of quick subscribers while nothing was broken."""

    longest: float = 0.0
    calm: list[float] = field(default_factory=list)
    longest_calm: float = 0.0
    where: str = ""  # the longest calm one

    def add(self, subscriber: Subscriber, topic: str, acknowledged: dict[int, float], calm: set[int], begun: float) -> None:
        """One subscriber's deliveries on a topic; `calm` are the positions that were acknowledged without a fault near."""
        is_quick = subscriber.manner.is_quick
        for segment in subscriber.histories[topic].segments:
            for seq, moment in zip(segment.seqs, segment.times, strict=True):
                at = acknowledged.get(seq)
                if at is None:
                    continue
                delay = max(0.0, moment - at)
                self.longest = max(self.longest, delay)
                if is_quick and seq in calm:
                    self.calm.append(delay)
                    if delay > self.longest_calm:
                        self.longest_calm = delay
                        self.where = f"{topic} {seq} to {subscriber.name}, acknowledged at {at - begun:.1f} s"

    def at(self, share: float) -> float:
        """A quantile of the calm ones."""
        ordered = sorted(self.calm)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def measure(
    subscribers: list[Subscriber], ledger: Ledger, timeline: Timeline, by_visit: dict[int, list[Event]], clients: list[Event]
) -> Delays:
    """Over all visits and clients."""
    visits: dict[int, float] = {}
    for id, told in by_visit.items():
        if id in ledger.visits:
            for step, event in zip(ledger.visits[id].steps, told, strict=False):
                visits[event.seq] = step.acknowledged_at
    made = {event.seq: ledger.clients[event.data["id"]].step.acknowledged_at for event in clients if event.data["id"] in ledger.clients}
    delays = Delays()
    for topic, acknowledged in (("appointments", visits), ("clients", made)):
        calm = {seq for seq, at in acknowledged.items() if timeline.is_calm(at)}
        for subscriber in subscribers:
            if topic in subscriber.histories:
                delays.add(subscriber, topic, acknowledged, calm, timeline.begun)
    return delays
