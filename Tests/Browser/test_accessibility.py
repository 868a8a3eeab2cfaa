"""axe finds nothing on any page, in any state that people meet."""

import pytest
from playwright.sync_api import expect

from conftest import DESKTOP, PHONE
from harness.axe import violations
from harness.desk import Desk


def check(page, state):
    found = violations(page)
    assert not found, f"{state}:\n" + "\n".join(found)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_calendar_and_its_dialogs(open_desk, salons, quiet_day, dark):
    desk = open_desk("manager", dark=dark)
    desk.forgive("409")
    check(desk.page, "a working day")
    other = open_desk("manager", date=quiet_day, dark=dark, desk="b")
    check(other.page, "an empty day")
    for number, status in enumerate(("scheduled", "confirmed", "arrived", "completed", "no-show", "cancelled")):
        visit = salons("owner").book(f"Стан {number}", quiet_day, f"{9 + number}:00".zfill(5), f"{10 + number}:00", staff=1, type="important")
        if status != "scheduled":
            salons("owner").call("PATCH", f"/appointments/{visit['id']}/status", {"status": status})
    expect(other.page.locator(".visit[data-status=cancelled]")).to_have_count(1)
    check(other.page, "all six states, just come from elsewhere")

    other("new-visit").click()
    other("client-search").fill("олена")
    expect(other("client-option").first).to_be_visible()
    check(other.page, "the booking form with found clients")
    other.page.keyboard.press("Escape")
    other("client-search").fill("")
    other("save").click()
    expect(other.page.locator(".field-error:visible")).to_have_count(1)
    check(other.page, "the booking form with an error")
    other("client-search").fill("Хтось Другий")
    other("field-staff").select_option(index=2)
    other("field-start").select_option("09:15")
    other("save").click()
    expect(other("slot-taken")).to_be_visible()
    check(other.page, "a taken time")
    other("dialog-close").click()
    other.visit("Стан 1").focus()
    other.page.keyboard.press("m")
    expect(other("move-dialog")).to_be_visible()
    check(other.page, "the move")
    other("dialog-close").click()
    other("day-title").click()
    expect(other("date-picker")).to_be_visible()
    check(other.page, "the date picker")
    other.page.keyboard.press("Escape")
    for button, panel in (("bell", "bell-panel"), ("last-change", "activity-panel"), ("user-menu", "user-panel")):
        other(button).click()
        expect(other(panel)).to_be_visible()
        check(other.page, panel)
        other.page.keyboard.press("Escape")


def test_a_master_reads_a_day(open_desk, salons, quiet_day):
    visit = salons("owner").book("Читана Майстром", quiet_day, "10:00", "11:00", notes="нотатка")
    desk = open_desk("master", date=quiet_day)
    desk.visit_by_id(visit["id"]).click()
    expect(desk("visit-details")).to_be_visible()
    check(desk.page, "a visit's details")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone(open_desk, dark):
    desk = open_desk("reception", viewport=PHONE, touch=True, dark=dark)
    check(desk.page, "a day on a phone")
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "it does not scroll sideways"
    desk("fab").click()
    expect(desk("visit-dialog")).to_be_visible()
    check(desk.page, "the form on a phone")


def test_the_login(contexts, nodes):
    page = contexts().new_page()
    page.goto(f"{nodes[0].url}/examples/calendar.html?desk=nobody")
    desk = Desk(page, "nobody")
    expect(desk("login")).to_be_visible()
    check(page, "the login")
    desk("login-email").fill("owner@demo.adelante")
    desk("login-password").fill("not this one")
    desk("login-submit").click()
    expect(desk("login-error")).to_have_text("Пошта або пароль не підходять.")
    check(page, "a refused login")
    desk("login-password").fill("adelante-demo")
    desk("login-password").press("Enter")
    expect(desk("user-role")).to_have_text("Власник")


@pytest.mark.parametrize(("viewport", "dark"), [(DESKTOP, False), (DESKTOP, True), (PHONE, False)], ids=["light", "dark", "phone"])
def test_the_landing_page(contexts, nodes, viewport, dark):
    page = contexts(viewport=viewport, dark=dark).new_page()
    page.goto(f"{nodes[0].url}/")
    desk = Desk(page, "landing")
    for name in "ab":
        expect(desk(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    check(page, "the landing page")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "it does not scroll sideways"
