"""examples/nextjs in Chromium: two windows on two nodes, from another origin, in React's strict mode."""

import re
import time
from pathlib import Path

import bundle
import playwright
import pytest
from harness.cable import Cable
from harness.login import link, new_salon, someone, start_of
from harness.salon import ACCOUNTS, Salon, quiet_days
from playwright.sync_api import expect
from tokens import resigned

CONFIRM = 0
DRIVER = Path(playwright.__file__).parent / "driver" / "node"


@pytest.fixture(scope="session")
def days():
    return quiet_days()


@pytest.fixture
def day(days):
    return str(next(days))


@pytest.fixture
def manager(nodes):
    return Salon.sign_in(nodes[1], ACCOUNTS["manager"])


def live(page):
    expect(page.get_by_test_id("line")).to_have_text("live")
    for name in ("day", "twin", "bell"):
        expect(page.get_by_test_id(name)).to_have_attribute("data-loaded", "true")
    return page


def texts(page, testid):
    return page.get_by_test_id(testid).all_inner_texts()


def tap_question(telegram, person, button):
    """The page may hear of it before the chat has it."""
    telegram.await_state(lambda _: telegram.messages(person)[-1].get("reply_markup"))
    telegram.tap(person, button)


def test_the_types_hold(frontend):
    assert bundle.check(frontend) == ""


def test_a_server_renders_it_without_a_browser(frontend):
    text = bundle.render(frontend, DRIVER)
    assert "[null,null,0,&quot;idle&quot;]" in text
    assert "Увійти через Telegram" in text


def test_a_visit_that_is_booked_in_one_window_appears_in_the_other(window, nodes, owner, manager, day):
    here, there = live(window(nodes[0].url, owner.session, day)), live(window(nodes[1].url, manager.session, day))
    visit = owner.book("Олена Двохвіконна", day, "10:15", "11:15")
    for page in (here, there):
        for name in ("day-visit", "twin-visit"):
            expect(page.get_by_test_id(name)).to_have_text("10:15 Олена Двохвіконна: Стрижка жіноча")
    earlier = manager.book("Рання Пташка", day, "09:00", "09:30", staff=1)
    owner.call("PUT", f"/appointments/{visit['id']}", {"startTime": "12:00", "endTime": "13:00"})
    for page in (here, there):
        expect(page.get_by_test_id("day-visit")).to_have_text([re.compile("^09:00 Рання"), re.compile("^12:00 Олена")])
    owner.call("DELETE", f"/appointments/{earlier['id']}")
    expect(there.get_by_test_id("day-visit")).to_have_text([re.compile("^12:00 Олена")])


def test_a_visit_that_moves_to_another_day_is_seen_there(window, nodes, owner, manager, days, day):
    other = str(next(days))
    visit = owner.book("Мандрівна", day, "10:00", "11:00")
    page = live(window(nodes[1].url, manager.session, day))
    expect(page.get_by_test_id("day-visit")).to_have_count(1)
    owner.call("PUT", f"/appointments/{visit['id']}", {"date": other})
    expect(page.get_by_test_id("day-visit")).to_have_count(0)
    page.get_by_test_id("date").fill(other)
    expect(page.get_by_test_id("day-visit")).to_have_text([re.compile("Мандрівна")])
    owner.call("PUT", f"/appointments/{visit['id']}", {"clientName": "Осіла"})
    for name in ("day-visit", "twin-visit"):
        expect(page.get_by_test_id(name)).to_have_text([re.compile("Осіла")])


def test_a_notification_arrives_and_is_read_on_two_devices(window, nodes, owner, manager, day):
    manager.call("PATCH", "/notifications/read-all")
    one, two = live(window(nodes[0].url, manager.session, day)), live(window(nodes[1].url, manager.session, day))
    for page in (one, two):
        expect(page.get_by_test_id("unread")).to_have_text("0")
    owner.book("Перша Подзвонила", day, "10:00", "11:00")
    for page in (one, two):
        expect(page.get_by_test_id("unread")).to_have_text("1")
        first = page.get_by_test_id("notification").filter(has_text="Перша Подзвонила")
        expect(first).to_have_attribute("data-read", "false")
    one.get_by_test_id("read-all").click()
    expect(two.get_by_test_id("unread")).to_have_text("0")
    expect(two.get_by_test_id("notification").first).to_have_attribute("data-read", "true")
    one.get_by_test_id("notification").filter(has_text="Перша Подзвонила").get_by_test_id("remove").click()
    expect(two.get_by_test_id("notification").filter(has_text="Перша Подзвонила")).to_have_count(0)


