"""A person's own account: who it is, linking it to Telegram, and unlinking it."""

import pytest
from playwright.sync_api import expect

from conftest import PHONE
from harness.axe import violations
from harness.login import LoginPage, link, new_salon, someone, start_of


@pytest.fixture
def salon(nodes):
    return new_salon(nodes[0])


@pytest.fixture
def open_account(open_desk, salon):
    """`open_account(node=1)`: the owner's account."""

    def open_one(session=None, **options):
        desk = open_desk("owner", session=session or salon.session, **options)
        show(desk)
        return desk

    return open_one


def show(desk):
    desk("user-menu").click()
    desk("account").click()
    expect(desk("account-dialog")).to_be_visible()
    expect(desk("account-state")).to_be_visible()


def check(desk, state):
    found = violations(desk.page)
    assert not found, f"{state}:\n" + "\n".join(found)


@pytest.mark.parametrize("node", [0, 1], ids=["on-node-a", "on-node-b"])
def test_an_account_is_linked_and_unlinked(open_account, telegram, salon, node):
    person = someone(telegram, "Оксана", "Власник", username="oksana_links")
    desk = open_account(node=node)
    expect(desk("account-name")).to_have_text("Оксана Власник")
    expect(desk("account-email")).to_have_text(salon.session["user"]["email"])
    expect(desk("account-state")).to_have_text("Не прив’язано")
    check(desk, "not linked")
    desk("account-link").click()
    expect(desk("code-status")).to_contain_text("натиснете «Почати»")
    expect(desk("code-link")).to_be_focused()
    check(desk, "a code for linking")
    with desk.page.context.expect_page() as opened:
        desk("code-link").click()
    telephone = LoginPage(opened.value)
    telephone("person").select_option(str(person))
    telephone("start").click()
    expect(desk("account-note")).to_have_text("Telegram прив’язано: @oksana_links.")
    expect(desk("account-state")).to_have_text("@oksana_links")
    expect(telephone("post").last).to_contain_text("успішно прив'язано до акаунту Оксана Власник!")
    assert salon.call("GET", "/auth/me")["telegram_id"] == person
    check(desk, "linked")

    desk("account-unlink").click()
    expect(desk("account-sure")).to_be_visible()
    check(desk, "the question before unlinking")
    desk("account-keep").click()
    expect(desk("account-state")).to_have_text("@oksana_links")
    desk("account-unlink").click()
    desk("account-unlink-yes").click()
    expect(desk("account-note")).to_have_text("Telegram відв’язано.")
    expect(desk("account-state")).to_have_text("Не прив’язано")
    assert salon.call("GET", "/auth/me")["telegram_id"] is None
    asked = [response.url for response in desk.responses if "/auth/telegram/status/" in response.url]
    assert not asked, "the socket tells, nobody asks"


def test_a_telegram_of_somebody_else_is_refused_and_another_try_works(open_account, nodes, telegram):
    person = someone(telegram)
    link(telegram, person, new_salon(nodes[1]))
    desk = open_account()
    desk("account-link").click()
    telegram.open(person, start_of(desk("code-link").get_attribute("href")))
    expect(desk("account-error")).to_contain_text("уже прив’язано до іншого")
    check(desk, "refused")
    desk("account-again").click()
    telegram.open(someone(telegram), start_of(desk("code-link").get_attribute("href")))
    expect(desk("account-note")).to_have_text("Telegram прив’язано: Нова Людина.")
    expect(desk("account-state")).to_have_text("Прив’язано")


def test_a_link_code_that_is_lost_is_told_and_linking_can_begin_again(open_account, stack):
    desk = open_account()
    desk("account-link").click()
    first = desk("code-link").get_attribute("href")
    stack.flush_redis()
    expect(desk("account-error")).to_contain_text("Код більше не діє")
    desk("account-again").click()
    expect(desk("code-link")).not_to_have_attribute("href", first)
    desk("account-cancel").click()
    expect(desk("account-link")).to_be_visible()


def test_who_has_no_password_is_told_why_telegram_stays_linked(contexts, nodes, telegram, salon):
    person = someone(telegram)
    page = LoginPage(contexts().new_page())
    page.page.goto(f"{nodes[0].url}/examples/calendar.html?salon={salon.session['user']['salon_id']}")
    page.begin()
    telegram.open(person, page.start_code)
    telegram.await_state(lambda _: telegram.messages(person)[-1].get("reply_markup"))
    telegram.tap(person)
    page.await_live()
    page.forgive("409")
    show(page)
    expect(page("account-role")).to_have_text("Рецепція")
    page("account-unlink").click()
    page("account-unlink-yes").click()
    expect(page("account-error")).to_contain_text("пароля в цього облікового запису немає")
    check(page, "may not be unlinked")
    assert not page.unexpected


def test_it_is_done_by_keyboard_alone_and_fits_a_telephone(open_account, telegram):
    desk = open_account(viewport={**PHONE, "width": 360})
    press = desk.page.keyboard.press
    expect(desk("account-link")).to_be_visible()
    desk("account-link").focus()
    press("Enter")
    expect(desk("code-link")).to_be_focused()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert desk("code-link").bounding_box()["y"] < desk("code-qr").bounding_box()["y"]
    telegram.open(someone(telegram), start_of(desk("code-link").get_attribute("href")))
    expect(desk("account-unlink")).to_be_focused()
    expect(desk("announcer")).to_contain_text("Telegram прив’язано: Нова Людина.")
    press("Enter")
    expect(desk("account-keep")).to_be_focused()
    press("Escape")
    expect(desk("account-dialog")).to_have_count(0)
    expect(desk("user-menu")).to_be_focused()
