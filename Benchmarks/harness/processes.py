"""Processes: starting and ending them, and what the kernel says about their time and memory."""

import ctypes
import os
import random
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class BenchError(Exception):
    """Something that a round cannot go on without."""


def prepare_child() -> None:
    """Between fork and exec: as many open files as allowed, and the child ends when this process does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Program:
    """A server that we started; its output is in a log."""

    def __init__(self, command: Sequence[str], folder: Path, log: str, environment: Mapping[str, str] | None = None) -> None:
        self.name = Path(command[0]).name
        self.log = folder / f"{log}.log"
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command, cwd=folder, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, preexec_fn=prepare_child,
            )  # fmt: skip

    @property
    def pid(self) -> int:
        return self.process.pid

    def await_port(self, port: int, seconds: float = 30) -> None:
        """Until it accepts connections there."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise BenchError(f"{self.name} ended while it started:\n{self.log_end()}")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise BenchError(f"{self.name} does not listen on port {port}:\n{self.log_end()}")

    def log_end(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Asks it to end, and insists after a while."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait(8)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports() -> tuple[int, int]:
    """Two ports below those that the kernel gives to outgoing connections, of which a run uses up thousands."""
    for _ in range(100):
        port = random.randrange(20000, 32000)
        if is_free(port) and is_free(port + 1):
            return port, port + 1
    raise BenchError("no free ports")


def process_tree(pid: int) -> list[int]:
    """A process and everything that it started and that still runs."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text().split()]
            except OSError:
                continue
    return found


def cpu_ns(pid: int) -> int:
    """CPU time of a process and its children, all threads, by the kernel's own clock in nanoseconds."""
    total = 0
    for member in process_tree(pid):
        try:
            total += time.clock_gettime_ns((~member << 3) | 2)
        except OSError:
            continue
    return total


def resident_bytes(pid: int) -> int:
    """Resident memory; of several processes the proportional sizes, so that what they share counts once."""
    members = process_tree(pid)
    field = "Rss:" if len(members) == 1 else "Pss:"
    total = 0
    for member in members:
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))
    return total


def kernel_bytes() -> dict[str, int]:
    """What TCP's buffers and the kernel's objects take on the whole machine: both ends of every socket."""
    tcp = next(line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:")).split()
    slab = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("Slab:")).split()
    return {"tcp": int(tcp[tcp.index("mem") + 1]) * PAGE, "slab": int(slab[1]) * 1024}


def await_quiet(limit: float = 2.0, seconds: float = 90) -> float:
    """The one-minute load average, once it is below the limit or the time is over."""
    deadline = time.monotonic() + seconds
    while (load := os.getloadavg()[0]) >= limit and time.monotonic() < deadline:
        time.sleep(1)
    return load
