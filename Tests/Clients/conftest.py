"""The clients of examples/ against two nodes."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "Tests" / "Browser"), str(ROOT / "examples" / "python")]

import bundle  # noqa: E402
import pytest  # noqa: E402
from harness.fixtures import chromium, telegram  # noqa: E402, F401
from harness.salon import ACCOUNTS, Salon  # noqa: E402
from harness.stack import Stack  # noqa: E402
from playwright.sync_api import expect  # noqa: E402
from writer import Writer  # noqa: E402

expect.set_options(timeout=10_000)

WRONG_CLOCK = """(() => {
    const [Real, shift] = [Date, %d];
    globalThis.Date = class Date extends Real {
        constructor(...given) { super(...(given.length ? given : [Real.now() + shift])); }
        static now() { return Real.now() + shift; }
    };
})()"""


@pytest.fixture(scope="session")
def site():
    """Where the frontend is served, which the nodes have to know."""
    site = bundle.Site()
    yield site
    site.stop()


@pytest.fixture(scope="session")
def stack(telegram, site):
    stack = Stack(telegram, ALLOWED_ORIGINS=site.url)
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


@pytest.fixture(scope="session")
def frontend(tmp_path_factory, site):
    """examples/nextjs with a page, built and served; the folder that it was laid out in."""
    folder = bundle.lay_out(tmp_path_factory.mktemp("nextjs"))
    site.folder = bundle.build(folder)
    return folder


@pytest.fixture
def window(chromium, frontend, site):
    """`window(url, session, date)`: a page of the frontend that talks to what is at that address, signed in or not, on a machine
    whose clock is `ahead` seconds wrong."""
    opened, complaints = [], []

    def open_window(url, session=None, date="2026-05-18", forgive=(), ahead=0):
        context = chromium.new_context(locale="uk-UA")
        opened.append(context)
        page = context.new_page()

        def heard(text):
            if not any(part in text for part in forgive):
                complaints.append(text)

        page.on("console", lambda message: message.type in ("error", "warning") and heard(message.text))
        page.on("pageerror", lambda error: heard(f"uncaught: {error}"))
        if ahead:
            page.add_init_script(WRONG_CLOCK % (ahead * 1000))
        if session is not None:
            kept = json.dumps([session["access_token"], session["refresh_token"]])
            page.add_init_script(
                f"""if (!sessionStorage.begun) {{
                    sessionStorage.begun = "1";
                    [localStorage.auth_token, localStorage.refresh_token] = {kept};
                }}"""
            )
        page.goto(f"{site.url}/?api={url}/api/v1&socket={url.replace('http', 'ws', 1)}/ws&date={date}")
        return page

    yield open_window
    for context in opened:
        context.close()
    assert not complaints, "\n".join(complaints)
