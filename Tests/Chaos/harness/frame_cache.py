"""Frames as they were read, parsed once for all sockets that got the same bytes."""

import json
from dataclasses import dataclass
from typing import Any

from .digest import digest

MAXIMUM = 20_000


@dataclass(frozen=True)
class Frame:
    """A message from the server. Of an event: `seq`, and the digests of its content and of its data alone."""

    type: str
    fields: dict[str, Any]
    seq: int | None = None
    digest: int = 0
    data_digest: int = 0


class FrameCache:
    """All nodes encode an event alike, so one look-up serves every socket."""

    def __init__(self) -> None:
        self.frames: dict[bytes, Frame] = {}

    def read(self, text: bytes) -> Frame:
        frame = self.frames.get(text)
        if frame is None:
            frame = parse(text)
            if frame.seq is not None:
                if len(self.frames) >= MAXIMUM:
                    self.frames.clear()
                self.frames[text] = frame
        return frame


def parse(text: bytes) -> Frame:
    fields = json.loads(text)
    kind, data = fields["type"], fields.get("data")
    if data is None or "seq" not in fields:
        return Frame(kind, fields)
    # The version stands in the frame and in the data; a frame whose two differ matches no event.
    version = fields.get("version")
    content = [kind, data] if version == data.get("version") else [kind, data, version]
    return Frame(kind, fields, fields["seq"], digest(content), digest(data))
