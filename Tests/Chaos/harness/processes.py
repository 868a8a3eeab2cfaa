"""Starting programs so that none outlives us, and finding ports for them."""

import asyncio
import ctypes
import random
import resource
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class ChaosError(Exception):
    """Something that the run cannot go on without."""


def prepare_child() -> None:
    """Between fork and exec: a terminal's Ctrl-C is ours to handle, and the child ends when this process does."""
    LIBC.setsid()
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def allow_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def start(command: Sequence[str], folder: Path, log: Path, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Starts a program in `folder` with this environment alone; its output is added to `log`."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
            preexec_fn=prepare_child,
        )  # fmt: skip


async def run(command: Sequence[str], given: str = "", seconds: float = 120, environment: Mapping[str, str] | None = None) -> str:
    """Runs a program to its end; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(seconds):
            output, errors = await process.communicate(given.encode())
    except BaseException:
        if process.returncode is None:
            process.kill()
        raise
    if process.returncode:
        raise ChaosError(f"{Path(command[0]).name} {command[1]}: {errors.decode(errors='replace').strip()}")
    return output.decode()


def free_ports(count: int) -> list[int]:
    """Ports below the range that the kernel gives to outgoing connections."""
    found: list[int] = []
    for port in random.sample(range(20_000, 32_000), 400):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise ChaosError("found no free ports")
