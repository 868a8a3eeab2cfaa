"""What an appointment's event looks like at a socket: every peer gets the same text."""

import json
import sys
import urllib.request
from dataclasses import dataclass

from .backing import ROOT, Backing
from .processes import BenchError

sys.path.insert(0, str(ROOT / "scripts/lib"))
from websocket import Socket  # noqa: E402

SAMPLE = "~b:00000000:0000000000000000000~"  # as long as a marker
LONG_NOTES = 3500  # more than the kernel buffers for a socket that does not read, in the time that it does not


@dataclass(frozen=True)
class Payload:
    """An event with `{marker}` where its marker goes."""

    event: str  # as it is at the socket
    notes: str  # what the write puts into the field `notes`

    @property
    def data(self) -> str:
        """The event's `data` alone."""
        return self.event.split(',"data":', 1)[1][:-1]

    @property
    def bytes(self) -> int:
        return len(self.event.encode()) - len("{marker}") + len(SAMPLE)


def measure(backing: Backing, write_port: int, socket_port: int, padding: int) -> Payload:
    """Writes one appointment on one node and takes what a socket on the other gets."""
    token = backing.token(1)
    socket = Socket("127.0.0.1", socket_port, "/ws", ("adelante.v1", f"bearer.{token}"))
    socket.send(json.dumps({"type": "subscribe", "topic": "appointments"}))
    if socket.receive_json()["type"] != "subscribed":
        raise BenchError("adelante does not let the bench subscribe")
    notes = SAMPLE + "x" * padding
    request = urllib.request.Request(
        f"http://127.0.0.1:{write_port}/api/v1/appointments/1",
        json.dumps({"notes": notes}).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method="PUT",
    )
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).read()
    event = socket.receive()
    socket.close()
    # The event's own fields change; whatever is injected has new ones.
    return Payload(event.replace(SAMPLE, "{marker}"), notes.replace(SAMPLE, "{marker}"))
