"""A master who works here no more keeps the visits that they had."""

import re

import pytest
from playwright.sync_api import expect


@pytest.fixture
def without(salons):
    """`without(number)`: how a page is prepared whose salon no longer has that master among those at work."""

    def prepare(number):
        def leave_out(route):
            answer = route.fetch()
            frame = answer.json()
            frame["staff"] = [m for m in frame["staff"] if m["id"] != salons("owner").master(number)]
            route.fulfill(response=answer, json=frame)

        return lambda page: page.route("**/appointments/calendar", leave_out)

    return prepare


def test_editing_and_moving_leave_the_visit_with_its_master(open_desk, salons, quiet_day, without):
    owner = salons("owner")
    master = owner.staff[1]
    name = f"{master['firstName']} {master['lastName']}"
    visit = owner.book("Юстина Вірна", quiet_day, "10:00", "11:00", staff=1)
    desk = open_desk("manager", date=quiet_day, prepare=without(1))
    card = desk.visit_by_id(visit["id"])
    expect(desk("column").last.locator(".visit")).to_have_attribute("aria-label", re.compile(name))

    def now():
        current = owner.call("GET", f"/appointments/{visit['id']}")
        return current["staffId"], current["startTime"], current.get("notes")

    card.click()
    expect(desk("field-staff").locator("option:checked")).to_have_text(name)
    desk("field-notes").fill("Лише до неї")
    desk("save").click()
    expect(desk("saved-toast")).to_be_visible()
    assert now() == (master["id"], "10:00", "Лише до неї")

    desk.move(card, start="12:00")
    expect(desk("moved-toast")).to_contain_text(name)
    assert now() == (master["id"], "12:00", "Лише до неї")

    box, mouse = card.bounding_box(), desk.page.mouse
    mouse.move(box["x"] + 30, box["y"] + 12)
    mouse.down()
    mouse.move(box["x"] + 30, box["y"] + 30, steps=4)
    mouse.move(box["x"] + 30, box["y"] + 12 + 2 * box["height"], steps=8)
    mouse.up()
    expect(card).to_have_attribute("aria-label", re.compile(f"^14:00–15:00, .*{name}"))
    expect(card).not_to_have_class(re.compile("saving"))
    assert now() == (master["id"], "14:00", "Лише до неї")

    # Taking the master away on purpose is possible.
    card.click()
    desk("field-staff").select_option("")
    desk("save").click()
    expect(card).to_have_attribute("aria-label", re.compile("Без майстра"))
    assert now()[0] is None
