"""Who may not know does not learn it: not on the page, and not on the wire either."""

import json
import re

from playwright.sync_api import expect

WRITE_CONTROLS = ("new-visit", "fab", "slot-cursor", "save", "delete", "open-move")


def strings(value):
    """Every text inside a JSON value, keys included."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


def heard(desk):
    """All that the page got from the server: answers and frames, as texts."""
    for response in desk.responses:
        if response.request.method != "OPTIONS" and response.status != 204:
            yield from strings(response.json())
    for frame in desk.frames:
        yield from strings(json.loads(frame))


def phones_in(texts):
    """What has nine or more digits like a phone has; dates, times and tokens do not."""
    return [text for text in texts if re.fullmatch(r"[+\d\s()-]{9,}", text) and len(re.sub(r"\D", "", text)) >= 9]


def work_a_day(salons, day):
    """All that can happen to a visit, by one who sees phones."""
    reception = salons("reception")
    client = reception.call(
        "POST", "/clients", {"firstName": "Таїсія", "lastName": f"Таємна {day}", "phone": f"067 9{day:%y%m%d}"}
    )
    visit = reception.book("Таїсія Таємна", day, "10:00", "11:00", staff=2, clientId=client["id"], notes="без дзвінків")
    assert visit["clientPhone"]
    reception.call("PUT", f"/appointments/{visit['id']}", {"startTime": "12:00", "endTime": "13:00"})
    reception.call("PATCH", f"/appointments/{visit['id']}/status", {"status": "confirmed"})
    other = reception.book("Таїсія Друга", day, "15:00", "16:00", staff=2, clientPhone="+380 67 765 43 21")
    reception.call("DELETE", f"/appointments/{other['id']}")
    return visit


def test_a_master_sees_no_phone_and_no_write_control(open_desk, salons, quiet_day):
    master, reception = open_desk("master", node=1, date=quiet_day), open_desk("reception", node=0, date=quiet_day)
    visit = work_a_day(salons, quiet_day)
    for desk in (master, reception):
        expect(desk.visit_by_id(visit["id"])).to_have_attribute("data-status", "confirmed")
        expect(desk("last-change")).to_contain_text("видалено")
    expect(master("bell-count")).to_be_visible()
    master("bell").click()
    expect(master("notification").first).to_be_visible()
    master.page.keyboard.press("Escape")

    for control in WRITE_CONTROLS:
        expect(master(control).locator("visible=true")).to_have_count(0)
    expect(master.page.locator(".edge")).to_have_count(0)
    master.visit_by_id(visit["id"]).click()
    expect(master("visit-details")).to_contain_text("12:00")
    expect(master("visit-details").locator("input, select, textarea")).to_have_count(0)
    assert not phones_in(master.page.locator("body").inner_text().split("\n"))
    master.page.keyboard.press("Escape")
    # Keys that write elsewhere do nothing here.
    master.visit_by_id(visit["id"]).focus()
    for key in ("m", "n", "Delete"):
        master.page.keyboard.press(key)
    expect(master.page.locator("dialog")).to_have_count(0)
    expect(master.visit_by_id(visit["id"])).to_have_count(1)
    assert [
        r.request.method for r in master.responses if r.request.method not in ("GET", "OPTIONS") and "/auth/" not in r.url
    ] == []

    texts = list(heard(master))
    assert "Таїсія Таємна" in "\n".join(texts), "nothing was heard at all"
    assert not phones_in(texts)
    assert "clientPhone" not in texts
    # The same look at a desk that may see them finds them, on the wire and as a text.
    assert len(phones_in(heard(reception))) >= 2


def test_the_other_salon_sees_nothing(open_desk, salons, quiet_day):
    lviv, kyiv = open_desk("lviv", node=1, date=quiet_day), open_desk("manager", node=1, date=quiet_day)
    before = lviv.seq
    visit = work_a_day(salons, quiet_day)
    expect(kyiv.visit_by_id(visit["id"])).to_have_attribute("data-status", "confirmed")
    # What happens in its own salon afterwards is the next thing that it hears.
    own = salons("lviv").book("Левко Львівський", quiet_day, "10:00", "11:00")
    expect(lviv.visit_by_id(own["id"])).to_be_visible()
    assert lviv.seq == before + 1
    expect(lviv.page.locator(".visit")).to_have_count(1)
    texts = "\n".join(heard(lviv))
    assert "Левко Львівський" in texts
    assert "Таїсія" not in texts and "Adelante, Київ" not in texts and "Савчук" not in texts
    assert "Таїсія" not in lviv.page.content()
    assert "Левко" not in "\n".join(heard(kyiv))
