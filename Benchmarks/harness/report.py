"""Tables in Markdown: every round, the medians with their spread, and the targets."""

from collections.abc import Callable, Iterable
from statistics import median
from typing import Any

from . import rest

Result = dict[str, Any]
FED_BY_COMMITS = ("adelante", "adelante-one-loop")
OURS = (*FED_BY_COMMITS, "adelante-engine")
FAULTS = ("lost", "duplicated", "reordered")
# Of these none should be; they are named where there are any.
OTHER_FAULTS = {
    "unexpected_closes": "closed", "failed": "publishes failed", "strange": "messages not ours", "stalls": "stalls",
}  # fmt: skip

# The figures of each scenario: title, key, digits.
COLUMNS: dict[str, list[tuple[str, str, int]]] = {
    "flat": [
        ("server CPU, µs a delivery", "cpu_us", 2), ("deliveries/s", "per_second", 0), ("p50, ms", "p50_ms", 2),
        ("p99, ms", "p99_ms", 2), ("p99 from COMMIT, ms", "commit_p99_ms", 2), ("max, ms", "max_ms", 1),
    ],
    "paced": [
        ("server CPU, µs a delivery", "cpu_us", 2), ("deliveries/s", "per_second", 0), ("p50, ms", "p50_ms", 2),
        ("p99, ms", "p99_ms", 2), ("p99 from COMMIT, ms", "commit_p99_ms", 2), ("max, ms", "max_ms", 1),
        ("published late, p99, ms", "late_p99_ms", 2),
    ],
    "idle": [
        ("KiB a socket, idle", "kib", 2), ("KiB a socket, after 10 events", "kib_after_events", 2),
        ("kernel, TCP buffers, KiB", "kernel_tcp_kib", 2), ("kernel, objects, KiB", "kernel_slab_kib", 2),
        ("MiB without sockets", "base_mib", 1),
    ],
    "connect": [("connections/s", "connections_per_second", 0), ("server CPU, µs a connection", "cpu_us", 1)],
    "stuck": [
        ("others' p99 before, ms", "p99_before_ms", 2), ("others' p99 meanwhile, ms", "p99_during_ms", 2), ("ratio", "p99_ratio", 2),
        ("grown before, MiB", "grown_before_mib", 1), ("grown meanwhile, MiB", "grown_during_mib", 1), ("stuck", "sockets", 0),
        ("caught up", "caught_up", 0), ("in s", "catch_up_seconds", 2), ("closed", "closed", 0), ("with 4408", "closed_4408", 0),
        ("resumed in full", "resumed_complete", 0),
    ],
    "topics": [
        ("CPU, µs a publish, alone", "publish_us_alone", 1), ("beside 10,000 topics", "publish_us_beside", 1), ("ratio", "ratio", 3),
        ("CPU without publishes, ms/s, alone", "background_alone_ms", 2), ("beside them", "background_beside_ms", 2),
    ],
    "storm": [
        ("all served in, s", "served_seconds", 2), ("server CPU, µs a socket", "cpu_us", 1), ("queries", "queries", 0),
        ("for sessions", "session_queries", 0), ("for heads", "head_queries", 0), ("for events", "page_queries", 0),
        ("looks for changes", "looks", 0),
    ],
    "rest": [(f"{kind}: requests a CPU second", f"{kind}_per_cpu_second", 0) for kind in rest.NAMES],
    "scale": [
        ("µs a delivery, few sockets", "cpu_us_few", 2), ("many sockets", "cpu_us_many", 2), ("p99 few, ms", "p99_ms_few", 2),
        ("p99 many, ms", "p99_ms_many", 2),
    ],
}  # fmt: skip


