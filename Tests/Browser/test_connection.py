"""The line goes away and comes back: the day stays readable, nothing is missed, nothing happens twice."""

import re

from playwright.sync_api import expect

# A refused or broken request is what these tests are about, and Chromium mentions each.
NETWORK = r"net::ERR_|WebSocket connection to .* failed"
BACK_WITHIN = 25_000


def test_a_pulled_cable_is_noticed_and_what_was_missed_comes_back(open_desk, salons, nodes, cables, quiet_day):
    owner = salons("owner")
    kept = owner.book("Ада Видима", quiet_day, "09:00", "10:00")
    gone = owner.book("Ада Зайва", quiet_day, "15:00", "16:00")
    cable = cables(nodes[0])
    desk = open_desk("reception", at=cable.url, date=quiet_day)
    desk.forgive(NETWORK)
    desk.mark_page()
    expect(desk.visit_by_id(kept["id"])).to_be_visible()

    cable.pull()
    desk.page.context.set_offline(True)
    expect(desk("offline-banner")).to_be_visible(timeout=15_000)
    expect(desk("offline-text")).to_have_text(re.compile(r"^Немає зв’язку з \d\d:\d\d\.$"))
    expect(desk.visit_by_id(kept["id"])).to_be_visible()
    for number in range(3):
        owner.book(f"Пропущена {number}", quiet_day, f"{10 + number}:00", f"{11 + number}:00")
    owner.call("PUT", f"/appointments/{kept['id']}", {"startTime": "13:00", "endTime": "14:00"})
    owner.call("DELETE", f"/appointments/{gone['id']}")
    # A write meanwhile is refused where one sees it, and the visit stays in its place.
    desk.visit_by_id(kept["id"]).focus()
    desk.page.keyboard.press("Delete")
    expect(desk("refused-toast")).to_have_text(re.compile("Немає зв’язку: запис не видалено"))

    cable.mend()
    desk.page.context.set_offline(False)
    desk.await_live()
    expect(desk("offline-banner")).to_be_hidden()
    expect(desk.page.locator(".visit")).to_have_count(4)
    expect(desk.visit_by_id(kept["id"])).to_have_attribute("aria-label", re.compile("^13:00–14:00"))
    assert desk.is_same_page
    desk("last-change").click()
    expect(desk("counters")).to_contain_text("перечитувань 0")
    expect(desk("activity")).to_have_count(5)


def test_a_killed_node_costs_its_desk_nothing(open_desk, salons, nodes, quiet_day):
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    there.forgive(NETWORK)
    there.mark_page()
    here.book("Інна Попередня", "09:00", staff=0)
    expect(there.visit("Інна Попередня")).to_be_visible()
    nodes[1].kill()
    try:
        expect(there("offline-banner")).to_be_visible()
        here.book("Інна Пропущена", "11:00", staff=0)
        here.move(here.visit("Інна Попередня"), start="16:00", staff=2)
        expect(here("moved-toast")).to_be_visible()
        expect(there.visit("Інна")).to_have_count(1)
    finally:
        nodes[1].start()
        nodes[1].await_ready()
    expect(there("offline-banner")).to_be_hidden(timeout=BACK_WITHIN)
    expect(there.visit("Інна Пропущена")).to_have_attribute("aria-label", re.compile("^11:00"))
    expect(there.column(2).locator(".visit")).to_have_attribute("aria-label", re.compile("^16:00–17:00, Інна Попередня"))
    expect(there("seq")).to_have_text(here("seq").inner_text())
    # And in the other direction again.
    there.book("Інна Наступна", "13:00", staff=0)
    expect(here.visit("Інна Наступна")).to_be_visible()
    assert there.is_same_page


def test_a_write_whose_answer_was_lost_is_repeated_with_its_key_and_happens_once(open_desk, salons, nodes, cables, quiet_day):
    cable = cables(nodes[0])
    here, there = open_desk("reception", at=cable.url, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.forgive(NETWORK)
    keys = []
    here.page.on(
        "request",
        lambda r: r.method == "POST" and r.url.endswith("/appointments") and keys.append(r.headers.get("idempotency-key")),
    )
    here.fill_new("Клара Одноразова", "10:00", staff=1)
    # Nor does an event tell it first.
    cable.hold_sockets()
    cable.lose_the_next_answer()
    here("save").click()

    # The server did it and told the others; this desk does not know, says so, and keeps what was typed.
    expect(there.visit("Клара Одноразова")).to_be_visible()
    expect(here("not-saved")).to_contain_text("ще не збережено")
    expect(here("client-search")).to_have_value("Клара Одноразова")
    expect(here("offline-banner")).to_be_visible()
    assert len(salons("owner").day(quiet_day)) == 1

    cable.release_sockets()
    cable.mend()
    expect(here("saved-toast")).to_contain_text("Клара Одноразова", timeout=BACK_WITHIN)
    assert len(keys) >= 2 and len(set(keys)) == 1 and keys[0], f"the requests carried {keys}"
    assert len(salons("owner").day(quiet_day)) == 1
    for desk in (here, there):
        expect(desk.visit("Клара Одноразова")).to_have_count(1)
        expect(desk.visit("Клара Одноразова")).to_have_attribute("data-version", "1")


def test_an_undo_whose_answer_was_lost_is_offered_again_and_happens_once(open_desk, salons, nodes, cables, quiet_day):
    visit = salons("owner").book("Леся Повернена", quiet_day, "10:00", "11:00")
    cable = cables(nodes[0])
    here, there = open_desk("reception", at=cable.url, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.forgive(NETWORK)
    keys = []
    here.page.on("request", lambda r: r.url.endswith("/restore") and r.method == "POST" and keys.append(r.headers.get("idempotency-key")))
    here.visit_by_id(visit["id"]).focus()
    here.page.keyboard.press("Delete")
    undo = here("undo-toast").get_by_test_id("toast-action")
    expect(there.visit_by_id(visit["id"])).to_have_count(0)
    cable.hold_sockets()
    cable.lose_the_next_answer()
    undo.click()
    expect(here("undo-toast")).to_contain_text("запис ще не повернено — Леся Повернена")
    expect(there.visit_by_id(visit["id"])).to_have_count(1)
    undo.click()
    expect(here("undo-toast")).to_contain_text("запис ще не повернено")

    cable.release_sockets()
    cable.mend()
    undo.click()
    expect(here("announcer")).to_contain_text("Леся Повернена: запис повернено")
    expect(here("undo-toast")).to_have_count(0)
    assert len(keys) >= 3 and len(set(keys)) == 1 and keys[0], f"the requests carried {keys}"
    expect(here.visit_by_id(visit["id"])).to_have_attribute("data-version", "3")
    here.await_live()
    expect(here.visit_by_id(visit["id"])).to_have_attribute("data-version", "3")
