"""Login through Telegram as people do it: the login page beside the sandbox's telephone, and no polling anywhere."""

import re

import pytest
from playwright.sync_api import expect

from harness.axe import violations
from harness.login import STATUS, LoginPage, await_telegram, begin, link, new_salon, someone, tap
from harness.sandbox import Sandbox
from harness.stack import Stack
from test_connection import BACK_WITHIN, NETWORK

SMALL = {"width": 360, "height": 740}
CONFIRM, REGISTER, CANCEL = "Підтвердити вхід", "Підтвердити реєстрацію", "Скасувати"
SOON = 5_000


@pytest.fixture
def open_login(contexts, nodes):
    """`open_login(node)`: the login page, which asks the status route at most once, and has complained of nothing."""
    pages = []

    def open_one(node=None, at=None, salon=None, **options):
        login = LoginPage(contexts(**options).new_page())
        pages.append(login)
        named = f"?salon={salon.session['user']['salon_id']}" if salon else ""
        login.page.goto(f"{at or (node or nodes[0]).url}/examples/calendar.html{named}")
        expect(login("login-telegram")).to_be_visible()
        return login

    yield open_one
    complaints = [complaint for login in pages for complaint in login.unexpected]
    assert not complaints, "\n".join(complaints)
    assert all(len(login.asked) <= 1 for login in pages)


@pytest.fixture
def salon(nodes):
    return new_salon(nodes[0])


@pytest.fixture
def known(telegram, salon):
    """Somebody whose Telegram is linked to the owner of `salon`."""
    person = someone(telegram, "Оксана", "Знана")
    link(telegram, person, salon)
    return person


@pytest.fixture
def looks(nodes):
    """`looks()`: how often the nodes were asked for a status since the test began, by their access logs."""

    def count():
        return sum(len(node.requests(STATUS)) for node in nodes)

    before = count()
    return lambda: count() - before


def confirm(login, person, button=CONFIRM):
    """In the chat, from the link to the tap."""
    telephone = login.open_telephone(person)
    telephone("start").click()
    expect(telephone("key").filter(has_text=button)).to_be_visible()
    tap(telephone, button)
    return telephone


def expect_in(login, role):
    login.await_live()
    expect(login("user-role")).to_have_text(role)


@pytest.mark.parametrize("number", [0, 1], ids=["on-node-a", "on-node-b"])
def test_a_known_person_confirms_and_the_page_is_in_the_calendar(open_login, nodes, known, salon, looks, number):
    login = open_login(nodes[number]).begin()
    assert login("code-qr").get_attribute("src").startswith("data:image/png;base64,")
    expect(login("code-left")).to_have_text(re.compile(r"^[45]:\d\d$"))
    telephone = login.open_telephone(known)
    telephone("start").click()
    expect(telephone("post").last).to_contain_text("Підтвердіть вхід в систему Adelante CRM.")
    expect(login("code-status")).to_contain_text("Підтвердьте вхід у чаті")
    assert looks() == 0 and not login.asked, "until it is confirmed nobody asks"
    tap(telephone, CONFIRM)
    expect_in(login, "Власник")
    expect(telephone("post").last).to_contain_text("Вхід підтверджено! Поверніться до браузера.")
    assert len(login.asked) == 1 and looks() == 1

    kept = login.page.evaluate("JSON.parse(localStorage.getItem('adelante:session'))")
    assert kept.keys() == salon.session.keys(), "a session as by password"
    assert login.page.evaluate("sessionStorage.getItem('adelante:telegram')") is None
    login.page.reload()
    expect_in(login, "Власник")
    assert looks() == 1


def test_somebody_new_registers_and_is_in(open_login, telegram, salon, looks):
    person = someone(telegram, "Нова", "Рецепціоністка", username="nova_r")
    login = open_login(salon=salon).begin()
    telephone = login.open_telephone(person)
    telephone("start").click()
    expect(login("code-status")).to_contain_text("чи створити обліковий запис")
    expect(telephone("post").last).to_contain_text("Ви ще не зареєстровані в системі.")
    tap(telephone, REGISTER)
    expect_in(login, "Рецепція")
    assert len(login.asked) == 1 and looks() == 1
    expect(login("salon-name")).to_have_text("Салон «Телеграф»")


def test_somebody_new_where_no_salon_is_named_is_told_whom_to_ask(open_login, telegram, looks):
    login = open_login().begin()
    telephone = login.open_telephone(someone(telegram))
    telephone("start").click()
    expect(login("telegram-over")).to_contain_text("не прив’язано до жодного облікового запису")
    assert looks() == 0


def test_a_salon_that_is_gone_is_named_no_more(open_login, nodes):
    login = open_login()
    login.forgive("422")
    login.page.evaluate("localStorage.setItem('adelante:salon', '999999999')")
    login.begin()
    assert login.page.evaluate("localStorage.getItem('adelante:salon')") is None


