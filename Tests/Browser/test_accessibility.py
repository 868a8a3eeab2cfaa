"""axe finds nothing on any page, in any state that people meet, light or dark."""

import pytest
from playwright.sync_api import expect

from conftest import DESKTOP, PHONE
from harness.axe import violations
from harness.desk import Desk


def check(page, state):
    found = violations(page)
    assert not found, f"{state}:\n" + "\n".join(found)


def test_a_working_day(open_desk):
    check(open_desk("owner").page, "today")


def test_an_empty_day_and_all_six_states(open_desk, salons, quiet_day):
    desk = open_desk("reception", date=quiet_day)
    expect(desk.empty_day).to_be_visible()
    check(desk.page, "an empty day")
    owner = salons("owner")
    for number, status in enumerate(("scheduled", "confirmed", "arrived", "completed", "no-show", "cancelled")):
        visit = owner.book(f"Стан {number}", quiet_day, f"{9 + number:02}:00", f"{10 + number}:00", staff=1, type="important")
        if status != "scheduled":
            owner.call("PATCH", f"/appointments/{visit['id']}/status", {"status": status})
    expect(desk.page.locator(".visit[data-status=cancelled]")).to_have_count(1)
    check(desk.page, "six states, just come from elsewhere")
    desk("last-change").click()
    expect(desk("activity").first).to_be_visible()
    check(desk.page, "the last changes")
    desk.page.keyboard.press("Escape")
    desk("bell").click()
    expect(desk("notification").first).to_be_visible()
    check(desk.page, "the bell")
    desk.page.keyboard.press("Escape")
    desk("user-menu").click()
    expect(desk("logout")).to_be_visible()
    check(desk.page, "the account's menu")


def test_the_dialogs(open_desk, salons, quiet_day):
    salons("owner").book("Вже Записана", quiet_day, "10:00", "11:00", staff=1)
    desk = open_desk("manager", date=quiet_day)
    desk.forgive("409")
    desk("new-visit").click()
    desk("client-search").fill("олена")
    expect(desk("client-option").first).to_be_visible()
    check(desk.page, "the form with found clients")
    desk("client-search").fill("")
    desk("save").click()
    expect(desk.page.locator(".field-error:visible")).to_have_count(1)
    check(desk.page, "the form with an error")
    desk("client-search").fill("Хтось Другий")
    desk("field-staff").select_option(index=2)
    desk("field-start").select_option("10:15")
    desk("save").click()
    expect(desk("slot-taken")).to_be_visible()
    check(desk.page, "a taken time")
    desk("dialog-close").click()
    desk.visit("Вже Записана").focus()
    desk.page.keyboard.press("m")
    expect(desk("move-dialog")).to_be_visible()
    check(desk.page, "the move")
    desk("dialog-close").click()
    desk("day-title").click()
    expect(desk("date-picker")).to_be_visible()
    check(desk.page, "the date picker")


def test_a_master_reads_a_day(open_desk, salons, quiet_day):
    visit = salons("owner").book("Читана Майстром", quiet_day, "10:00", "11:00", notes="нотатка")
    desk = open_desk("master", date=quiet_day)
    desk.visit_by_id(visit["id"]).click()
    expect(desk("visit-details")).to_be_visible()
    check(desk.page, "a visit's details")


def test_two_versions_and_a_lost_line(open_desk, salons, nodes, cables, quiet_day):
    owner = salons("owner")
    visit = owner.book("Дві Версії", quiet_day, "10:00", "11:00", staff=1)
    cable = cables(nodes[0])
    desk = open_desk("reception", at=cable.url, date=quiet_day)
    desk.forgive("409|net::ERR_|WebSocket connection to")
    cable.hold_sockets()
    desk.visit_by_id(visit["id"]).click()
    desk("field-notes").fill("моя нотатка")
    owner.call("PUT", f"/appointments/{visit['id']}", {"notes": "чужа нотатка", "startTime": "12:00", "endTime": "13:00"})
    desk("save").click()
    expect(desk("version-conflict")).to_be_visible()
    check(desk.page, "two versions")
    cable.cut()
    desk("save-merged").click()
    expect(desk("not-saved")).to_be_visible()
    expect(desk("offline-banner")).to_be_visible()
    check(desk.page, "not saved for want of a line")
    desk("dialog-close").click()
    check(desk.page, "no line")


def test_a_phone(open_desk):
    desk = open_desk("reception", viewport=PHONE, touch=True)
    check(desk.page, "a day on a phone")
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], "it does not scroll sideways"
    desk("fab").click()
    expect(desk("visit-dialog")).to_be_visible()
    check(desk.page, "the form on a phone")


def test_the_login(contexts, nodes):
    page = contexts().new_page()
    desk = Desk(page, "nobody")
    page.goto(f"{nodes[0].url}/examples/calendar.html?desk=nobody")
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


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_landing_page(contexts, nodes, viewport):
    page = contexts(viewport=viewport).new_page()
    desk = Desk(page, "landing")
    page.goto(f"{nodes[0].url}/")
    for name in "ab":
        expect(desk(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    check(page, "the landing page")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"], "it does not scroll sideways"
