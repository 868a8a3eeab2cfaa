"""The REST scenario: the same requests to a node of adelante and to the same in FastAPI, on one database."""

import datetime
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

from .backing import Backing
from .load import Load, say
from .processes import BenchError, Program, cpu_ns, free_ports
from .servers import PEERS, Context, Running, node, required

Result = dict[str, Any]
JSONBody = dict[str, Any]

CONNECTIONS = 16  # flat out
PACED_CONNECTIONS = 64
LOAD = 0.4  # the equal load: this part of what FastAPI does flat out
NAMES = {
    "list": "a day's appointments",
    "get": "one appointment",
    "create": "create one",
    "clients": "clients, page 1, searched",
    "dashboard": "dashboard of a month",
    "period": "dashboard, other days each time",
}
RECEPTION = 3  # whose token it is: the demo's receptionist
ORIGIN = "http://localhost:3000"
BOOKED_FROM = 60  # days from today: there the demo has no visits
SLOTS = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(8 * 60, 22 * 60, 30)]


class YearBacking(Backing):
    """PostgreSQL and Redis with the demo's year in them."""

    def seed(self) -> None:
        self.run_adelante("demo")
        self.sql(
            "INSERT INTO sessions (id, salon_id, user_id, expires_at) SELECT id, salon_id, id, now() + interval '2 days' FROM users"
            " ON CONFLICT DO NOTHING"
        )
        self.sql("VACUUM ANALYZE")
        self.today = datetime.date.fromisoformat(self.sql("SELECT (now() AT TIME ZONE 'Europe/Kyiv')::date"))
        self.staff = [int(line) for line in self.sql("SELECT id FROM staff WHERE salon_id = 1 ORDER BY id").split()]
        self.visits = [int(line) for line in self.sql("SELECT id FROM appointments WHERE salon_id = 1 ORDER BY id").split()]
        self.last = {
            table: int(self.sql(f"SELECT max(id) FROM {table}")) for table in ("appointments", "notifications", "audit_log")
        }
        self.began = self.sql("SELECT clock_timestamp()")

    def forget_bookings(self) -> None:
        """What was created is gone again, so that every run meets the same tables."""
        last = self.last
        self.sql(
            f"DELETE FROM appointments WHERE id > {last['appointments']};"
            f"DELETE FROM notifications WHERE id > {last['notifications']};"
            f"DELETE FROM audit_log WHERE id > {last['audit_log']};"
            f"DELETE FROM events WHERE created_at > '{self.began}';"
        )
        self.sql("VACUUM ANALYZE")


def year(context: Context) -> YearBacking:
    """Made when it is first wanted."""
    if context.year is None:
        folder = context.work / "year"
        folder.mkdir(mode=0o711)
        context.year = YearBacking(folder, context.binary)
    return context.year


# MARK: The servers


def start_adelante_rest(context: Context, **settings: str) -> Running:
    backing = year(context)
    measured, port = node(context, "rest", backing, LOG_LEVEL="warning", ALLOWED_ORIGINS=ORIGIN, **settings)
    return Running(measured, {"postgres": backing.pids["postgres"]}, ["--port", str(port)], [], lambda _: [])


def start_adelante_rest_one(context: Context) -> Running:
    """One event loop."""
    return start_adelante_rest(context, EVENT_LOOPS="1")


