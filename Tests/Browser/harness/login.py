"""Somebody before the login page, with a telephone in the hand."""

import itertools
import json
import time
import urllib.error
import urllib.request

from playwright.sync_api import expect

from harness.desk import Desk
from harness.salon import Salon

#: How the access log writes the status route's path: the code is masked.
STATUS = "/auth/telegram/status/…"
_numbers = itertools.count(1)


def someone(telegram, first_name="Нова", last_name="Людина", **more):
    """A new person's number in the sandbox."""
    return telegram.act("people", first_name=first_name, last_name=last_name, language_code="uk", **more)["id"]


def new_salon(node):
    """A salon of one's own; its owner has a password and no Telegram."""
    return Salon.register(node, "Салон «Телеграф»", f"owner-{next(_numbers)}-{node.port}@telegraph.example")


def start_of(link):
    return link.partition("?start=")[2]


def link(telegram, person, salon):
    """Links the person to the account, by REST and without a page."""
    begun = salon.call("POST", "/auth/telegram/link")
    before = telegram.last_call
    telegram.open(person, start_of(begun["deep_link"]))
    telegram.calls(before, "sendMessage")
    assert salon.call("GET", "/auth/me")["telegram_id"] == person


def begin(node):
    """Asks for a login as a page does."""
    request = urllib.request.Request(f"{node.url}/api/v1/auth/telegram/init", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=15) as answer:
        return json.load(answer)


def await_telegram(node, seconds=30):
    """Until logins can be begun again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return begin(node)
        except urllib.error.HTTPError as error:
            if error.code != 503 or time.monotonic() > deadline:
                raise
        time.sleep(0.2)


class LoginPage(Desk):
    """The login page. `asked`: the requests that it made for the status route."""

    def __init__(self, page):
        super().__init__(page, "login")
        self.asked = []
        page.on("request", lambda request: "/auth/telegram/status/" in request.url and self.asked.append(request.url))

    def begin(self):
        self("login-telegram").click()
        return self.await_code()

    def await_code(self, status="натиснете «Почати»"):
        expect(self("code-status")).to_contain_text(status)
        expect(self("code-qr")).to_be_visible()
        return self

    @property
    def start_code(self):
        return start_of(self("code-link").get_attribute("href"))

    def open_telephone(self, person):
        """Follows the link: the sandbox's page, with the person's telephone in the hand."""
        with self.page.context.expect_page() as opened:
            self("code-link").click()
        telephone = Desk(opened.value, "telephone")
        telephone("person").select_option(str(person))
        expect(telephone("start")).to_be_visible()
        return telephone


def tap(telephone, text):
    telephone("key").filter(has_text=text).last.click()
