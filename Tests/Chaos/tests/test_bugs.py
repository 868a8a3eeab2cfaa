"""The seeded bugs still fit the sources, and say what they are."""

import subprocess
from pathlib import Path

import pytest

from harness import findings

ROOT = Path(__file__).resolve().parents[3]
PATCHES = sorted((ROOT / "Tests/Chaos/bugs").glob("*.patch"))
SORTS = {value for name, value in vars(findings).items() if name.isupper() and isinstance(value, str)}


def test_all_six_are_here():
    assert [patch.stem for patch in PATCHES] == [
        "double-delivery", "dropped-publish", "early-acknowledgement", "head-outside-snapshot", "refill-off-by-one", "swapped-order",
    ]  # fmt: skip


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_patch_applies_to_the_sources_as_they_are(patch):
    result = subprocess.run(["git", "apply", "--check", patch], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_patch_says_what_it_breaks_how_it_is_provoked_and_what_is_found(patch):
    head = dict(line.split(": ", 1) for line in patch.read_text().split("\n\n")[0].splitlines())
    assert head.keys() == {"Bug", "Options", "Finds"}
    assert head["Finds"] in SORTS and "--seed" in head["Options"]
