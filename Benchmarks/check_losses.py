"""Shows that the load generator notices what a server loses, sends twice, or does not do: `scripts/bench --check` runs it."""

import sys
from pathlib import Path
from typing import Any

from harness.load import Load
from harness.processes import Program, free_ports

SOCKETS, MESSAGES = 50, 100


def run(tools: Path, *flaws: str) -> dict[str, Any]:
    """A short run against the floor with a flaw."""
    port, publish_port = free_ports()
    server = Program([str(tools / "floor"), str(port), str(publish_port), *flaws], tools, "check")
    try:
        server.await_port(publish_port)
        arguments = [
            "--mode", "paced", "--port", str(port), "--publisher", "lines", "--publish-port", str(publish_port), "--rate", "100",
            "--seconds", str(MESSAGES / 100), "--warm-up", "0", "--sockets", str(SOCKETS),
        ]  # fmt: skip
        with Load(tools / "load", arguments) as load:
            while load.next(60) is not None:
                load.go()
            return load.report
    finally:
        server.stop()


def main() -> None:
    tools = Path(sys.argv[1])
    deliveries = SOCKETS * MESSAGES
    for flaws, lost, duplicated in (((), 0, 0), (("--lose", "500"), deliveries // 500, 0), (("--repeat", "250"), 0, deliveries // 250)):
        report = run(tools, *flaws)
        found = report["lost"], report["duplicated"], report["reordered"]
        if found != (lost, duplicated, 0):
            sys.exit(f"with the flaw {flaws} lost, duplicated and reordered should be {lost}, {duplicated}, 0, and are {found}")
    print("what a server loses and what it sends twice is counted to the piece")


if __name__ == "__main__":
    main()
