"""What is done with a server that runs, and what of it is measured. Every figure is of one round."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .backing import QUIET_SALONS, TOPICS
from .load import Load
from .payload import LONG_NOTES
from .processes import BenchError, cpu_ns, kernel_bytes, resident_bytes
from .rest import measure as measure_rest
from .rest import (
    start_adelante_rest,
    start_adelante_rest_one,
    start_fastapi_rest,
    start_fastapi_rest_one,
    start_fastapi_rest_raw,
)
from .servers import SERVERS, Context, Running, authenticated, subscriptions

Result = dict[str, Any]


@dataclass
class Sizes:
    """How much of everything: the flags of scripts/bench."""

    sockets: int | None
    seconds: float
    rate: float
    idle_seconds: float
    stuck_seconds: float
    closed_seconds: float
    handshakes: int


def clocks(running: Running) -> dict[str, int]:
    return {"server": cpu_ns(running.measured.pid)} | {name: cpu_ns(pid) for name, pid in running.beside.items()}


def run_load(
    context: Context,
    running: Running,
    arguments: list[str],
    seconds: float,
    reached: Callable[[str], None] = lambda where: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> Result:
    """One run of the generator. The CPU clocks are read right before and right after each of its phases, while it waits.

    `reached` is called where it waits, `meanwhile` twice a second between.
    """
    spent: list[dict[str, int]] = []
    before: dict[str, int] | None = None
    with Load(context.tools / "load", arguments) as load:
        while (where := load.next(seconds, meanwhile)) is not None:
            now = clocks(running)
            if before is not None and where == "end":
                spent.append({name: now[name] - before[name] for name in now})
            reached(where)
            before = clocks(running)
            load.go()
        for phase, cpu in zip(load.report["phases"], spent, strict=True):
            phase["cpu_ns"] = cpu
        return load.report


def per_delivery(phase: Result) -> Result:
    """Microseconds of CPU for each delivery, of the server and of what is beside it."""
    deliveries = phase["deliveries"]
    if not deliveries:
        raise BenchError("nothing was delivered")
    return {name: ns / 1000 / deliveries for name, ns in phase["cpu_ns"].items()}


def faults(report: Result) -> Result:
    return {name: report[name] for name in ("lost", "duplicated", "reordered", "unexpected_closes", "failed", "strange", "stalls")}


def delivery_result(report: Result) -> Result:
    phase = report["phases"][-1]
    cpu = per_delivery(phase)
    return {
        "cpu_us": cpu.pop("server"),
        "beside_us": cpu,
        "per_second": phase["deliveries_per_second"],
        "messages": phase["messages"],
        "p50_ms": phase["from_request"]["p50_ms"],
        "p90_ms": phase["from_request"]["p90_ms"],
        "p99_ms": phase["from_request"]["p99_ms"],
        "max_ms": phase["from_request"]["max_ms"],
        "commit_p99_ms": phase["from_commit"]["p99_ms"] if phase["from_commit"]["count"] else None,
        "late_p99_ms": phase["lateness"]["p99_ms"],
        "raw": report,
        **faults(report),
    }


def flat(context: Context, running: Running, sizes: Sizes) -> Result:
    """Eight messages in flight: the next leaves when one has reached every socket."""
    sockets = sizes.sockets or 1000
    arguments = [*running.connect, *running.greet, *running.publish(0), "--mode", "flat", "--sockets", str(sockets)]
    return delivery_result(run_load(context, running, [*arguments, "--seconds", str(sizes.seconds)], sizes.seconds + 240))


def paced_run(context: Context, running: Running, sockets: int, rate: float, seconds: float) -> Result:
    arguments = [*running.connect, *running.greet, *running.publish(0), "--mode", "paced", "--sockets", str(sockets)]
    return run_load(context, running, [*arguments, "--rate", str(rate), "--seconds", str(seconds)], seconds + 240)


def paced(context: Context, running: Running, sizes: Sizes) -> Result:
    """So many messages a second, at fixed times."""
    return delivery_result(paced_run(context, running, sizes.sockets or 1000, sizes.rate, sizes.seconds))


def idle(context: Context, running: Running, sizes: Sizes) -> Result:
    """Memory with many sockets that do nothing, and again after each of them got ten events."""
    sockets = sizes.sockets or 10000
    time.sleep(2)  # what a start leaves to do
    resident = {"none": resident_bytes(running.measured.pid)}
    kernel = {"none": kernel_bytes()}

    def reached(where: str) -> None:
        if where == "ready":
            time.sleep(sizes.idle_seconds)
        else:
            resident[where] = resident_bytes(running.measured.pid)
            kernel[where] = kernel_bytes()

    arguments = [*running.connect, *running.greet, *running.publish(0), "--mode", "idle", "--events", "10"]
    report = run_load(context, running, [*arguments, "--sockets", str(sockets)], 300, reached)

    def kib(after: int, before: int) -> float:
        return (after - before) / 1024 / sockets

    return {
        "kib": kib(resident["events"], resident["none"]),
        "kib_after_events": kib(resident["end"], resident["none"]),
        "kernel_tcp_kib": kib(kernel["events"]["tcp"], kernel["none"]["tcp"]),
        "kernel_slab_kib": kib(kernel["events"]["slab"], kernel["none"]["slab"]),
        "base_mib": resident["none"] / 2**20,
        "raw": report,
        **faults(report),
    }


def connect(context: Context, running: Running, sizes: Sizes) -> Result:
    """Handshakes as fast as they go, a fixed number at once."""
    sockets = sizes.sockets or 10000
    greet = running.greet if running.handshake_needs_greeting else []
    arguments = [*running.connect, *greet, "--mode", "connect", "--sockets", str(sockets), "--in-flight", str(sizes.handshakes)]
    report = run_load(context, running, arguments, 240)
    phase = report["phases"][0]
    return {
        "connections_per_second": report["connections_per_second"],
        "cpu_us": phase["cpu_ns"]["server"] / 1000 / sockets,
        "raw": report,
        **faults(report),
    }


def stuck(context: Context, running: Running, sizes: Sizes) -> Result:
    """A tenth of the sockets stop reading: for a while, and later until the server has closed them."""
    sockets = sizes.sockets or 1000
    seen: dict[str, list[int]] = {"": []}
    current = [""]

    def sample() -> None:
        seen[current[0]].append(resident_bytes(running.measured.pid))

    def reached(where: str) -> None:
        sample()
        current[0] = "" if where == "end" else where
        seen.setdefault(current[0], []).append(resident_bytes(running.measured.pid))

    arguments = [
        *running.connect, *running.greet, *running.publish(LONG_NOTES), "--mode", "stuck", "--sockets", str(sockets),
        "--stuck", str(sockets // 10), "--rate", str(sizes.rate), "--warm-up", "5",
        "--stuck-seconds", str(sizes.stuck_seconds), "--closed-seconds", str(sizes.closed_seconds),
    ]  # fmt: skip
    report = run_load(context, running, arguments, sizes.stuck_seconds + sizes.closed_seconds + 120, reached, sample)
    before, during, _ = report["phases"]
    grown = {name: (max(values) - values[0]) / 2**20 for name, values in seen.items() if name}
    p99 = {"before": before["from_request"]["p99_ms"], "during": during["from_request"]["p99_ms"]}
    return {
        "p99_before_ms": p99["before"],
        "p99_during_ms": p99["during"],
        "p99_ratio": p99["during"] / p99["before"],
        "grown_before_mib": grown["before"],
        "grown_during_mib": grown["stuck"],
        "excess_mib": grown["stuck"] - grown["before"],
        **report["stuck"],
        "raw": report,
        **faults(report),
    }


def background_ns(running: Running, seconds: float) -> float:
    """CPU time that the server takes in a second in which nothing is published, once it has settled."""
    time.sleep(2)
    before, began = cpu_ns(running.measured.pid), time.monotonic()
    time.sleep(seconds)
    return (cpu_ns(running.measured.pid) - before) / (time.monotonic() - began)


def topics(context: Context, running: Running, sizes: Sizes) -> Result:
    """What a publish to one topic with a hundred sockets costs, without and with ten thousand quiet topics.

    What the server does without any publish is measured in both states and taken off.
    """
    background = {"alone": background_ns(running, sizes.seconds)}
    alone = paced_run(context, running, 100, 100, sizes.seconds)
    port = int(running.connect[running.connect.index("--port") + 1])
    quiet = authenticated(context, port, "tokens-quiet", context.backing.quiet_tokens())
    quiet += [*subscriptions(context, *TOPICS), "--mode", "idle", "--events", "0", "--sockets", str(QUIET_SALONS)]
    with Load(context.tools / "load", quiet) as holder:
        holder.next(240)
        background["beside"] = background_ns(running, sizes.seconds)
        beside = paced_run(context, running, 100, 100, sizes.seconds)

    def publish_us(report: Result, background: float) -> float:
        phase = report["phases"][0]
        spent: float = phase["cpu_ns"]["server"] - background * phase["seconds"]
        return spent / 1000 / int(phase["messages"])

    cost = publish_us(alone, background["alone"]), publish_us(beside, background["beside"])
    return {
        "publish_us_alone": cost[0],
        "publish_us_beside": cost[1],
        "ratio": cost[1] / cost[0],
        "background_alone_ms": background["alone"] / 1e6,
        "background_beside_ms": background["beside"] / 1e6,
        "raw": {"alone": alone, "beside": beside},
        **{name: faults(alone)[name] + faults(beside)[name] for name in faults(alone)},
    }


def scale(context: Context, running: Running, sizes: Sizes) -> Result:
    """Paced, with few and with many sockets, at the same number of deliveries a second."""
    few, many = 1000, sizes.sockets or 10000
    rate = sizes.rate * 8 / 10
    reports = {count: paced_run(context, running, count, rate * few / count, sizes.seconds) for count in (few, many)}
    costs = {count: per_delivery(report["phases"][0])["server"] for count, report in reports.items()}
    both = [faults(report) for report in reports.values()]
    return {
        "cpu_us_few": costs[few],
        "cpu_us_many": costs[many],
        "p99_ms_few": reports[few]["phases"][0]["from_request"]["p99_ms"],
        "p99_ms_many": reports[many]["phases"][0]["from_request"]["p99_ms"],
        "raw": {str(count): report for count, report in reports.items()},
        **{name: both[0][name] + both[1][name] for name in both[0]},
    }


STORM_USERS = 500
STORM_MISSED = 5  # visits that changed while nobody was connected


def storm(context: Context, running: Running, sizes: Sizes) -> Result:
    """Everybody comes back at once to a node that has just started: 500 people with 20 sockets each.

    Each has the default subscriptions and resumes both topics from where it was. Served is who has the four answers, the
    visits that changed meanwhile, and a notification. Every statement that PostgreSQL carries out until then is counted.
    """
    sockets = sizes.sockets or 10000
    backing = context.backing
    appointments, others = "salon/1/appointments", f"'user/' || generate_series(1, {STORM_USERS}) || '/notifications'"
    since = int(backing.sql(f"SELECT seq FROM topic_heads WHERE topic = '{appointments}'"))
    epoch = backing.sql(f"SELECT epoch FROM topic_heads WHERE topic = '{appointments}'")
    rounds = int(backing.sql(f"SELECT max(seq) FROM topic_heads WHERE topic IN (SELECT {others})"))
    backing.sql(
        f"""
        SELECT count(*) FROM record_events(
            array_fill('{appointments}'::text, ARRAY[{STORM_MISSED}]), array_fill('appointment:updated'::text, ARRAY[{STORM_MISSED}]),
            array_fill('{{"id":1,"notes":"changed"}}'::jsonb, ARRAY[{STORM_MISSED}]));
        SELECT count(*) FROM (SELECT {others} AS topic) AS people, LATERAL record_events(
            ARRAY[topic], ARRAY['notification:new'], ARRAY['{{"id":"1","title":"A visit was booked"}}'::jsonb]);
        """
    )
    hello = [
        {"type": "subscribe", "topic": "appointments", "since": since, "epoch": epoch},
        {"type": "subscribe", "topic": "notifications", "since": rounds},
    ]
    tokens = context.file("tokens-storm", "\n".join(backing.tokens(1)[:STORM_USERS]))
    port = running.connect[running.connect.index("--port") + 1]
    frames = 4 + STORM_MISSED + 1
    arguments = [
        "--port", port, "--path", "/ws", "--header", "Authorization: Bearer %s", "--tokens", tokens,
        "--hello", context.file("hello-storm", "\n".join(json.dumps(line, separators=(",", ":")) for line in hello)),
        "--ready", '"seq":', "--ready-count", str(frames),
        "--mode", "connect", "--sockets", str(sockets), "--in-flight", str(sockets),
    ]  # fmt: skip
    with backing.statements() as statements:
        report = run_load(context, running, arguments, 240)
    phase = report["phases"][0]
    return {
        "served_seconds": sockets / report["connections_per_second"],
        "cpu_us": phase["cpu_ns"]["server"] / 1000 / sockets,
        "queries": len(statements),
        "session_queries": sum("FROM sessions" in one for one in statements),
        "head_queries": sum("FROM topic_heads WHERE" in one for one in statements),
        "page_queries": sum("AS wanted" in one for one in statements),
        "looks": sum("pg_snapshot_xmin" in one for one in statements),
        "raw": report,
        **faults(report),
    }


@dataclass(frozen=True)
class Scenario:
    """A scenario, the servers that it is for, and those of them that it is run with unless others are asked for."""

    body: Callable[[Context, Running, Sizes], Result]
    possible: tuple[str, ...]
    usual: tuple[str, ...]


def rest_requests(context: Context, running: Running, sizes: Sizes) -> Result:
    """Five requests, each flat out and at an equal load."""
    return measure_rest(context, running, sizes.seconds)


# Apart from the others: they have no sockets to measure.
REST_SERVERS = {
    "adelante-rest": start_adelante_rest,
    "fastapi-rest": start_fastapi_rest,
    "fastapi-rest-raw": start_fastapi_rest_raw,
    "adelante-rest-one": start_adelante_rest_one,
    "fastapi-rest-one": start_fastapi_rest_one,
}

ALL = tuple(SERVERS)
# The same programs, fed or run otherwise: they have nothing to add where nothing is published.
OTHERWISE = ("floor-commits", "adelante-one-loop", "adelante-engine", "uws-spins")
APART = tuple(name for name in ALL if name not in OTHERWISE)
OURS = ("adelante", "adelante-engine")
REST = ("adelante-rest", "fastapi-rest", "fastapi-rest-raw")
# The floor cuts a socket that does not read at once: there is nothing to compare with.
SCENARIOS = {
    "flat": Scenario(flat, ALL, ALL),
    "paced": Scenario(paced, ALL, ALL),
    "idle": Scenario(idle, APART, APART),
    "connect": Scenario(connect, APART, APART),
    "stuck": Scenario(stuck, tuple(name for name in ALL if not name.startswith("floor")), ("adelante",)),
    "topics": Scenario(topics, OURS, OURS),
    "storm": Scenario(storm, ("adelante",), ("adelante",)),
    "rest": Scenario(rest_requests, tuple(REST_SERVERS), REST),
    # It has read where the topic stands when it began, and the second half begins elsewhere.
    "scale": Scenario(scale, tuple(name for name in ALL if name != "floor-commits"), ("floor", *OURS)),
}
