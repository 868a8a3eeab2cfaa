"""The clients of examples/ against two nodes."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Browser"), str(ROOT / "examples" / "python")]

import pytest  # noqa: E402
from harness.salon import ACCOUNTS, Salon  # noqa: E402
from harness.sandbox import Sandbox  # noqa: E402
from harness.stack import Stack  # noqa: E402
from writer import Writer  # noqa: E402


@pytest.fixture(scope="session")
def telegram():
    """The sandbox whose bot the nodes are."""
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def stack(telegram):
    stack = Stack(telegram)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def nodes(stack):
    """Both; a test may kill them."""
    yield stack.nodes
    for node in stack.nodes:
        if not node.is_running:
            node.start()
            node.await_ready()


@pytest.fixture
def owner(nodes):
    return Salon.sign_in(nodes[0], ACCOUNTS["owner"])


@pytest.fixture
def writer(nodes, owner):
    """Books new clients, one after the other, through whichever node answers."""
    writer = Writer(nodes, owner.session["access_token"])
    yield writer
    writer.stop()