def test_a_window_whose_node_dies_loses_nothing(window, nodes, owner, manager, day):
    balancer = Cable(nodes[0])
    page = live(window(balancer.url, manager.session, day, forgive=("ERR_CONNECTION", "WebSocket")))
    balancer.lead_to(nodes[1])
    nodes[0].kill()
    writer = Salon(nodes[1], owner.session)
    names = [f"Гість {number}" for number in range(6)]
    for number, name in enumerate(names):
        writer.book(name, day, f"{10 + number}:00", f"{11 + number}:00")
    for list_of in ("day-visit", "twin-visit"):
        expect(page.get_by_test_id(list_of)).to_have_text([re.compile(name) for name in names])
    expect(page.get_by_test_id("line")).to_have_text("live")
    balancer.close()


def test_a_token_that_ends_is_replaced_where_the_frontend_keeps_it(window, stack, nodes, owner, manager, day):
    short = resigned(stack, manager.session["access_token"], exp=int(time.time()) - 30)
    before = nodes[1].requests("/auth/refresh")
    page = live(window(nodes[1].url, {**manager.session, "access_token": short}, day, forgive=("401",)))
    kept = page.evaluate("[localStorage.auth_token, localStorage.refresh_token, document.cookie]")
    assert kept[0] != short and kept[1] == manager.session["refresh_token"]
    assert f"auth_token={kept[0]}" in kept[2]
    owner.book("Після Оновлення", day, "10:00", "11:00")
    expect(page.get_by_test_id("day-visit")).to_have_count(1)
    asked = [method for method, _, _ in nodes[1].requests("/auth/refresh")[len(before):] if method == "POST"]
    assert len(asked) == 1, "the lists and the socket share one refresh"


@pytest.mark.parametrize("ahead", [-10_800, 10_800])
def test_a_machine_whose_clock_is_three_hours_wrong_is_as_live_as_others(window, nodes, owner, manager, day, ahead):
    before = nodes[1].requests("/auth/refresh")
    page = live(window(nodes[1].url, manager.session, day, ahead=ahead))
    owner.book("Невчасна", day, "10:00", "11:00")
    expect(page.get_by_test_id("day-visit")).to_have_count(1)
    refreshes = [method for method, _, _ in nodes[1].requests("/auth/refresh")[len(before):] if method == "POST"]
    # By its own clock the token has ended long ago; how late that clock is nobody has told before the first answer.
    assert len(refreshes) == (1 if ahead > 0 else 0)
    expect(page.get_by_test_id("line")).to_have_text("live")


def test_a_login_that_ends_elsewhere_ends_here(window, nodes, day):
    mine = Salon.sign_in(nodes[0], ACCOUNTS["manager"])
    page = live(window(nodes[1].url, mine.session, day, forgive=("401",)))
    mine.call("POST", "/auth/logout")
    expect(page.get_by_test_id("telegram-login")).to_be_visible()
    assert page.evaluate("[localStorage.auth_token, localStorage.refresh_token, document.cookie]") == [None, None, ""]


def test_login_through_telegram_brings_the_live_day(window, telegram, nodes, day):
    salon = new_salon(nodes[0])
    person = someone(telegram, "Дарина", "Тестова")
    link(telegram, person, salon)
    page = window(nodes[1].url, date=day)
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    href = page.get_by_test_id("telegram-link").get_attribute("href")
    assert href.startswith(telegram.url)
    assert box.locator("img").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 100
    telegram.open(person, start_of(href))
    expect(box.get_by_role("status")).to_have_text("Підтвердьте вхід у чаті з ботом.")
    tap_question(telegram, person, CONFIRM)
    live(page)
    expect(page.get_by_test_id("page")).to_have_attribute("data-person", "Оксана")
    assert page.evaluate("Boolean(localStorage.auth_token && localStorage.refresh_token)")
    page.reload()
    live(page)


