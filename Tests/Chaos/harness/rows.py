"""The visits of some days as a page has them: loaded once, then kept up to date by events."""

from dataclasses import dataclass, field
from typing import Any

from .digest import digest
from .frame_cache import Frame
from .rest import Answer


@dataclass(frozen=True)
class Window:
    """Days, both included, as `YYYY-MM-DD`."""

    first: str
    last: str

    def holds(self, date: str) -> bool:
        return self.first <= date <= self.last

    @property
    def path(self) -> str:
        return f"/api/v1/appointments?dateFrom={self.first}&dateTo={self.last}"


@dataclass
class Snapshot:
    """Rows of a window, by id, as digests, and the position that they were read at."""

    who: str
    window: Window
    seq: int
    epoch: str
    rows: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of(cls, who: str, window: Window, answer: Answer) -> "Snapshot":
        """A list as GET has answered it."""
        headers = answer.headers
        rows = {row["id"]: digest(row) for row in answer.body}
        return cls(who, window, int(headers["x-topic-seq"]), headers["x-topic-epoch"], rows)

    def apply(self, frame: Frame) -> None:
        """What an event does to the rows."""
        data: dict[str, Any] = frame.fields["data"]
        if frame.type != "appointment:deleted" and self.window.holds(data["date"]):
            self.rows[data["id"]] = frame.data_digest
        else:
            self.rows.pop(data["id"], None)
        self.seq = frame.seq or self.seq
