"""PostgreSQL and Redis of a run, the salons in them, and the tokens of their people."""

import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .processes import BenchError

ROOT = Path(__file__).resolve().parents[2]
DESKS = 1000  # people of the busy salon, each with a session and a token of their own
WRITERS = 8  # appointments that are written, one for each of the publisher's connections
QUIET_SALONS = 1250
TOPICS = ("appointments", "notifications", "clients", "staff", "services", "inventory", "finances", "settings")

# Salon 1 is written to. Salon 2 is of the runs that inject at Redis: nothing of it is ever committed, so PostgreSQL never
# contradicts the numbers that were injected. The others are the many that are quiet; their one person has all topics.
SEED = f"""
INSERT INTO salons (id, name) SELECT n, 'Salon ' || n FROM generate_series(1, {2 + QUIET_SALONS}) AS n;
INSERT INTO users (id, salon_id, email, first_name, role)
    SELECT n, 1 + (n - 1) / {DESKS}, 'desk' || n || '@bench.example', 'Desk ' || n, 'receptionist'
    FROM generate_series(1, {2 * DESKS}) AS n;
INSERT INTO users (id, salon_id, email, first_name, role)
    SELECT {2 * DESKS} + n, 2 + n, 'owner' || n || '@bench.example', 'Owner ' || n, 'admin'
    FROM generate_series(1, {QUIET_SALONS}) AS n;
INSERT INTO sessions (id, salon_id, user_id, expires_at) SELECT id, salon_id, id, now() + interval '2 days' FROM users;
INSERT INTO staff (id, salon_id, first_name, last_name)
    SELECT n, 1, 'Olena', 'Koval ' || n FROM generate_series(1, {WRITERS}) AS n;
INSERT INTO clients (id, salon_id, first_name, last_name, phone, phone_key)
    VALUES (1, 1, 'Maria', 'Bondar', '+380 67 123 45 67', '380671234567');
INSERT INTO services (id, salon_id, name, duration, price) VALUES (1, 1, 'Haircut', 60, 450);
INSERT INTO appointments (id, salon_id, client_id, client_name, client_phone, staff_id, service_id, service_name, date,
                          start_time, end_time, price)
    SELECT n, 1, 1, 'Maria Bondar', '+380 67 123 45 67', n, 1, 'Haircut', '2026-05-18', '14:00', '15:00', 450
    FROM generate_series(1, {WRITERS}) AS n;
INSERT INTO appointment_lines (salon_id, appointment_id, position, service_id, name, price, duration)
    SELECT 1, n, 1, 1, 'Haircut', 450, 60 FROM generate_series(1, {WRITERS}) AS n;
ANALYZE;
"""


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Backing:
    """Private servers that end with this process (or with `stop`), migrated and seeded."""

    def __init__(self, work: Path, binary: Path) -> None:
        self.work = work
        self.secret = secrets.token_urlsafe(48)
        self.database_url = self._service("postgres", "start", "--throwaway")
        self.redis_url = self._service("redis", "start")
        self.redis_port = int(self.redis_url.rsplit(":", 1)[1].split("/")[0])
        self.binary = binary
        self.run_adelante("migrate")
        self.seed()
        self.instance = self.sql("SELECT id FROM instance")
        # Each backend is a child of the postmaster.
        backend = self.sql("SELECT pg_read_file('postmaster.pid')").split("\n")[0]
        self.pids = {"postgres": int(backend), "redis": int((work / "redis" / "pid").read_text())}

    def seed(self) -> None:
        """Fills the database."""
        self.sql(SEED)

    def environment(self) -> dict[str, str]:
        """What both the command line and the nodes need."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, "SECRET_KEY": self.secret}

    def sql(self, text: str) -> str:
        """Runs statements; the last one's rows, unadorned."""
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.database_url]
        result = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode:
            raise BenchError(f"psql: {result.stderr.strip()}")
        return result.stdout.strip()

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What PostgreSQL carries out for the nodes within the block; the list is filled at its end."""
        log = Path(self.sql("SHOW data_directory")).parent / "log"
        self.sql("ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()")
        began, found = log.stat().st_size, []
        try:
            yield found
        finally:
            with log.open("rb") as lines:
                lines.seek(began)
                text = lines.read().decode(errors="replace")
            self.sql("ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf()")
            # A statement goes on over indented lines.
            whole = re.sub(r"\n\t", " ", text)
            found += re.findall(r"LOG:  (?:execute [^:]*|statement): *(.*)", whole)

    def token(self, user: int) -> str:
        """An access token, as the server signs them; the session has the user's number."""
        now = int(time.time())
        claims = {"sub": str(user), "exp": now + 86400, "iat": now, "type": "access", "sid": str(user)}
        parts = [{"alg": "HS256", "typ": "JWT"}, claims]
        signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
        return f"{signed}.{base64url(hmac.digest(self.secret.encode(), signed.encode(), hashlib.sha256))}"

    def tokens(self, salon: int) -> list[str]:
        """Those of the people of salon 1 or 2."""
        return [self.token(user) for user in range((salon - 1) * DESKS + 1, salon * DESKS + 1)]

    def quiet_tokens(self) -> list[str]:
        """Those of the quiet salons' owners."""
        return [self.token(2 * DESKS + number) for number in range(1, QUIET_SALONS + 1)]

    def stop(self) -> None:
        for kind in ("redis", "postgres"):
            self._service(kind, "stop")

    def _service(self, kind: str, verb: str, *options: str) -> str:
        owner = ["--owner", str(os.getpid())] if verb == "start" else []
        command = [str(ROOT / "scripts/services"), kind, verb, str(self.work / kind), *options, *owner]
        result = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if result.returncode:
            raise BenchError(f"{kind} {verb}: {result.stderr.strip()}")
        return result.stdout.strip().split("\n")[-1]

    def run_adelante(self, verb: str) -> None:
        environment = {**os.environ, **self.environment()}
        command = [str(self.binary), verb]
        result = subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True, timeout=120, check=False)
        if result.returncode:
            raise BenchError(f"adelante {verb}: {result.stderr.strip()}")
