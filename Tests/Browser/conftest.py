"""Two nodes of adelante with a bot in the Telegram sandbox, one Chromium in New York, and a salon in Kyiv."""

import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
# The browser, the nodes and this process are all in another zone than the salon.
os.environ["TZ"] = "America/New_York"
time.tzset()

import pytest  # noqa: E402
from playwright.sync_api import expect  # noqa: E402

from harness.cable import Cable  # noqa: E402
from harness.desk import Desk  # noqa: E402
from harness.fixtures import chromium, telegram  # noqa: E402, F401
from harness.salon import ACCOUNTS, Salon, quiet_days  # noqa: E402
from harness.stack import ROOT, Stack  # noqa: E402

ZONE = "America/New_York"
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 812}
FAILURES = ROOT / ".local" / "log" / "browser"
LARGEST_SCREENSHOT = 400_000
# Cards have come to rest; what fades slowly, such as the milliseconds on a card, has come and is still there.
REST = """() => document.getAnimations().every((a) => {
    const { endTime } = a.effect.getComputedTiming();
    return a.playState === "finished" || a.currentTime >= (endTime < 1000 ? endTime : 400);
})"""

expect.set_options(timeout=8_000)


@pytest.fixture(scope="session")
def stack(telegram):
    stack = Stack(telegram)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def nodes(stack):
    return stack.nodes


@pytest.fixture(scope="session")
def salons(nodes):
    """`salons("owner")`: that account's REST view of its salon."""
    signed_in = {}

    def view(role):
        if role not in signed_in:
            signed_in[role] = Salon.sign_in(nodes[0], ACCOUNTS[role])
        return signed_in[role]

    return view


@pytest.fixture(scope="session")
def _quiet_days():
    return quiet_days()


@pytest.fixture
def quiet_day(_quiet_days):
    """A day without visits, for this test alone."""
    return next(_quiet_days)


@pytest.fixture
def contexts(chromium, request):
    """`contexts(...)`: a new browser context. Those of a failed test leave their pictures in .local/log/browser."""
    opened = []

    def open_context(viewport=DESKTOP, dark=False, touch=False, motion="no-preference", **options):
        context = chromium.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            has_touch=touch,
            reduced_motion=motion,
            locale="uk-UA",
            timezone_id=ZONE,
            **options,
        )
        opened.append(context)
        return context

    yield open_context
    failed = getattr(request.node, "call_report", None) is not None and request.node.call_report.failed
    pages = [page for context in opened for page in context.pages]
    if failed:
        FAILURES.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(pages, 1):
            page.screenshot(path=FAILURES / f"{request.node.path.stem}-{request.node.name}-{number}.png")
    for context in opened:
        context.close()


@pytest.fixture
def open_desk(contexts, nodes):
    """`open_desk("reception", node=1, date=day)`: a desk that is live. Afterwards no page may have complained."""
    desks = []

    def open_one(role, node=0, date=None, at=None, desk="a", session=None, prepare=None, live=True, **options):
        page = contexts(**options).new_page()
        person = Desk(page, role)
        desks.append(person)
        if session is not None:
            page.add_init_script(f"localStorage.setItem('adelante:session:{desk}', JSON.stringify({json.dumps(session)}))")
        if prepare is not None:
            prepare(page)
        enter = f"&as={role}" if session is None else ""
        page.goto(f"{at or nodes[node].url}/examples/calendar.html?desk={desk}{enter}{f'#{date}' if date else ''}")
        return person.await_live() if live else person

    yield open_one
    complaints = [f"{desk.role}: {complaint}" for desk in desks for complaint in desk.unexpected]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def cables():
    """`cables(node)`: a network of one's own to that node."""
    laid = []

    def lay(node):
        laid.append(Cable(node))
        return laid[-1]

    yield lay
    for cable in laid:
        cable.close()


@pytest.fixture
def picture(tmp_path):
    """`picture(page, "empty")` takes examples/screenshots/empty.png anew when UPDATE_SCREENSHOTS=1 asks for it."""
    folder = ROOT / "examples" / "screenshots" if os.environ.get("UPDATE_SCREENSHOTS") == "1" else tmp_path

    def take(page, name):
        path = Path(folder) / f"{name}.png"
        for frame in page.frames:
            frame.wait_for_function(REST)
        page.screenshot(path=path)
        assert path.stat().st_size < LARGEST_SCREENSHOT, f"{path.name} has {path.stat().st_size} bytes"

    return take


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.call_report = report
    return report
