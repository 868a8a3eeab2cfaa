"""One run of the load generator, which tells where it is and waits to be told to go on."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .processes import BenchError, prepare_child


class Load:
    """The generator; usable in `with`, whose end ends it."""

    def __init__(self, binary: Path, arguments: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [str(binary), "--control", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, preexec_fn=prepare_child
        )
        self.unread = b""
        self.report: dict[str, Any] = {}

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def next(self, seconds: float, meanwhile: Callable[[], None] = lambda: None) -> str | None:
        """Where it is now; None once it has reported. `meanwhile` is called twice a second."""
        line = self._line(seconds, meanwhile)
        if line.startswith("phase "):
            return line.removeprefix("phase ")
        self.report = json.loads(line)
        self.process.wait(10)
        return None

    def go(self) -> None:
        """Lets it go on."""
        assert self.process.stdin
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()

    def _line(self, seconds: float, meanwhile: Callable[[], None]) -> str:
        assert self.process.stdout
        deadline = time.monotonic() + seconds
        while b"\n" not in self.unread:
            if time.monotonic() > deadline:
                raise BenchError(f"the load generator said nothing for {seconds:.0f} s")
            if select.select([self.process.stdout], [], [], 0.5)[0]:
                more = os.read(self.process.stdout.fileno(), 1 << 16)
                if not more:
                    raise BenchError("the load generator gave up")
                self.unread += more
            else:
                meanwhile()
        line, self.unread = self.unread.split(b"\n", 1)
        return line.decode()


def say(text: str) -> None:
    """A line for the person watching; results alone go to standard output."""
    print(text, file=sys.stderr, flush=True)
