#!/usr/bin/env python3
"""Measures adelante beside other servers: scripts/bench starts this, README.md says what the figures mean."""

import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from harness import payload, report, rest
from harness.backing import Backing
from harness.load import say
from harness.processes import BenchError, await_quiet
from harness.scenarios import REST_SERVERS, SCENARIOS, Scenario, Sizes
from harness.servers import SERVERS, Context, Unavailable, node

MAXIMUM_LOAD = 2.0
Results = dict[str, dict[str, list[dict[str, Any]]]]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--scenario", default="all", help=f"all, or some of {','.join(SCENARIOS)}")
    parser.add_argument("--servers", help=f"some of {','.join([*SERVERS, *REST_SERVERS])}; each scenario has its usual ones")
    parser.add_argument("--rounds", type=int, default=5, help="of each server, alternating (default 5)")
    parser.add_argument("--sockets", type=int, help="instead of the scenario's own number")
    parser.add_argument("--seconds", type=float, default=10, help="of a measured phase (default 10)")
    parser.add_argument("--rate", type=float, default=50, help="paced messages a second with 1,000 sockets (default 50)")
    parser.add_argument("--idle-seconds", type=float, default=60, help="before memory is read (default 60)")
    parser.add_argument("--stuck-seconds", type=float, default=20, help="without reading, then reading again (default 20)")
    parser.add_argument("--closed-seconds", type=float, default=70, help="without reading, until closed (default 70)")
    parser.add_argument("--handshakes", type=int, default=64, help="under way at once in connect (default 64)")
    parser.add_argument("--quiet-seconds", type=float, default=90, help="wait so long for a load below 2 (default 90)")
    parser.add_argument("--binary", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--tools", type=Path, required=True, help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(text: str | None, known: list[str], what: str) -> list[str]:
    names = known if text in (None, "all") else str(text).split(",")
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BenchError(f"no {what} is called {', '.join(unknown)}; there are {', '.join(known)}")
    return names


def measure_payloads(context: Context) -> None:
    """What an event looks like, before anything is measured."""
    writer, write_port = node(context, "node-a")
    holder = None
    try:
        holder, socket_port = node(context, "node-b")
        for padding in (0, payload.LONG_NOTES):
            context.payloads[padding] = payload.measure(context.backing, write_port, socket_port, padding)
    finally:
        writer.stop()
        if holder:
            holder.stop()
    sizes = ", ".join(str(one.bytes) for one in context.payloads.values())
    say(f"an event at the socket: {sizes} bytes (usual; with the long notes of `stuck`)")


def measure(context: Context, scenario: Scenario, server: str, number: int, options: argparse.Namespace) -> dict[str, Any]:
    """One round: a server is started, measured and ended."""
    load = await_quiet(MAXIMUM_LOAD, options.quiet_seconds)
    sizes = Sizes(
        options.sockets, options.seconds, options.rate, options.idle_seconds, options.stuck_seconds, options.closed_seconds,
        options.handshakes,
    )  # fmt: skip
    running = {**SERVERS, **REST_SERVERS}[server](context)
    try:
        result = scenario.body(context, running, sizes)
    except BenchError as error:
        raise BenchError(f"{error}\n{running.measured.log_end()}") from error
    finally:
        running.stop()
    return {"round": number, "load": load, "load_after": os.getloadavg()[0], "void": load >= MAXIMUM_LOAD, **result}


def measure_scenario(context: Context, name: str, options: argparse.Namespace, results: Results) -> None:
    scenario = SCENARIOS[name]
    asked = chosen(options.servers, [*SERVERS, *REST_SERVERS], "server") if options.servers else scenario.usual
    servers = [server for server in asked if server in scenario.possible]
    results[name] = {server: [] for server in servers}
    if name == "rest":
        try:
            rest.rates(context)
        except Unavailable as reason:
            say(f"rest: FastAPI is not available here: {reason}")
            return
    for number in range(1, options.rounds + 1):
        for server in list(servers):
            try:
                result = measure(context, scenario, server, number, options)
            except Unavailable as reason:
                say(f"{server} is not available here: {reason}")
                servers.remove(server)
                continue
            except BenchError as error:
                say(f"{name}, round {number}, {server}: failed: {error}")
                continue
            results[name][server].append(result)
            figures = ", ".join(
                f"{title} {report.number(result.get(key), digits)}" for title, key, digits in report.COLUMNS[name][:5]
            )
            void = " (void)" if result["void"] else ""
            say(f"{name}, round {number}, {server}, load {result['load']:.2f}{void}: {figures}")


def machine() -> dict[str, Any]:
    model = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line), "")
    return {"kernel": platform.release(), "cpu": model, "cores": os.cpu_count(), "python": platform.python_version()}


def save(options: argparse.Namespace, context: Context, results: Results) -> Path:
    now = datetime.datetime.now(datetime.UTC)
    path: Path = options.tools / f"results-{now:%Y-%m-%d-%H%M%S}.json"
    chosen_options = {key: value for key, value in vars(options).items() if key not in ("binary", "work", "tools")}
    payloads = {str(padding): one.bytes for padding, one in context.payloads.items()}
    whole = {
        "at": now.isoformat(timespec="seconds"), "machine": machine(), "options": chosen_options, "payload_bytes": payloads,
        "results": results,
    }  # fmt: skip
    path.write_text(json.dumps(whole, indent=1))
    return path


def run(options: argparse.Namespace) -> int:
    names = chosen(options.scenario, list(SCENARIOS), "scenario")
    chosen(options.servers, [*SERVERS, *REST_SERVERS], "server")
    backing = Backing(options.work, options.binary)
    context = Context(options.work, options.tools, options.binary, backing)
    try:
        if names != ["rest"]:
            measure_payloads(context)
        results: Results = {}
        try:
            for name in names:
                measure_scenario(context, name, options, results)
        finally:
            # What was measured until here is not thrown away.
            path = save(options, context, results)
            report.write(results, print)
            say(f"\nall results: {path}")
    finally:
        if context.year:
            context.year.stop()
        backing.stop()
    return 0


def end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    try:
        return run(arguments())
    except BenchError as error:
        say(f"bench: {error}")
        return 1
    except subprocess.TimeoutExpired:
        traceback.print_exc()
        return 1


if __name__ == "__main__":
    sys.exit(main())
