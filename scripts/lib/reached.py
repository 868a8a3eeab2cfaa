"""What scripts/reached does; see there. Tests/Support/Protocol/AnswerChecker.swift notes what was met."""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
MET = ROOT / ".local" / "log" / "answers" / "tests.txt"


def main():
    if not MET.exists():
        sys.exit("no test has met anything: run scripts/test")
    paths = yaml.safe_load((ROOT / "Protocol" / "openapi.yaml").read_text())["paths"]
    documented = [
        f"{method.upper()} {path} {status}"
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
        for status in operation["responses"]
    ]
    met = set(MET.read_text().splitlines())
    never = [answer for answer in documented if answer not in met]
    for answer in never:
        print(f"never met: {answer}")
    print(f"{len(documented)} documented answers, {len(documented) - len(never)} met")
    return 1 if never else 0


sys.exit(main())
