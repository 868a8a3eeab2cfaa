"""The servers: a private PostgreSQL and Redis, and two nodes of adelante on neighbouring ports."""

import contextlib
import os
import random
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SERVICES = ROOT / "scripts" / "services"
BINARY = Path(os.environ.get("ADELANTE_BINARY") or ROOT / ".build/debug/adelante")

# A line of the access log.
_REQUEST = re.compile(r"request .*?method=(\w+).*? path=(\S+).*? status=(\d+)")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def neighbouring_ports():
    """Two free ports, N and N+1, below the range of outgoing connections; on new pictures those of scripts/run, if free."""
    preferred = [8000] if os.environ.get("UPDATE_SCREENSHOTS") == "1" else []
    for port in preferred + random.sample(range(20_000, 31_998), 200):
        if _is_free(port) and _is_free(port + 1):
            return port, port + 1
    raise RuntimeError("found no two free neighbouring ports")


class Node:
    """One process of `adelante serve`; it may be killed and started again."""

    def __init__(self, name, port, environment, logs):
        self.name = name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._environment = {**environment, "PORT": str(port)}
        self._log = logs / f"{name}.log"
        self._process = None

    def start(self):
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [BINARY, "serve"], env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT
            )

    def await_ready(self, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"{self.url}/ready", timeout=2) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} is not ready. Its log ends:\n{self.log_end()}")
            time.sleep(0.05)

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def kill(self):
        """As when the machine goes: nothing is said to anybody."""
        self._process.kill()
        self._process.wait()

    def stop(self):
        if not self.is_running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def requests(self, ending=None):
        """What the access log has: (method, path, status) of each request, or of those whose path ends so."""
        found = _REQUEST.findall(self._log.read_text(errors="replace"))
        return [request for request in found if ending is None or request[1].endswith(ending)]

    def log_end(self, lines=25):
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


class Stack:
    """Everything that the tests need to run, in a folder of its own that is gone afterwards.

    `settings` go before the usual ones. With a sandbox the nodes have its bot."""

    fills_with = ("demo", "--week")  # the command that makes the tables, and what is in them

    def __init__(self, sandbox=None, **settings):
        self.sandbox = sandbox
        self._settings = settings
        self.environment = {}
        self.folder = Path(tempfile.mkdtemp(prefix="adelante-browser-"))
        self.folder.chmod(0o711)  # PostgreSQL may run as another user
        self.nodes = []

    def start(self):
        if not BINARY.exists():
            raise RuntimeError(f"{BINARY} is missing: run `swift build`, or name another one in ADELANTE_BINARY")
        ports = neighbouring_ports()
        environment = {
            **os.environ,
            "HOST": "127.0.0.1",
            "PUBLIC_URL": f"http://127.0.0.1:{ports[0]}",
            "DATABASE_URL": self._service("postgres", "--throwaway"),
            "REDIS_URL": self._service("redis"),
            "SECRET_KEY": secrets.token_hex(32),
            "DATA_DIR": str(self.folder / "data"),
            "BCRYPT_COST": "4",
            "RATE_LIMITS": "off",
            "REGISTRATION": "open",
            "DEMO": "on",
            "DRAIN_SECONDS": "1",
            **(self.sandbox.settings if self.sandbox else {}),
            **self._settings,
        }
        self.environment = environment
        subprocess.run([BINARY, *self.fills_with], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for name, port in zip(("node-a", "node-b"), ports):
            self.nodes.append(Node(name, port, environment, self.folder))
        for node in self.nodes:
            node.start()
        for node in self.nodes:
            node.await_ready()

    @contextlib.contextmanager
    def another_node(self, name, **settings):
        """One more node of the same installation, which is told something else."""
        port = next(port for port in random.sample(range(20_000, 31_998), 200) if _is_free(port))
        node = Node(name, port, {**self.environment, **settings}, self.folder)
        node.start()
        try:
            node.await_ready()
            yield node
        finally:
            node.stop()

    def execute(self, sql):
        """On the database itself."""
        command = ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", self.environment["DATABASE_URL"]]
        subprocess.run([*command, "--command", sql], check=True, stdout=subprocess.DEVNULL)

    def flush_redis(self):
        """As after a restart without its memory."""
        address = urllib.parse.urlsplit(self.environment["REDIS_URL"])
        with socket.create_connection((address.hostname, address.port), timeout=10) as redis:
            redis.sendall(b"FLUSHALL\r\n")
            assert redis.recv(64).startswith(b"+OK")

    def stop_redis(self):
        subprocess.run([SERVICES, "redis", "stop", self.folder / "redis"], check=True, stdout=subprocess.DEVNULL)

    def start_redis(self):
        """On the port that it had."""
        self._service("redis")

    def stop(self):
        for node in self.nodes:
            node.stop()
        for kind in ("redis", "postgres"):
            if (self.folder / kind).exists():
                subprocess.run([SERVICES, kind, "stop", self.folder / kind], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _service(self, kind, *options):
        command = [SERVICES, kind, "start", self.folder / kind, "--owner", str(os.getpid()), *options]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1]
