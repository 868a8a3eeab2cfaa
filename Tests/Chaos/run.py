#!/usr/bin/env python3
"""Breaks everything that can break under a running deployment, and compares what every client got with what was committed."""

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from harness.checks import check  # noqa: E402
from harness.performance import Performance  # noqa: E402
from harness.plan import KINDS, schedule  # noqa: E402
from harness.processes import ChaosError  # noqa: E402
from harness.report import report  # noqa: E402
from harness.stage import stage  # noqa: E402


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long things are broken (default 10)")
    parser.add_argument("--seed", type=int, help="of the faults and of everybody's chance; without it a new one")
    parser.add_argument("--nodes", type=int, default=3, help="(default 3)")
    parser.add_argument("--subscribers", type=int, default=50, help="(default 50)")
    parser.add_argument("--writes", type=int, help="at least so many acknowledged, all told (default 2,000 a minute)")
    parser.add_argument("--faults", help="only these kinds, by commas, or `none` (default all)")
    parser.add_argument("--observe", type=float, default=1.0, help="seconds between two snapshots of an observer (default 1)")
    parser.add_argument("--plan", action="store_true", help="only print which faults would happen when")
    parser.add_argument("--binary", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


async def perform(options: argparse.Namespace) -> bool:
    """One run; whether nothing differed."""
    seconds = options.minutes * 60
    plan = schedule(options.seed, seconds)
    if options.faults is not None:
        known = {kind.name for kind in KINDS}
        chosen = set() if options.faults == "none" else set(options.faults.split(","))
        if chosen - known:
            raise ChaosError(f"no fault is called {', '.join(sorted(chosen - known))}; there are {', '.join(sorted(known))}")
        plan = [fault for fault in plan if fault.kind in chosen]
    if options.plan:
        for fault in plan:
            print(f"{fault.at:7.1f} s  {fault.kind:<19} {fault.seconds:5.1f} s")
        return True
    wanted = round(2_000 * options.minutes) if options.writes is None else options.writes
    async with stage(options.seed, options.binary, options.work, options.nodes) as world:
        performance = Performance(world, options.subscribers)
        await performance.run(plan, seconds, wanted, options.observe)
        checked = await check(world, performance.subscribers, performance.observers)
    print("\n".join(report(world, performance.subscribers, checked, wanted)))
    happened, planned = sum(world.timeline.counts.values()), len(plan)
    if happened != planned:
        print(f"only {happened} of {planned} planned faults happened")
    if world.ledger.acknowledged < wanted:
        print(f"only {world.ledger.acknowledged} of {wanted} wanted writes were acknowledged: too slow to show what it should")
    return world.findings.is_clean and happened == planned and world.ledger.acknowledged >= wanted


async def until_told(options: argparse.Namespace) -> bool:
    """The run, which SIGTERM and Ctrl-C end in order."""
    task = asyncio.ensure_future(perform(options))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel, f"by {number.name}")
    return await task


def main() -> int:
    options = arguments()
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    print(f"seed {options.seed}, {options.minutes:g} minutes", flush=True)
    try:
        is_clean = asyncio.run(until_told(options))
    except ChaosError as error:
        print(f"the run could not be finished: {error}", file=sys.stderr)
        return 2
    except asyncio.CancelledError as error:
        print(f"the run was interrupted {error}", file=sys.stderr)
        return 130
    finally:
        with contextlib.suppress(BrokenPipeError):
            print(f"seed {options.seed}", flush=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
