"""A visit that goes past midnight takes up time on the day after as well."""

import datetime
import re

import pytest
from playwright.sync_api import expect


@pytest.fixture(scope="module")
def weekend(_quiet_days):
    """A Sunday and the Monday after it: two weeks of the calendar."""
    day = next(_quiet_days)
    sunday = day + datetime.timedelta(days=6 - day.weekday())
    return sunday, sunday + datetime.timedelta(days=1)


def at_work(salon, day):
    """The columns of those who work on that weekday."""
    name = f"{day:%a}".lower()
    return [n for n, master in enumerate(salon.staff) if (master.get("schedule") or {}).get(name, {}).get("enabled")]


def test_the_morning_after_shows_what_is_left_of_the_night(open_desk, salons, weekend):
    sunday, monday = weekend
    owner = salons("owner")
    column = at_work(owner, monday)[0]
    visit = owner.book("Нічна Довга", sunday, "20:00", "10:00", staff=column)
    desk = open_desk("reception", date=monday)
    desk.forgive("409")
    rest = desk.column(column).locator(".visit")
    expect(rest).to_have_attribute("aria-label", re.compile("^20:00–10:00, почався напередодні, Нічна Довга"))
    expect(rest).to_contain_text("до 10:00")
    expect(desk.page.locator(".hour").first).to_have_text("00:00")
    expect(desk.page.locator(".column-head").nth(column)).to_contain_text("0 записів")

    # It is not dragged from here, but opens as itself, and the day stays.
    rest.scroll_into_view_if_needed()
    box, mouse = rest.bounding_box(), desk.page.mouse
    mouse.move(box["x"] + 30, box["y"] + box["height"] - 20)
    mouse.down()
    mouse.move(box["x"] + 30, box["y"] + box["height"] - 60, steps=6)
    expect(desk.page.locator(".outline.drop")).to_have_count(0)
    mouse.up()
    expect(desk("visit-dialog")).to_be_visible()
    expect(desk("field-start")).to_have_value("20:00")
    expect(desk("day-title").locator("#day-title-long")).to_contain_text("понеділок")
    desk("dialog-close").click()
    expect(rest).to_be_focused()

    # From the keyboard too: down from what is left begins the free time.
    desk.page.keyboard.press("ArrowDown")
    assert desk.focused.startswith("10:00, ")
    desk.page.keyboard.press("ArrowUp")
    expect(rest).to_be_focused()

    desk.fill_new("Ранкова Перша", "09:15", staff=column)
    expect(desk("visit-dialog")).to_contain_text("У цей час: Нічна Довга, 20:00–10:00")
    desk("save").click()
    expect(desk("conflict-other")).to_contain_text("20:00–10:00")
    times = desk("free-time").all_inner_texts()
    assert times and all(time.strip() >= "10:00" for time in times), times
    desk("free-time").first.click()
    expect(desk("saved-toast")).to_contain_text("Ранкова Перша")
    assert owner.call("GET", f"/appointments/{visit['id']}")["version"] == 1


def test_what_changes_in_the_evening_changes_the_morning(open_desk, salons, weekend):
    sunday, monday = weekend
    owner = salons("owner")
    desk = open_desk("manager", node=1, date=monday)
    visit = owner.book("Нічна Коротка", sunday, "23:00", "00:30", staff=2)
    card = desk.visit_by_id(visit["id"])
    expect(card).to_have_attribute("aria-label", re.compile("^23:00–00:30, почався напередодні"))
    owner.call("PUT", f"/appointments/{visit['id']}", {"endTime": "01:30"})
    expect(card).to_contain_text("до 01:30")
    owner.call("PUT", f"/appointments/{visit['id']}", {"endTime": "00:00"})
    expect(card).to_have_count(0)
    owner.call("PUT", f"/appointments/{visit['id']}", {"endTime": "02:00"})
    expect(card).to_be_attached()
    owner.call("DELETE", f"/appointments/{visit['id']}")
    expect(card).to_have_count(0)
