"""Who else has this day open, and which slots they are just booking: two windows on two nodes."""

import re

from playwright.sync_api import expect

from conftest import PHONE
from harness.axe import violations


def begin(desk, client, start, staff):
    """Opens the form of a new visit and goes no further."""
    desk.fill_new(client, start, staff)


def close(desk):
    desk("dialog-close").click()
    expect(desk("visit-dialog")).to_have_count(0)


def test_a_desk_sees_who_else_has_this_day_open(open_desk, nodes, quiet_day):
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    expect(here("presence")).to_have_attribute("aria-label", re.compile("^Цей день відкрито також: "))
    expect(here("presence").locator(".face")).to_have_count(1)
    expect(there("presence").locator(".face")).to_have_count(1)
    expect(here("announcer")).to_contain_text("теж переглядає цей день")
    here("presence").click()
    expect(here("presence-member")).to_have_count(1)
    expect(here("presence-member")).to_contain_text("Менеджер")

    # The same person at a second desk is one more desk, but no further face.
    again = open_desk("manager", node=0, date=quiet_day, desk="b")
    expect(here("presence-member")).to_have_count(2)
    expect(here("presence").locator(".face")).to_have_count(1)
    again.page.close()
    expect(here("presence-member")).to_have_count(1)

    there("next-day").click()
    expect(here("presence")).to_be_hidden()
    expect(there("presence")).to_be_hidden()
    there("previous-day").click()
    expect(here("presence")).to_be_visible()
    there.page.close()
    expect(here("presence")).to_be_hidden()


def test_a_slot_that_is_being_booked_is_hatched_at_the_other_desk_until_it_no_longer_is(open_desk, quiet_day):
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    begin(here, "Олена Майбутня", "14:00", staff=1)
    held = there.column(1).get_by_test_id("hold")
    expect(held).to_have_attribute("aria-label", re.compile("^14:00–15:00: .+ записує на 14:00"))
    expect(held).to_contain_text("записує")
    expect(there("announcer")).to_contain_text("записує на 14:00")
    expect(here("hold")).to_have_count(0)

    here("field-start").select_option("16:30")
    expect(held).to_have_attribute("aria-label", re.compile("^16:30–17:30"))
    here("field-staff").select_option(index=3)
    expect(there.column(2).get_by_test_id("hold")).to_have_count(1)
    expect(there("hold")).to_have_count(1)

    # Who opens the page later sees it too.
    late = open_desk("owner", node=1, date=quiet_day)
    expect(late.column(2).get_by_test_id("hold")).to_be_visible()
    close(here)
    expect(there("hold")).to_have_count(0)
    expect(late("hold")).to_have_count(0)

    begin(here, "Олена Записана", "10:00", staff=0)
    expect(there.column(0).get_by_test_id("hold")).to_be_visible()
    here("save").click()
    expect(there.visit("Олена Записана")).to_be_visible()
    expect(there("hold")).to_have_count(0)


def test_a_time_that_another_desk_is_booking_is_refused_with_a_way_out(open_desk, quiet_day):
    first, second = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    second.forgive("409")
    begin(first, "Перша Клієнтка", "12:00", staff=0)
    expect(second.column(0).get_by_test_id("hold")).to_be_visible()

    begin(second, "Друга Клієнтка", "12:30", staff=0)
    expect(second("looks-held")).to_contain_text("Цей час зараз записує")
    second("save").click()
    conflict = second("slot-taken")
    expect(conflict).to_contain_text("зараз записує інша стійка")
    expect(second("conflict-other")).to_contain_text("12:00–13:00")
    expect(second("conflict-other")).to_contain_text("Записує")
    for text in second("free-time").all_inner_texts():
        start, end = text.strip().split("–")
        assert end <= "12:00" or start >= "13:00", text

    # The first one gives up: the time is free for the second without anything else to do.
    close(first)
    expect(second("looks-held")).to_have_count(0)
    expect(first.column(0).get_by_test_id("hold")).to_be_visible()
    second("save").click()
    expect(second("saved-toast")).to_contain_text("Друга Клієнтка")
    expect(first.visit("Друга Клієнтка")).to_be_visible()


def test_a_visit_that_is_open_elsewhere_stays_readable_and_is_marked(open_desk, salons, quiet_day):
    visit = salons("owner").book("Відкрита Деінде", quiet_day, "11:00", "12:00", staff=2)
    here, there = open_desk("reception", node=0, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.visit_by_id(visit["id"]).click()
    mark = there.column(2).get_by_test_id("hold")
    expect(mark).to_have_class(re.compile("over"))
    expect(there.visit_by_id(visit["id"])).to_be_visible()
    here.page.close()
    # Its line is gone: five seconds later nobody has it open any more.
    expect(mark).to_have_count(0, timeout=15_000)


def test_rooms_and_holds_come_back_after_a_cut_line(open_desk, nodes, cables, quiet_day):
    cable = cables(nodes[0])
    here, there = open_desk("reception", at=cable.url, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    here.forgive("net::ERR_|WebSocket connection to")
    begin(here, "Неля Наполеглива", "15:00", staff=1)
    held = there.column(1).get_by_test_id("hold")
    expect(held).to_have_attribute("aria-label", re.compile("^15:00"))
    fence = held.get_attribute("data-fence")
    cable.cut()
    cable.mend()
    here.await_live()
    expect(there("presence")).to_be_visible()
    here.page.wait_for_timeout(7_000)
    expect(held).to_have_attribute("data-fence", fence)
    here("save").click()
    expect(there.visit("Неля Наполеглива")).to_be_visible()
    expect(held).to_have_count(0)


def test_another_salon_sees_nothing_of_it(open_desk, quiet_day):
    here, foreign = open_desk("reception", node=0, date=quiet_day), open_desk("lviv", node=1, date=quiet_day)
    begin(here, "Таємна Клієнтка", "14:00", staff=1)
    witness = open_desk("manager", node=1, date=quiet_day)
    expect(witness("hold")).to_have_count(1)
    expect(foreign("hold")).to_have_count(0)
    expect(foreign("presence")).to_be_hidden()
    assert not any("slot:held" in str(frame) or "presence:joined" in str(frame) for frame in foreign.frames)


def test_faces_and_holds_fit_a_telephone_and_are_accessible(open_desk, quiet_day):
    phone = open_desk("manager", node=1, date=quiet_day, viewport=PHONE, touch=True)
    desks = [open_desk(role, node=0, date=quiet_day) for role in ("reception", "owner")]
    begin(desks[0], "Олена Майбутня", "10:00", staff=0)
    expect(phone("presence")).to_be_visible()
    expect(phone.column(0).get_by_test_id("hold")).to_be_visible()
    assert phone.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(phone.page) == []
    desktop = desks[1]
    expect(desktop("hold")).to_be_visible()
    desktop("presence").click()
    assert violations(desktop.page) == []
