"""A person at a desk: one browser context with one page, and the few things that everybody does there."""

import re

from playwright.sync_api import expect

LIVE_WITHIN = 15_000


class Desk:
    def __init__(self, page, role):
        self.page = page
        self.role = role
        #: What the page complained of; a test that provokes something says which of it is expected.
        self.complaints = []
        self.forgiven = None
        self.responses = []
        self.frames = []
        page.on(
            "console", lambda m: m.type in ("error", "warning") and self.complaints.append(f"{m.text} ({m.location.get('url')})")
        )
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("response", lambda response: "/api/" in response.url and self.responses.append(response))
        page.on("websocket", lambda ws: ws.on("framereceived", lambda data: self.frames.append(data)))

    def __call__(self, testid):
        return self.page.get_by_test_id(testid)

    def forgive(self, pattern):
        """These complaints belong to what the test does."""
        self.forgiven = re.compile(pattern)

    @property
    def unexpected(self):
        return [c for c in self.complaints if not (self.forgiven and self.forgiven.search(c))]

    # ---- the state of things

    def await_live(self):
        expect(self.page.locator("[data-testid=connection][data-state=live]")).to_be_visible(timeout=LIVE_WITHIN)
        return self

    @property
    def empty_day(self):
        """The words on a day without visits (what holds them has no height of its own)."""
        return self("empty-day").locator(".empty-card")

    def visit(self, who):
        return self.page.locator(".visit", has_text=who)

    def visit_by_id(self, visit_id):
        return self.page.locator(f'.visit[data-id="{visit_id}"]')

    def column(self, number):
        return self("column").nth(number)

    @property
    def seq(self):
        return int(self("seq").inner_text().lstrip("#"))

    @property
    def focused(self):
        """What a screen reader would call the focused element."""
        return self.page.evaluate(
            """() => {
                const e = document.activeElement;
                return e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText;
            }"""
        )

    def mark_page(self):
        """A page that was loaded again has lost this mark."""
        self.page.evaluate("window.sameEver = true")

    @property
    def is_same_page(self):
        return self.page.evaluate("window.sameEver === true")

    # ---- what people do

    def fill_new(self, client, start, staff=None):
        """Opens the form and fills it. `staff`: a column's number; None for no master."""
        self("new-visit").click()
        self("client-search").fill(client)
        self("field-staff").select_option(index=0 if staff is None else staff + 1)
        self("field-start").select_option(start)

    def book(self, client, start, staff=None):
        self.fill_new(client, start, staff)
        self("save").click()
        expect(self("saved-toast").filter(has_text=client)).to_be_visible()

    def move(self, visit, start=None, staff=None):
        visit.focus()
        self.page.keyboard.press("m")
        if staff is not None:
            self("move-staff").select_option(index=staff + 1)
        if start is not None:
            self("move-start").select_option(start)
        self("move-save").click()
