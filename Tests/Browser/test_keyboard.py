"""Everything can be done without a mouse."""

import re

from playwright.sync_api import expect


def tab_to(desk, wanted, limit=30):
    """Presses Tab until the focused element matches a selector."""
    for _ in range(limit):
        desk.page.keyboard.press("Tab")
        if desk.page.evaluate("selector => document.activeElement.matches(selector)", wanted):
            return
    raise AssertionError(f"{limit} times Tab did not reach {wanted}, but {desk.focused}")


def test_a_visit_is_booked_moved_and_cancelled_by_keyboard_alone(open_desk, salons, quiet_day):
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    client = salons("owner").call("GET", "/clients", search="олена", perPage=1)[0]
    name = f"{client['firstName']} {client['lastName']}"
    press = here.page.keyboard.press

    # Booked: two columns to the right of the first master, five quarters below the opening.
    tab_to(here, "[data-testid=slot-cursor]")
    for key in ["ArrowRight"] * 2 + ["ArrowDown"] * 5:
        press(key)
    assert here.focused == "10:15, Ірина Савчук, вільно. Enter — записати"
    press("Enter")
    expect(here("client-search")).to_be_focused()
    here.page.keyboard.type(name)
    expect(here("client-option").first).to_be_visible()
    press("Enter")
    tab_to(here, "[data-testid=field-service]")
    press("ArrowDown")
    expect(here("field-service")).not_to_have_value("")
    duration = int(here("field-duration").input_value())
    assert duration > 0 and float(here("field-price").input_value()) > 0
    press("Enter")
    card = here.visit(name)
    expect(card).to_be_focused()
    expect(here("saved-toast")).to_be_visible()
    end = 10 * 60 + 15 + duration
    expect(there.column(2).locator(".visit")).to_have_attribute(
        "aria-label", re.compile(f"^10:15–{end // 60:02}:{end % 60:02}, {name}, .*Ірина Савчук, Заплановано")
    )

    # Moved: to the next master and half an hour later. M is found by its place, whatever the keyboard's language.
    press("m")
    expect(here("move-staff")).to_be_focused()
    press("ArrowDown")
    tab_to(here, "[data-testid=move-start]")
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(here("move-dialog")).to_have_count(0)
    expect(card).to_be_focused()
    expect(there.column(3).locator(".visit")).to_have_attribute("aria-label", re.compile(f"^10:45–.*{name}.*Марʼяна Їжакевич"))
    expect(there.column(2).locator(".visit")).to_have_count(0)

    # Cancelled: the last of the six statuses.
    press("Enter")
    expect(here("visit-dialog")).to_be_visible()
    tab_to(here, "[data-testid=field-status] input")
    for _ in range(5):
        press("ArrowDown")
    assert here.focused == "Скасовано"
    press("Enter")
    expect(here("visit-dialog")).to_have_count(0)
    expect(card).to_have_attribute("data-status", "cancelled")
    expect(card).to_be_focused()
    expect(there.visit(name)).to_have_attribute("data-status", "cancelled")
    expect(there("last-change")).to_contain_text("Скасовано")


def test_a_dialog_holds_the_focus_and_gives_it_back_and_keeps_what_was_typed(open_desk, quiet_day):
    desk = open_desk("reception", date=quiet_day)
    press = desk.page.keyboard.press
    tab_to(desk, "[data-testid=slot-cursor]")
    press("n")
    expect(desk("client-search")).to_be_focused()
    desk.page.keyboard.type("Зоя Незавершена")
    expect(desk("client-create")).to_be_visible()
    for _ in range(25):
        press("Tab")
        held = desk.page.evaluate("document.activeElement === document.body || document.activeElement.closest('dialog') !== null")
        assert held, f"the focus left the dialog for {desk.focused}"
    press("Escape")
    expect(desk("visit-dialog")).to_have_count(0)
    expect(desk("slot-cursor")).to_be_focused()
    desk("draft-toast").get_by_test_id("toast-action").press("Enter")
    expect(desk("client-search")).to_have_value("Зоя Незавершена")