def start_fastapi_rest(context: Context, rows: str = "objects", workers: int = os.cpu_count() or 1) -> Running:
    """As many workers as a node has event loops, with as many connections together as it has."""
    python = required(context.tools / "venv/bin/python")
    backing = year(context)
    port, _ = free_ports()
    command = [
        python, "-m", "uvicorn", "fastapi_rest.app:app", "--app-dir", str(PEERS), "--port", str(port), "--workers", str(workers),
        "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--backlog", "4096",
    ]  # fmt: skip
    environment = {
        **backing.environment(), "POOL_SIZE": str(max(1, 8 // workers)), "ALLOWED_ORIGINS": ORIGIN, "ROWS": rows,
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    program = Program(command, context.work, "fastapi-rest", environment)
    program.await_port(port, 90)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
                break
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    return Running(program, {"postgres": backing.pids["postgres"]}, ["--port", str(port)], [], lambda _: [])


def start_fastapi_rest_raw(context: Context) -> Running:
    """The same, but rows stay the text that PostgreSQL has made of them."""
    return start_fastapi_rest(context, rows="handed-on")


def start_fastapi_rest_one(context: Context) -> Running:
    """One worker."""
    return start_fastapi_rest(context, workers=1)


# MARK: The requests


def head(backing: Backing, method: str, path: str, more: str = "") -> str:
    return (
        f"{method} /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {backing.token(RECEPTION)}\r\n"
        f"Accept: application/json, text/plain, */*\r\nOrigin: {ORIGIN}\r\n{more}\r\n"
    )


def bookings(backing: YearBacking) -> Iterator[JSONBody]:
    """Free slots, one after the other, each as the page's form sends it."""
    names = ["Олена Коваленко", "Марія Бойко", "Ірина Ґудзь", "Тарас Мельник"]
    services = [("Стрижка жіноча", 650), ("Манікюр, Дизайн нігтів", 650), ("Фарбування", 1850), ("Укладка", 400)]
    number = 0
    for day in range(BOOKED_FROM, 4000):
        date = (backing.today + datetime.timedelta(days=day)).isoformat()
        for start, end in zip(SLOTS, SLOTS[1:], strict=False):
            for staff in backing.staff:
                number += 1
                service, price = services[number % len(services)]
                yield {
                    "clientName": names[number % len(names)], "clientPhone": f"+380 67 {number % 1000:03} 45 67", "service": service,
                    "date": date, "startTime": start, "endTime": end, "status": "scheduled", "type": "standard",
                    "notes": "" if number % 3 else "Просить не запізнюватися", "price": price, "staffId": staff,
                }  # fmt: skip


def paths(backing: YearBacking) -> dict[str, list[str]]:
    """Of those that read: different rows each time, as people ask for them."""
    today, draw = backing.today, random.Random(6)
    days = [(today - datetime.timedelta(days=n)).isoformat() for n in range(60)]
    searches = ["олен", "мельн", "руденко", "067", "5012", "катер", "шевч", "андрій", "1234", "client1", "лисенко ю", "ярем"]
    months = [today.replace(day=1)]
    while len(months) < 12:
        months.append((months[-1] - datetime.timedelta(days=1)).replace(day=1))
    ends = [(month + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1) for month in months]
    return {
        "list": [f"/appointments?dateFrom={day}&dateTo={day}" for day in days],
        "get": [f"/appointments/{visit}" for visit in draw.sample(backing.visits, 500)],
        "clients": [f"/clients?search={urllib.parse.quote_plus(text)}&page=1&perPage=25" for text in searches],
        "dashboard": [f"/finances/dashboard?dateFrom={month}&dateTo={end}" for month, end in zip(months, ends, strict=True)],
        # So many that none is kept when its turn comes again.
        "period": draw.sample([f"/finances/dashboard?dateFrom={today - datetime.timedelta(days=first)}"
                               f"&dateTo={today - datetime.timedelta(days=first - length)}"
                               for first in range(40, 340) for length in range(24, 38)], 4000),
    }


def request_file(context: Context, kind: str, count: int = 0) -> str:
    """A file for the generator."""
    backing = year(context)
    if kind == "create":
        requests = []
        for body, _ in zip(bookings(backing), range(count), strict=False):
            text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
            length = f"Content-Type: application/json\r\nContent-Length: {len(text.encode())}\r\n"
            requests.append(head(backing, "POST", "/appointments", length) + text)
    else:
        requests = [head(backing, "GET", path) for path in paths(backing)[kind]]
    encoded = [request.encode() for request in requests]
    path = context.work / f"{kind}.requests"
    path.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in encoded))
    return str(path)


# MARK: Equal answers


def ask(backing: Backing, port: str, method: str, path: str, body: JSONBody | None = None) -> tuple[int, dict[str, str], Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {backing.token(RECEPTION)}", "Origin": ORIGIN}
    if data:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            status, found, text = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, found, text = error.code, error.headers, error.read()
    # Not x-topic-seq: what the first server was asked to book has moved it on for the second.
    wanted = ("content-type", "x-total-count", "x-topic-epoch", "etag", "cache-control", "access-control-allow-origin")
    return status, {name: found[name] for name in wanted if found[name]}, json.loads(text)


def traces(backing: YearBacking) -> str:
    """What a booking left behind, without the numbers that every one has of its own."""
    last = backing.last
    return backing.sql(
        f"""
        SELECT regexp_replace(line, '("id": "?|/appointments/|Id": )\\d+', '\\1', 'g') FROM (
            SELECT topic || ' ' || type || ' ' || (data - 'createdAt' - 'unreadCount')::text FROM events
            WHERE created_at > '{backing.began}'
            UNION ALL SELECT row(salon_id, user_id, type, title, message, link, read)::text FROM notifications
            WHERE id > {last['notifications']}
            UNION ALL SELECT row(salon_id, user_id, author, entity, entity_name, action, details)::text FROM audit_log
            WHERE id > {last['audit_log']}
            UNION ALL SELECT row(l.position, l.service_id, l.name, l.price, l.duration)::text FROM appointment_lines l
            WHERE l.appointment_id > {last['appointments']}) AS lines (line)
        ORDER BY 1
        """
    )


def answers(context: Context, running: Running) -> dict[str, Any]:
    """What a server says to each request once, and what four bookings leave behind."""
    backing, port = year(context), running.connect[1]
    said: dict[str, Any] = {}
    every = paths(backing)
    for some in every.values():
        for path in some[:60]:
            said[path] = ask(backing, port, "GET", path)
    # Once more, of those that are kept: whichever worker answers.
    for number, path in enumerate(every["dashboard"] * 4):
        said[f"{path} again, {number}"] = ask(backing, port, "GET", path)
    for number, (body, _) in enumerate(zip(bookings(backing), range(4), strict=False)):
        status, headers, made = ask(backing, port, "POST", "/appointments", body)
        said[f"POST {number}"] = status, headers, {name: made[name] for name in made if name not in ("id", "createdAt")}
    said["left behind"] = traces(backing)
    said["taken"] = ask(backing, port, "POST", "/appointments", next(iter(bookings(backing))))[0]
    backing.forget_bookings()
    return said


def check(context: Context) -> None:
    """All give the same answers, or nothing is measured."""
    found: list[dict[str, Any]] = []
    for start in (start_adelante_rest, start_fastapi_rest, start_fastapi_rest_raw):
        running = start(context)
        try:
            found.append(answers(context, running))
        finally:
            running.stop()
    ours, *others = found
    for what, answer in ours.items():
        if isinstance(answer, tuple) and answer[0] not in (200, 201):
            raise BenchError(f"{what}: {answer}")
        for theirs in others:
            if answer != theirs[what]:
                raise BenchError(f"the answers to {what} differ:\n{str(answer)[:2000]}\n{str(theirs[what])[:2000]}")
    say(f"rest: all servers answer {len(ours)} requests alike, and leave the same behind")


# MARK: Measuring


def drive(context: Context, running: Running, arguments: list[str], seconds: float) -> Result:
    with Load(context.tools / "rest", [*running.connect, *arguments, "--seconds", str(seconds)]) as load:
        load.next(seconds + 60)
        before = (cpu_ns(running.measured.pid), cpu_ns(running.beside["postgres"]))
        load.go()
        load.next(seconds + 60)
        after = (cpu_ns(running.measured.pid), cpu_ns(running.beside["postgres"]))
        load.go()
        load.next(60)
        phase: Result = load.report["phases"][0]
    if phase["refused"] or not phase["requests"]:
        raise BenchError(f"{phase['refused']} of {phase['requests']} requests were refused")
    phase["cpu_us"] = (after[0] - before[0]) / 1000 / phase["requests"]
    phase["postgres_us"] = (after[1] - before[1]) / 1000 / phase["requests"]
    phase["per_cpu_second"] = 1e6 / phase["cpu_us"]
    return phase


def flat_out(context: Context, running: Running, kind: str, seconds: float) -> Result:
    arguments = ["--requests", request_file(context, kind, int((seconds + 2) * 8000)), "--connections", str(CONNECTIONS)]
    try:
        return drive(context, running, [*arguments, *(["--once"] if kind == "create" else [])], seconds)
    finally:
        if kind == "create":
            year(context).forget_bookings()


def paced(context: Context, running: Running, kind: str, seconds: float, rate: float) -> Result:
    arguments = ["--requests", request_file(context, kind, int((seconds + 3) * rate)), "--connections", str(PACED_CONNECTIONS)]
    try:
        return drive(context, running, [*arguments, "--rate", str(rate), *(["--once"] if kind == "create" else [])], seconds)
    finally:
        if kind == "create":
            year(context).forget_bookings()


def rates(context: Context) -> dict[str, float]:
    """The equal load of each request, found once: a part of what FastAPI does flat out."""
    if not context.rates:
        check(context)
        running = start_fastapi_rest(context)
        try:
            for kind in NAMES:
                context.rates[kind] = round(LOAD * flat_out(context, running, kind, 4)["per_second"], 1)
        finally:
            running.stop()
        say("rest: equal load, requests/s: " + ", ".join(f"{kind} {rate}" for kind, rate in context.rates.items()))
    return context.rates


def measure(context: Context, running: Running, seconds: float) -> Result:
    result: Result = {}
    for kind in NAMES:
        flat = flat_out(context, running, kind, seconds)
        even = paced(context, running, kind, seconds, context.rates[kind])
        result[kind] = {"flat": flat, "paced": even}
        result[f"{kind}_per_cpu_second"] = flat["per_cpu_second"]
        result[f"{kind}_p99_ms"] = even["p99_ms"]
    return result


# MARK: Tables


def tables(servers: dict[str, list[Result]], middle: Callable[[list[float]], float]) -> list[list[str]]:
    """A line for each request and server: medians, with the least and the greatest of what is compared."""
    rows = []
    for kind, title in NAMES.items():
        for server, rounds in servers.items():

            def values(phase: str, key: str, rounds: list[Result] = rounds, kind: str = kind) -> list[float]:
                return [one[kind][phase][key] for one in rounds]

            per_cpu = values("flat", "per_cpu_second")
            p99 = values("paced", "p99_ms")
            rows.append([
                title, server, f"{middle(per_cpu):,.0f} ({min(per_cpu):,.0f} … {max(per_cpu):,.0f})",
                f"{middle(values('flat', 'cpu_us')):,.0f}", f"{middle(values('flat', 'postgres_us')):,.0f}",
                f"{middle(values('flat', 'per_second')):,.0f}", f"{middle(values('paced', 'per_second')):,.0f}",
                f"{middle(values('paced', 'p50_ms')):,.2f}", f"{middle(p99):,.2f} ({min(p99):,.2f} … {max(p99):,.2f})",
                f"{middle(values('paced', 'cpu_us')):,.0f}",
            ])  # fmt: skip
    return rows


HEAD = [
    "request", "server", "flat out: requests a CPU second", "server CPU, µs a request", "PostgreSQL's, µs", "requests/s",
    "equal load: requests/s", "p50, ms", "p99, ms", "server CPU, µs a request",
]  # fmt: skip
