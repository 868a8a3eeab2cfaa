"""Holds a live server to openapi.yaml with schemathesis, as each role. scripts/properties runs it."""

import argparse
import concurrent.futures
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "Browser")]

import salon  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from harness.stack import ROOT, Stack  # noqa: E402

SEED = 20260518
LOGS = ROOT / ".local" / "log" / "properties"
ACCEPTING = ["2xx", "3xx", "401", "403", "404", "409"]  # as schemathesis.toml has it


class Server(Stack):
    """Empty but for the tables."""

    fills_with = ("migrate",)


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/properties", description=__doc__)
    parser.add_argument("--seed", default=str(SEED), help="a number, or random")
    parser.add_argument("--cases", type=int, default=100, help="of each operation, for each role")
    parser.add_argument("--role", choices=salon.ROLES, action="append", help="this one only (again for more)")
    parser.add_argument("more", nargs="*", help="behind --: what schemathesis itself is told")
    given = parser.parse_args()
    given.seed = random.randrange(2**32) if given.seed == "random" else int(given.seed)
    return given


def configure(url, folder):
    """The document as a file: of an address, schemathesis would leave out the operation that stands there. And the
    configuration, with what the document says in `x-rules`: there a request that fits its schema may get 422, or 400."""
    document = salon.fetch(f"{url}/openapi.json")
    (folder / "openapi.json").write_text(json.dumps(document))
    lines = [(HERE / "schemathesis.toml").read_text()]
    for item in document["paths"].values():
        for operation in item.values():
            if "x-rules" in operation:
                lines += ["[[operations]]", f"include-operation-id = {json.dumps(operation['operationId'])}"]
                lines += ["[operations.checks.positive_data_acceptance]", "expected-statuses = " + json.dumps(ACCEPTING + ["400", "422"])]
    file = folder / "schemathesis.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


def schemathesis(url, role, given, log):
    """One role's run; whether nothing was found."""
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", log.with_name("schemathesis.toml"), "run"]
    command += [log.with_name("openapi.json"), "--url", url, "--seed", str(given.seed), "--max-examples", str(given.cases), *given.more]
    environment = {**os.environ, "PROPERTIES_URL": url, "PROPERTIES_ROLE": role, "PYTHONPATH": str(HERE), "NO_PROXY": "*"}
    environment |= {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("wb") as output:
        return subprocess.run(command, env=environment, cwd=log.parent, stdout=output, stderr=output).returncode == 0


def run(role, given):
    """Everything that one role's run needs is its own, so that a seed means the same whatever the others do."""
    logs = LOGS / role
    logs.mkdir(parents=True, exist_ok=True)
    begun, log = time.monotonic(), logs / "schemathesis.log"
    sandbox = Sandbox()
    server = Server(sandbox, DEMO="off")
    try:
        server.start()
        server.execute(salon.KEEPERS)
        url = server.nodes[0].url
        salon.make(url, server.execute)
        salon.remember(url, logs)
        configure(url, logs)
        is_clean = schemathesis(url, role, given, log)
    finally:
        server.stop()
        sandbox.stop()
    print(f"{role}, {time.monotonic() - begun:.0f} s:\n{summary(log)}", flush=True)
    return is_clean


def main():
    given = arguments()
    LOGS.mkdir(parents=True, exist_ok=True)
    print(f"seed {given.seed}, {given.cases} cases of each operation for each role", flush=True)
    roles = given.role or salon.ROLES
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        clean = list(pool.map(lambda role: run(role, given), roles))
    failed = [role for role, is_clean in zip(roles, clean) if not is_clean]
    if failed:
        sys.exit(f"findings as {', '.join(failed)}; all that was said is in {LOGS}")


def summary(log):
    """What a run's log ends with."""
    lines = log.read_text(errors="replace").splitlines()
    begin = max((number for number, line in enumerate(lines) if " SUMMARY " in line), default=max(0, len(lines) - 20))
    return "\n".join(f"    {line}" for line in lines[begin + 1 :] if line.strip())


main()
