"""examples/client as a program of Node, the driver's and the system's, against real nodes."""

import json
import queue
import shutil
import subprocess
import threading
import time
from pathlib import Path

import playwright
import pytest
from harness.cable import Cable
from harness.stack import ROOT
from tokens import resigned

HERE = Path(__file__).resolve().parent
OLDEST = 20


def _runtimes():
    """The system's Node only where it is as new as the client asks for."""
    found = {"driver": [str(Path(playwright.__file__).parent / "driver" / "node")]}
    if system := shutil.which("node"):
        major = int(subprocess.run([system, "-p", "process.versions.node"], capture_output=True, text=True).stdout.split(".")[0])
        if major >= OLDEST:
            found["system"] = [system] + (["--experimental-websocket"] if major < 22 else [])
    return found


RUNTIMES = _runtimes()


class Program:
    """follow.mjs, and what it has told so far."""

    def __init__(self, runtime, folder, url, tokens):
        command = [*RUNTIMES[runtime], folder / "follow.mjs", url, json.dumps(tokens)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self._lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.snapshots, self.events, self.states, self.counters = [], [], [], None

    def until(self, condition, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            what, value = self._lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if what == "counters":
                self.counters = value
            else:
                {"snapshot": self.snapshots, "event": self.events, "state": self.states}[what].append(value)

    def ask_counters(self):
        self.counters = None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.until(lambda: self.counters is not None)
        return self.counters

    @property
    def times_live(self):
        return sum(state["state"] == "live" for state in self.states)

    def end(self):
        """Its exit code: a program that closes its client has nothing that holds it."""
        self._process.stdin.close()
        return self._process.wait(20)

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(json.loads(line))


@pytest.fixture
def follow(tmp_path):
    """`follow(runtime, url, tokens)`: a program that has installed the package."""
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "adelante-client").symlink_to(ROOT / "examples" / "client")
    shutil.copy(HERE / "follow.mjs", tmp_path)
    programs = []

    def start(*arguments):
        programs.append(Program(arguments[0], tmp_path, *arguments[1:]))
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


@pytest.mark.parametrize("end", ["kill", "stop"])
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_every_event_comes_once_and_in_order_while_nodes_end(runtime, end, nodes, owner, writer, follow):
    balancer = Cable(nodes[0])
    program = follow(runtime, balancer.url, owner.session)
    program.until(lambda: program.times_live)
    writer.start()
    for lines, victim in enumerate((0, 1), 2):
        writer.await_more(20)
        balancer.lead_to(nodes[1 - victim])
        getattr(nodes[victim], end)()
        writer.await_more(20)
        nodes[victim].start()
        nodes[victim].await_ready()
        program.until(lambda: program.times_live >= lines)
    writer.await_more(20)
    writer.stop()
    program.until(lambda: {event["data"]["id"] for event in program.events} >= set(writer.ids))
    first = program.events[0]["seq"]
    assert [event["seq"] for event in program.events] == list(range(first, first + len(program.events)))
    assert [event["data"]["id"] for event in program.events if event["type"] == "client:created"] == writer.ids
    assert not any(event["repeated"] for event in program.events)
    counters = program.ask_counters()
    assert counters["connections"] >= 3
    assert counters["gapsFound"] == counters["gapsHealed"]
    assert counters["reloads"] == 0 and len(program.snapshots) == 1
    assert program.end() == 0
    balancer.close()


def test_a_token_is_refreshed_on_the_live_line_before_its_end(stack, nodes, owner, writer, follow):
    end = int(time.time()) + 8
    short = resigned(stack, owner.session["access_token"], exp=end)
    program = follow("driver", nodes[0].url, {**owner.session, "access_token": short})
    program.until(lambda: program.times_live)
    time.sleep(max(0, end + 11 - time.time()))  # ten seconds past its end the server would have cut the line
    written = writer.write()
    program.until(lambda: program.events)
    assert program.events[-1]["data"]["id"] == written
    counters = program.ask_counters()
    assert (counters["connections"], counters["refreshes"]) == (1, 1)