def test_a_login_that_is_cancelled_in_the_chat_can_be_begun_again(window, telegram, nodes):
    salon = new_salon(nodes[0])
    person = someone(telegram)
    link(telegram, person, salon)
    page = window(nodes[0].url)
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    before = page.get_by_test_id("telegram-link").get_attribute("href")
    telegram.open(person, start_of(before))
    expect(box.get_by_role("status")).to_have_text("Підтвердьте вхід у чаті з ботом.")
    tap_question(telegram, person, CONFIRM + 1)
    expect(box.get_by_role("status")).to_have_text("Вхід скасовано в чаті.")
    box.get_by_role("button", name="Спробувати ще раз").click()
    expect(page.get_by_test_id("telegram-link")).not_to_have_attribute("href", before)
    box.get_by_role("button", name="Увійти з паролем").click()
    expect(box).to_have_attribute("data-phase", "idle")


def test_a_server_that_cannot_be_asked_is_said(window, nodes):
    page = window(nodes[0].url, forgive=("ERR_FAILED", "429"))
    page.route("**/auth/telegram/init", lambda route: route.abort())
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    expect(box.get_by_role("status")).to_have_text("Немає зв’язку із сервером.")
    page.unroute("**/auth/telegram/init")
    box.get_by_role("button", name="Спробувати ще раз").click()
    expect(page.get_by_test_id("telegram-link")).to_be_visible()


def test_a_code_whose_end_nobody_tells_ends_all_the_same(window, nodes):
    page = window(nodes[0].url)
    page.route_web_socket("**/ws", lambda silent: None)

    def shorten(route):
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "expires_in": 1})

    page.route("**/auth/telegram/init", shorten)
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    expect(page.get_by_test_id("telegram-link")).to_be_visible()
    expect(box.get_by_role("status")).to_have_text("Час вийшов. Спробуйте ще раз.")


def test_tokens_that_could_not_be_fetched_are_asked_for_again(window, telegram, nodes):
    salon = new_salon(nodes[0])
    person = someone(telegram)
    link(telegram, person, salon)
    page = window(nodes[0].url, forgive=("ERR_FAILED",))
    page.route("**/auth/telegram/status/*", lambda route: route.abort())
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    telegram.open(person, start_of(page.get_by_test_id("telegram-link").get_attribute("href")))
    expect(box.get_by_role("status")).to_have_text("Підтвердьте вхід у чаті з ботом.")
    tap_question(telegram, person, CONFIRM)
    expect(box.get_by_role("status")).to_have_text("Немає зв’язку із сервером.")
    page.unroute("**/auth/telegram/status/*")
    box.get_by_role("button", name="Спробувати ще раз").click()
    live(page)


@pytest.mark.parametrize(("end", "are_kept"), [("leave", True), ("cancel", False)])
def test_tokens_that_come_late_are_kept_unless_it_was_cancelled(end, are_kept, window, telegram, nodes):
    salon = new_salon(nodes[0])
    person = someone(telegram)
    link(telegram, person, salon)
    page, under_way = window(nodes[0].url), []
    page.route("**/auth/telegram/status/*", lambda route: under_way.append(route))
    box = page.get_by_test_id("telegram-login")
    box.get_by_role("button", name="Увійти через Telegram").click()
    telegram.open(person, start_of(page.get_by_test_id("telegram-link").get_attribute("href")))
    expect(box.get_by_role("status")).to_have_text("Підтвердьте вхід у чаті з ботом.")
    tap_question(telegram, person, CONFIRM)
    expect(box.get_by_role("status")).to_have_text("Входимо…")
    if end == "leave":
        page.get_by_test_id("leave").click()
        expect(box).to_have_count(0)
    else:
        box.get_by_role("button", name="Увійти з паролем").click()
        expect(box).to_have_attribute("data-phase", "idle")
    with page.expect_event("requestfinished", lambda request: "/auth/telegram/status/" in request.url):
        under_way[0].continue_()
    if are_kept:
        page.wait_for_function("localStorage.auth_token && localStorage.refresh_token")
    else:
        # What the page makes of the answer would come right behind it.
        page.wait_for_timeout(500)
        assert page.evaluate("[localStorage.auth_token, localStorage.refresh_token]") == [None, None]
