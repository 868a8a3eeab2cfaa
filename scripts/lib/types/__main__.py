"""What scripts/types does: the TypeScript declarations of the reference client.

    types [--check]
"""

import difflib
import re
import sys
from pathlib import Path

from schemas import Schemas
from typescript import TypeScript

ROOT = Path(__file__).resolve().parents[3]
CLIENT = ROOT / "examples" / "client"
TEMPLATE = CLIENT / "adelante-client.d.ts.in"
DECLARATIONS = CLIENT / "adelante-client.d.ts"
PLACE = "// <the types of Protocol/>\n"
NOTE = "// Made by scripts/types from Protocol/ and adelante-client.d.ts.in: change those, not this.\n\n"


def main():
    template = TEMPLATE.read_text(encoding="utf-8")
    before, place, after = template.partition(PLACE)
    assert place, f"{TEMPLATE} has no line {PLACE!r}"
    by_hand = re.findall(r"^export (?:declare )?(?:type|interface|class|function) (\w+)", template, re.M)
    wanted = NOTE + before + TypeScript(Schemas(ROOT / "Protocol"), by_hand).render() + after
    if "--check" not in sys.argv[1:]:
        DECLARATIONS.write_text(wanted, encoding="utf-8")
        return 0
    found = DECLARATIONS.read_text(encoding="utf-8") if DECLARATIONS.exists() else ""
    if found == wanted:
        return 0
    sys.stdout.writelines(difflib.unified_diff(found.splitlines(True), wanted.splitlines(True), DECLARATIONS.name, "as Protocol/ has it"))
    print("run scripts/types, and commit what it writes")
    return 1


if __name__ == "__main__":
    sys.exit(main())