def number(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def counted(rounds: list[Result]) -> list[Result]:
    """The rounds that count; all of them when every one is void."""
    return [one for one in rounds if not one["void"]] or rounds


def middle(rounds: list[Result], key: str) -> float | None:
    values = [one[key] for one in counted(rounds) if one.get(key) is not None]
    return median(values) if values else None


def faults(one: Result) -> str:
    others = [f"{one[key]} {title}" for key, title in OTHER_FAULTS.items() if one[key]]
    return " / ".join(str(one[fault]) for fault in FAULTS) + "".join(f", {other}" for other in others)


def rounds_table(scenario: str, servers: dict[str, list[Result]]) -> str:
    columns = COLUMNS[scenario]
    head = ["server", "round", "load", *(title for title, _, _ in columns), "lost / duplicated / reordered"]
    rows = []
    for server, rounds in servers.items():
        for one in rounds:
            load = f"{one['load']:.2f}" + (" void" if one["void"] else "")
            figures = (number(one.get(key), digits) for _, key, digits in columns)
            rows.append([server, str(one["round"]), load, *figures, faults(one)])
    return table(head, rows)


def spread(rounds: list[Result], key: str, digits: int) -> str:
    values = [one[key] for one in counted(rounds) if one.get(key) is not None]
    if not values:
        return "–"
    return f"{number(median(values), digits)} ({number(min(values), digits)} … {number(max(values), digits)})"


def beside(rounds: list[Result]) -> str:
    names = rounds[0].get("beside_us", {})
    parts = (f"{name} {median(one['beside_us'][name] for one in counted(rounds)):.2f}" for name in names)
    return ", ".join(parts) or "–"


def rest_table(servers: dict[str, list[Result]]) -> str:
    return table(rest.HEAD, rest.tables({server: counted(rounds) for server, rounds in servers.items()}, median))


def medians_table(scenario: str, servers: dict[str, list[Result]]) -> str:
    columns = COLUMNS[scenario]
    has_beside = scenario in ("flat", "paced")
    head = ["server", "rounds", *(title for title, _, _ in columns), *(["beside it, µs a delivery"] if has_beside else [])]
    rows = []
    for server, rounds in servers.items():
        good = sum(not one["void"] for one in rounds)
        count = f"{good} of {len(rounds)}" + ("" if good else ", all void")
        figures = (spread(rounds, key, digits) for _, key, digits in columns)
        rows.append([server, count, *figures, *([beside(rounds)] if has_beside else [])])
    return table(head, rows)


class Targets:
    """What `adelante` must reach, by the medians; a target whose figures are not there is left out."""

    def __init__(self, results: dict[str, dict[str, list[Result]]]) -> None:
        self.results = results
        self.rows: list[list[str]] = []

    def value(self, scenario: str, server: str, key: str) -> float | None:
        return middle(self.results.get(scenario, {}).get(server, []), key)

    def add(self, what: str, value: float | None, limit: float | None, digits: int, at_least: bool = False) -> None:
        if value is None or limit is None:
            return
        reached = value >= limit if at_least else value <= limit
        bound = f"{'at least' if at_least else 'at most'} {number(limit, digits)}"
        self.rows.append([what, number(value, digits), bound, "reached" if reached else "missed"])

    def ratio(self, what: str, scenario: str, key: str, server: str, other: str, limit: float, at_least: bool = False) -> None:
        ours, theirs = self.value(scenario, server, key), self.value(scenario, other, key)
        self.add(what, ours / theirs if ours is not None and theirs else None, limit, 2, at_least)

    def engine(self, server: str) -> None:
        self.ratio(f"{server}: CPU a delivery, flat out, × NATS", "flat", "cpu_us", server, "nats", 0.95)
        self.ratio(f"{server}: CPU a delivery, paced, × floor", "paced", "cpu_us", server, "floor", 1.15)
        if server in FED_BY_COMMITS:
            self.ratio(f"{server}: the same, × the floor fed by commits", "paced", "cpu_us", server, "floor-commits", 1.15)
        key = "commit_p99_ms" if server in FED_BY_COMMITS else "p99_ms"
        for peer in self.results.get("paced", {}):
            if peer in ("floor", "floor-commits", *OURS):
                continue
            start = "COMMIT" if server in FED_BY_COMMITS else "PUBLISH"
            what = f"{server}: p99, paced, from {start}, ms, against {peer}'s"
            self.add(what, self.value("paced", server, key), self.value("paced", peer, "p99_ms"), 2)
        self.add(f"{server}: a publish beside 10,000 topics, × alone", self.value("topics", server, "ratio"), 1.05, 3)
        self.scale(server)

    def scale(self, server: str) -> None:
        few, many = (self.value("scale", server, f"cpu_us_{size}") for size in ("few", "many"))
        floor_few, floor_many = (self.value("scale", "floor", f"cpu_us_{size}") for size in ("few", "many"))
        if few and many and floor_few and floor_many:
            what = f"{server}: × floor {few / floor_few:.2f} with few sockets, {many / floor_many:.2f} with many: rises by"
            self.add(what, (many / floor_many) / (few / floor_few), 1.2, 2)

    def node(self) -> None:
        self.add("KiB resident an idle socket", self.value("idle", "adelante", "kib"), 6.5, 2)
        self.add("the same after 10 events", self.value("idle", "adelante", "kib_after_events"), 6.5, 2)
        self.add("storm: 10,000 sockets served in, s", self.value("storm", "adelante", "served_seconds"), 30, 1)
        self.add("storm: queries", self.value("storm", "adelante", "queries"), 49, 0)
        self.ratio("connections/s, × floor", "connect", "connections_per_second", "adelante", "floor", 0.5, at_least=True)
        stuck = [one for one in counted(self.results.get("stuck", {}).get("adelante", []))]
        if not stuck:
            return
        self.add("stuck: the others' p99, × before", middle(stuck, "p99_ratio"), 1.25, 2)
        self.add("stuck: MiB more than in as long a time before", middle(stuck, "excess_mib"), 10, 1)
        sockets = stuck[0]["sockets"]
        for what, key in (("caught up", "caught_up"), ("closed with 4408", "closed_4408"), ("resumed in full", "resumed_complete")):
            self.add(f"stuck: {what}, worst round", min(one[key] for one in stuck), sockets, 0, at_least=True)

    def rest(self) -> None:
        for kind, title in rest.NAMES.items():
            limit = 4 if kind == "create" else 8
            what = f"REST, {title}: requests a CPU second, × FastAPI"
            for peer, how in (("fastapi-rest", ""), ("fastapi-rest-raw", " that hands PostgreSQL's JSON on")):
                self.ratio(what + how, "rest", f"{kind}_per_cpu_second", "adelante-rest", peer, limit, at_least=True)
            alone = f"REST, {title}, one thread each: requests a CPU second, × FastAPI"
            pair = ("adelante-rest-one", "fastapi-rest-one")
            self.ratio(alone, "rest", f"{kind}_per_cpu_second", *pair, limit, at_least=True)
            what = f"REST, {title}: p99 at equal load, ms, against FastAPI's"
            key = f"{kind}_p99_ms"
            self.add(what, self.value("rest", "adelante-rest", key), self.value("rest", "fastapi-rest", key), 2)

    def faults(self) -> None:
        for server in OURS:
            rounds = [one for servers in self.results.values() for one in servers.get(server, [])]
            if rounds:
                total = sum(one[fault] for one in rounds for fault in FAULTS)
                self.add(f"{server}: lost, duplicated, reordered, all rounds", total, 0, 0)

    def table(self) -> str:
        for server in OURS:
            self.engine(server)
        self.node()
        self.rest()
        self.faults()
        return table(["target", "measured", "must be", ""], self.rows)


def write(results: dict[str, dict[str, list[Result]]], emit: Callable[[str], None]) -> None:
    """All tables."""
    for scenario, servers in results.items():
        measured = {server: rounds for server, rounds in servers.items() if rounds}
        if measured and scenario == "rest":
            emit(f"\n## rest: medians (least … greatest)\n\n{rest_table(measured)}")
        elif measured:
            emit(f"\n## {scenario}: every round\n\n{rounds_table(scenario, measured)}")
            emit(f"\n## {scenario}: medians (least … greatest)\n\n{medians_table(scenario, measured)}")
    emit(f"\n## Targets\n\n{Targets(results).table()}")