def test_who_cancels_may_try_again_and_be_in(open_login, known, looks):
    login = open_login().begin()
    first = login.start_code
    confirm(login, known, CANCEL)
    expect(login("telegram-over")).to_have_text("Вхід скасовано в Telegram.")
    expect(login("telegram-again")).to_be_focused()
    assert looks() == 0
    login("telegram-again").click()
    login.await_code()
    assert login.start_code != first
    confirm(login, known)
    expect_in(login, "Власник")
    assert looks() == 1


def test_what_is_not_opened_in_time_expires_and_another_code_is_there(open_login, stack, looks):
    with stack.another_node("hasty", TELEGRAM_CODE_TTL="3") as hasty:
        login = open_login(hasty).begin()
        first = login.start_code
        expect(login("telegram-over")).to_contain_text("Код більше не діє", timeout=SOON)
        login("telegram-again").click()
        login.await_code()
        assert login.start_code != first
        assert looks() == 0 and not hasty.requests(STATUS)
        login("telegram-leave").click()
        expect(login("login-telegram")).to_be_focused()


def test_the_number_that_the_page_shows_is_asked_for_in_the_chat(open_login, stack, known):
    with stack.another_node("matching", TELEGRAM_NUMBER_MATCH="on") as matching:
        wrong = open_login(matching, viewport=SMALL).begin()
        shown = wrong("code-number").inner_text()
        assert re.fullmatch(r"\d\d", shown)
        telephone = confirm(wrong, known)
        offered = telephone("key").filter(has_text=re.compile(r"^\d\d$"))
        expect(offered).to_have_count(3)
        numbers = offered.all_inner_texts()
        assert shown in numbers
        tap(telephone, next(number for number in numbers if number != shown))
        expect(wrong("telegram-over")).to_contain_text("не те число")

        right = open_login(matching).begin()
        shown = right("code-number").inner_text()
        telephone = confirm(right, known)
        expect(telephone("key").filter(has_text=shown)).to_be_visible()
        assert not right.asked, "the number is not chosen yet"
        tap(telephone, shown)
        expect_in(right, "Власник")


def test_codes_that_redis_has_forgotten_are_over_within_seconds(open_login, stack, known, looks):
    login = open_login().begin()
    stack.flush_redis()
    expect(login("telegram-over")).to_contain_text("Код більше не діє", timeout=SOON)
    login("telegram-again").click()
    login.await_code()
    confirm(login, known)
    expect_in(login, "Власник")
    assert looks() == 1


def test_a_lost_line_is_made_again_and_misses_nothing(open_login, nodes, cables, telegram, known, looks):
    cable = cables(nodes[0])
    login = open_login(at=cable.url)
    login.forgive(NETWORK)
    login.begin()
    cable.cut()
    expect(login("code-lost")).to_be_visible()
    telegram.open(known, login.start_code)
    telegram.await_state(lambda _: "Підтвердіть" in telegram.messages(known)[-1]["text"])
    telegram.tap(known)
    cable.mend()
    login.page.evaluate("dispatchEvent(new Event('online'))")
    expect(login("user-role")).to_have_text("Власник", timeout=BACK_WITHIN)
    assert looks() == 1


def test_a_page_that_is_loaded_again_goes_on_with_its_code(open_login, known):
    login = open_login().begin()
    first = login.start_code
    login.page.reload()
    login.await_code()
    assert login.start_code == first
    login("login-language").click()
    login.await_code("Waiting for you to open the chat")
    assert login.start_code == first
    confirm(login, known)
    login.await_live()
    expect(login("user-role")).to_have_text("Owner")


def test_tokens_that_could_not_be_fetched_are_asked_for_again(open_login, known):
    login = open_login()
    login.forgive("net::ERR_")
    login.page.route("**/auth/telegram/status/*", lambda route: route.abort())
    login.begin()
    confirm(login, known)
    expect(login("telegram-failed")).to_have_text("Немає зв’язку із сервером.")
    assert len(login.asked) == 1
    login.page.unroute("**/auth/telegram/status/*")
    login.asked.clear()
    login("telegram-again").click()
    expect_in(login, "Власник")


def test_a_server_without_a_bot_says_so_and_offers_it_no_more(open_login, stack):
    with stack.another_node("botless", TELEGRAM_BOT_TOKEN="") as botless:
        login = open_login(botless)
        login.forgive("503")
        login("login-telegram").click()
        expect(login("telegram-failed")).to_have_text("Вхід через Telegram тут не налаштовано.")
        expect(login("telegram-again")).to_have_count(0)
        login("telegram-leave").click()
        expect(login("login-telegram")).to_be_hidden()
        expect(login("login-email")).to_be_focused()


