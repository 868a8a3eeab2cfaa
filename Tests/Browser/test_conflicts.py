"""Two people want the same: nobody loses what was typed, and each conflict has a way out."""

import re

from playwright.sync_api import expect


def test_a_taken_time_names_the_other_visit_and_one_of_the_free_times_works(open_desk, salons, quiet_day):
    salons("owner").book("Інша Раніша", quiet_day, "12:00", "13:00", staff=0)
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.forgive("409")
    here.fill_new("Петро Запізнілий", "12:15", staff=0)
    here("field-notes").fill("Дзвонити двічі")
    here("save").click()

    expect(here("slot-taken")).to_contain_text("12:15–13:15 уже зайнято — Ганна Ґалаґан")
    expect(here("conflict-other")).to_contain_text("Інша Раніша")
    expect(here("conflict-other")).to_contain_text("12:00–13:00")
    expect(here("free-staff").first).to_be_visible()
    expect(here("allow-overlap")).to_have_count(0)
    expect(here("field-notes")).to_have_value("Дзвонити двічі")
    choice = here("free-time").first
    start, end = choice.inner_text().strip().split("–")
    choice.click()

    expect(here("saved-toast")).to_contain_text("Петро Запізнілий")
    expect(there.column(0).locator(".visit", has_text="Петро Запізнілий")).to_have_attribute(
        "aria-label", re.compile(f"^{start}–{end}, ")
    )
    booked = next(visit for visit in salons("owner").day(quiet_day) if visit["clientName"] == "Петро Запізнілий")
    assert (booked["startTime"], booked["endTime"], booked["notes"]) == (start, end, "Дзвонити двічі")


def test_a_manager_may_book_over_another_visit_on_purpose(open_desk, salons, quiet_day):
    salons("owner").book("Спідня Раніша", quiet_day, "14:00", "15:00", staff=1)
    desk = open_desk("manager", date=quiet_day)
    desk.forgive("409")
    desk.fill_new("Верхня Пізніша", "14:30", staff=1)
    desk("save").click()
    desk("allow-overlap").click()
    expect(desk("saved-toast")).to_contain_text("Верхня Пізніша")
    under, over = desk.visit("Спідня Раніша").bounding_box(), desk.visit("Верхня Пізніша").bounding_box()
    assert over["x"] >= under["x"] + under["width"] - 1, "two visits of one time lie beside each other"


def test_a_form_shows_both_versions_and_saves_what_was_chosen(open_desk, salons, nodes, cables, quiet_day):
    owner = salons("owner")
    visit = owner.book("Ліна Подвійна", quiet_day, "10:00", "11:00", price=500)
    cable = cables(nodes[0])
    here, there = open_desk("reception", at=cable.url, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.forgive("409")
    # The event of the other desk's change is late, so that this one saves on top of a version that is gone.
    cable.hold_sockets()
    here.visit_by_id(visit["id"]).click()
    here("field-notes").fill("Моя нотатка")
    here("field-status").locator("[data-key=arrived]").click()
    owner.call("PUT", f"/appointments/{visit['id']}", {"notes": "Чужа нотатка", "price": 999})
    expect(there("last-change")).to_contain_text("Ліна Подвійна")
    here("save").click()

    table = here("version-conflict")
    expect(table).to_contain_text("Цей запис тим часом змінили")
    expect(table.locator("[data-key=notes]")).to_contain_text("Моя нотатка")
    expect(table.locator("[data-key=notes]")).to_contain_text("Чужа нотатка")
    expect(table.locator("[data-key=status] input[value=mine]")).to_be_checked()
    expect(table.locator("[data-key=price] input[value=theirs]")).to_be_checked()
    here("save-merged").click()
    expect(here("saved-toast")).to_be_visible()
    cable.release_sockets()

    merged = owner.call("GET", f"/appointments/{visit['id']}")
    assert (merged["notes"], merged["status"], merged["price"], merged["version"]) == ("Моя нотатка", "arrived", 999, 3)
    for desk in (here, there):
        expect(desk.visit_by_id(visit["id"])).to_have_attribute("data-version", "3")
        expect(desk.visit_by_id(visit["id"])).to_have_attribute("data-status", "arrived")


def test_a_move_on_top_of_a_newer_version_asks_which_one_holds(open_desk, salons, nodes, cables, quiet_day):
    owner = salons("owner")
    visit = owner.book("Яна Рухлива", quiet_day, "10:00", "11:00", staff=3)
    cable = cables(nodes[1])
    desk = open_desk("reception", at=cable.url, date=quiet_day)
    desk.forgive("409")
    card = desk.visit_by_id(visit["id"])
    expect(card).to_be_visible()
    cable.hold_sockets()
    owner.call("PUT", f"/appointments/{visit['id']}", {"startTime": "16:00", "endTime": "17:00"})
    desk.move(card, start="11:30")

    dialog = desk("version-dialog")
    expect(dialog).to_contain_text("11:30–12:30")
    expect(dialog).to_contain_text("16:00–17:00")
    desk("take-mine").click()
    desk("save-merged").click()
    expect(dialog).to_have_count(0)
    cable.release_sockets()
    expect(card).to_have_attribute("aria-label", re.compile("^11:30–12:30"))
    expect(card).to_have_attribute("data-version", "3")
    assert owner.call("GET", f"/appointments/{visit['id']}")["startTime"] == "11:30"
