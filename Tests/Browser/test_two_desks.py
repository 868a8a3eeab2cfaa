"""Two windows on two nodes are one schedule."""

import re

from playwright.sync_api import expect


def test_a_visit_booked_at_one_desk_appears_at_the_other_without_a_reload(open_desk, quiet_day):
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    for desk in (here, there):
        assert desk.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "America/New_York"
        expect(desk.empty_day).to_be_visible()
        desk.mark_page()

    here.book("Олена Двохвіконна", "10:15", staff=1)

    card = there.visit("Олена Двохвіконна")
    expect(card).to_have_attribute("aria-label", re.compile("^10:15–11:15, Олена Двохвіконна"))
    expect(card.locator(".ms-badge")).to_have_text(re.compile(r"^[\d.,]+ мс$"))
    expect(there.column(1).locator(".visit")).to_have_count(1)
    expect(there.empty_day).to_be_hidden()
    expect(there("last-change")).to_contain_text("Олена Двохвіконна — новий запис")
    expect(there("announcer")).to_contain_text("На іншій стійці: Олена Двохвіконна — новий запис")
    expect(here.visit("Олена Двохвіконна")).to_have_count(1)
    expect(here.page.locator(".ms-badge")).to_have_count(0)
    assert here.is_same_page and there.is_same_page
    assert here.seq == there.seq


def test_who_asked_for_less_motion_still_sees_what_changed(open_desk, salons, quiet_day):
    desk = open_desk("manager", date=quiet_day, motion="reduce")
    visit = salons("reception").book("Тиха Поява", quiet_day, "10:00", "11:00")
    badge = desk.visit_by_id(visit["id"]).get_by_test_id("ms-badge")
    expect(badge).to_be_visible()
    expect(badge).to_have_css("opacity", "1")
    assert desk.page.evaluate("document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime > 50).length") == 0


def test_what_one_desk_drags_moves_at_the_other(open_desk, salons, quiet_day):
    visit = salons("owner").book("Марко Тягнений", quiet_day, "11:00", "12:00", staff=0)
    here, there = open_desk("reception", node=1, date=quiet_day), open_desk("manager", node=0, date=quiet_day)
    card = here.visit_by_id(visit["id"])
    start = card.bounding_box()
    hour = start["height"]
    column = here.column(2).bounding_box()
    mouse = here.page.mouse
    mouse.move(start["x"] + 30, start["y"] + 12)
    mouse.down()
    mouse.move(start["x"] + 60, start["y"] + 30, steps=4)
    mouse.move(column["x"] + 60, start["y"] + 12 + 2 * hour, steps=8)
    mouse.up()

    expect(there.column(2).locator(".visit")).to_have_attribute("aria-label", re.compile("^13:00–14:00, Марко Тягнений"))
    expect(there.column(0).locator(".visit")).to_have_count(0)
    expect(here("moved-toast")).to_be_visible()

    lower = card.bounding_box()
    mouse.move(lower["x"] + 40, lower["y"] + lower["height"] - 2)
    mouse.down()
    mouse.move(lower["x"] + 40, lower["y"] + lower["height"] + hour / 4, steps=4)
    mouse.move(lower["x"] + 40, lower["y"] + lower["height"] - 2 + hour / 2, steps=4)
    mouse.up()
    expect(there.visit("Марко")).to_have_attribute("aria-label", re.compile("^13:00–14:30, "))
    expect(there("last-change")).to_contain_text("тепер 13:00–14:30")


def test_a_deletion_is_undone_by_the_toast_and_by_the_keyboard(open_desk, salons, quiet_day):
    visit = salons("owner").book("Ніна Видалена", quiet_day, "12:00", "13:00")
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    card, elsewhere = here.visit_by_id(visit["id"]), there.visit_by_id(visit["id"])
    card.click()
    here("delete").click()
    expect(here("undo-toast")).to_contain_text("Видалено: Ніна Видалена, 12:00")
    expect(elsewhere).to_have_count(0)
    here("undo-toast").get_by_test_id("toast-action").click()
    expect(elsewhere).to_have_count(1)
    expect(card).to_be_focused()
    expect(here("undo-toast")).to_have_count(0)

    here.page.keyboard.press("Delete")
    expect(here("undo-toast")).to_be_visible()
    expect(elsewhere).to_have_count(0)
    here.page.keyboard.press("Control+z")
    expect(elsewhere).to_have_count(1)
    expect(card).to_have_attribute("aria-label", re.compile("^12:00–13:00, Ніна Видалена"))
    assert len(salons("owner").day(quiet_day)) == 1


def test_the_bell_follows_on_two_devices_of_a_user(open_desk, salons, quiet_day):
    manager = salons("manager")
    manager.call("PATCH", "/notifications/read-all")
    desktop, phone = open_desk("manager", node=0), open_desk("manager", node=1)
    for device in (desktop, phone):
        expect(device("bell-count")).to_be_hidden()
    for number, client in enumerate(("Перша Подзвонила", "Друга Подзвонила")):
        salons("reception").book(client, quiet_day, f"{10 + number}:00", f"{11 + number}:00")
    for device in (desktop, phone):
        expect(device("bell-count")).to_have_text("2")
        expect(device("bell")).to_have_attribute("aria-label", "Сповіщення: 2 нові")

    desktop("bell").click()
    phone("bell").click()
    first = phone("notification").filter(has_text="Перша Подзвонила")
    second = phone("notification").filter(has_text="Друга Подзвонила")
    expect(first).to_have_class(re.compile("unread"))
    expect(first).to_contain_text("Новий запис")
    desktop("notification").filter(has_text="Перша Подзвонила").get_by_role("button", name="Прибрати").click()
    expect(first).to_have_count(0)
    expect(phone("bell-count")).to_have_text("1")
    desktop("bell-read-all").click()
    expect(phone("bell-count")).to_be_hidden()
    expect(second).not_to_have_class(re.compile("unread"))