def test_who_asks_too_often_is_told_when_to_come_back(open_login, stack):
    with stack.another_node("strict", RATE_LIMITS="on") as strict:
        for _ in range(10):
            begin(strict)
        login = open_login(strict)
        login.forgive("429")
        login("login-telegram").click()
        expect(login("telegram-failed")).to_have_text(re.compile(r"Спробуйте ще раз через \d+ с\."))
        expect(login("telegram-again")).to_be_disabled()
        login("telegram-leave").click()

        body = {"code": "RATE_LIMITED", "error": "", "message": "", "detail": ""}
        stack.flush_redis()
        login.page.route(
            "**/auth/telegram/init", lambda route: route.fulfill(status=429, json=body, headers={"Retry-After": "2"}), times=1
        )
        login("login-telegram").click()
        expect(login("telegram-again")).to_be_disabled()
        expect(login("telegram-again")).to_be_enabled()
        login("telegram-again").click()
        login.await_code()


def test_without_redis_it_says_so_and_works_again_afterwards(open_login, stack, nodes):
    login = open_login()
    login.forgive("503")
    stack.stop_redis()
    try:
        login("login-telegram").click()
        expect(login("telegram-failed")).to_contain_text("зараз недоступний")
    finally:
        stack.start_redis()
        for node in nodes:
            await_telegram(node)
    login("telegram-again").click()
    login.await_code()


def test_who_must_be_approved_is_in_as_soon_as_that_is_done(contexts):
    sandbox = Sandbox()
    stack = Stack(sandbox, TELEGRAM_REGISTRATION="approval")
    try:
        stack.start()
        salon = new_salon(stack.nodes[1])
        login = LoginPage(contexts().new_page())
        login.page.goto(f"{stack.nodes[0].url}/examples/calendar.html?salon={salon.session['user']['salon_id']}")
        login.begin()
        confirm(login, someone(sandbox), REGISTER)
        expect(login("code-status")).to_contain_text("адміністратор салону")
        (told,) = [n for n in salon.call("GET", "/notifications")["data"] if "Нова Людина" in n["message"]]
        assert "Telegram" in told["message"]
        # Accounts are numbered one after the other.
        salon.call("PATCH", f"/users/{salon.session['user']['id'] + 1}", {"is_active": True})
        expect_in(login, "Рецепція")
        assert len(login.asked) == 1 and not login.complaints
    finally:
        stack.stop()
        sandbox.stop()


def test_everything_is_done_by_keyboard_and_told_to_those_who_do_not_see(open_login, known):
    login = open_login()
    press = login.page.keyboard.press
    expect(login("login-email")).to_be_focused()
    for _ in range(4):
        press("Tab")
    expect(login("login-telegram")).to_be_focused()
    press("Enter")
    expect(login("telegram-title")).to_be_focused()
    expect(login("announcer")).to_contain_text("Чекаємо, доки ви відкриєте чат")
    press("Tab")
    expect(login("code-link")).to_be_focused()
    with login.page.context.expect_page() as opened:
        press("Enter")
    opened.value.close()
    telephone = login.open_telephone(known)
    telephone("start").click()
    expect(login("announcer")).to_contain_text("Підтвердьте вхід у чаті")
    expect(login("code-link")).to_be_focused()
    tap(telephone, CANCEL)
    expect(login("announcer")).to_contain_text("Вхід скасовано")
    expect(login("telegram-again")).to_be_focused()
    press("Enter")
    login.await_code()
    expect(login("telegram-title")).to_be_focused()
    press("Tab")
    press("Tab")
    expect(login("telegram-leave")).to_be_focused()
    press("Enter")
    expect(login("login-telegram")).to_be_focused()


@pytest.mark.parametrize("viewport", [None, SMALL], ids=["desktop", "small"])
def test_axe_finds_nothing_and_nothing_sticks_out(open_login, stack, known, viewport):
    def check(state):
        found = violations(login.page)
        assert not found, f"{state}:\n" + "\n".join(found)
        if viewport:
            assert login.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], state
        small = login.page.evaluate(
            """() => [...document.querySelectorAll("main button, main a, main input:not([type=checkbox])")]
                .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44).map((e) => e.outerHTML)"""
        )
        assert small == [], state

    with stack.another_node("matching", TELEGRAM_NUMBER_MATCH="on") as matching:
        login = open_login(matching, **({"viewport": viewport, "touch": True} if viewport else {}))
        check("the ways to log in")
        login.begin()
        check("a code")
        order = ("code-link", "code-qr") if viewport else ("code-qr", "code-link")
        above, below = (login(way).bounding_box()["y"] for way in order)
        assert above < below, "on a telephone its link comes first"
        telephone = login.open_telephone(known)
        telephone("start").click()
        expect(login("code-status")).to_contain_text("Підтвердьте вхід у чаті")
        check("a question in the chat")
        tap(telephone, CANCEL)
        expect(login("telegram-over")).to_be_visible()
        check("cancelled")
        login.forgive("429")
        refusal = {"status": 429, "json": {"code": "RATE_LIMITED"}, "headers": {"Retry-After": "50"}}
        login.page.route("**/auth/telegram/init", lambda route: route.fulfill(**refusal), times=1)
        login("telegram-again").click()
        expect(login("telegram-failed")).to_be_visible()
        check("too often")
