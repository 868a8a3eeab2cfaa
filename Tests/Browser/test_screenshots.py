"""The pictures of examples/screenshots, and what must be on each of them. UPDATE_SCREENSHOTS=1 takes them anew."""

import datetime
import functools
import re

import pytest
from playwright.sync_api import expect

from conftest import PHONE
from harness import clock
from harness.desk import Desk
from harness.login import LoginPage
from harness.salon import Salon, today

NOON = (11, 40)


@pytest.fixture(scope="module")
def lived_day(salons):
    """The next Thursday, as a day looks before noon: what is over is completed, and people are in the salon."""
    day = today() + datetime.timedelta(days=(3 - today().weekday()) % 7)
    owner = salons("owner")
    now = "{:02}:{:02}".format(*NOON)
    over = [v for v in owner.day(day) if v["endTime"] <= now]
    under_way = [v for v in owner.day(day) if v["startTime"] <= now < v["endTime"]]
    later = [v for v in owner.day(day) if v["startTime"] > "16:00"]
    changes = [(v, "completed") for v in over[1:]] + [(v, "no-show") for v in over[:1]]
    changes += [(v, "arrived") for v in under_way] + [(v, "cancelled") for v in later[:1]]
    for visit, status in changes:
        owner.call("PATCH", f"/appointments/{visit['id']}/status", {"status": status})
    for role in ("reception", "manager", "master"):
        salons(role).call("PATCH", "/notifications/read-all")
    return day


@pytest.fixture
def at_noon(lived_day):
    return functools.partial(clock.show, date=lived_day, hour=NOON[0], minute=NOON[1])


def test_desktop(contexts, nodes, salons, lived_day, at_noon, picture):
    page = contexts().new_page()
    at_noon(page)
    desk = Desk(page, "landing")
    page.goto(f"{nodes[0].url}/")
    for name in "ab":
        expect(desk(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    here, there = (page.frame_locator(f"[data-testid=frame-{name}]") for name in "ab")
    client = salons("owner").call("GET", "/clients", search="марія", perPage=1)[0]
    here.get_by_test_id("new-visit").click()
    here.get_by_test_id("client-search").fill(f"{client['firstName']} {client['lastName']}")
    here.get_by_test_id("client-option").first.click()
    here.get_by_test_id("field-service").select_option(index=11)
    column, start = salons("owner").free_time(lived_day, "12:00", 150)
    here.get_by_test_id("field-staff").select_option(index=column + 1)
    here.get_by_test_id("field-start").select_option(start)
    here.get_by_test_id("save").click()
    expect(desk("gauge-b")).to_contain_text(client["lastName"])
    expect(desk("gauge-a")).to_contain_text("власна зміна")
    expect(there.get_by_test_id("ms-badge")).to_be_visible()
    picture(page, "desktop")


def test_calendar(open_desk, salons, lived_day, at_noon, picture):
    desk = open_desk("reception", prepare=at_noon)
    expect(desk.page.locator(".now-time")).to_have_text("11:40")
    moved = next(v for v in salons("manager").day(lived_day) if v["startTime"] > "12:00" and v["status"] == "scheduled")
    salons("manager").call("PATCH", f"/appointments/{moved['id']}/status", {"status": "confirmed"})
    expect(desk.visit_by_id(moved["id"]).get_by_test_id("ms-badge")).to_be_attached()
    picture(desk.page, "calendar")


def test_phone(open_desk, at_noon, picture):
    desk = open_desk("reception", prepare=at_noon, viewport=PHONE, touch=True)
    expect(desk.page.locator(".column:visible")).to_have_count(1)
    desk("pager-next").tap()
    expect(desk("pager-select").locator("option:checked")).to_contain_text("Євген Ткач")
    assert desk.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    picture(desk.page, "phone")


def test_empty(open_desk, quiet_day, picture):
    desk = open_desk("reception", date=quiet_day)
    expect(desk.empty_day).to_be_in_viewport(ratio=1)
    picture(desk.page, "empty")


def test_full(open_desk, nodes, picture, lived_day):
    salon = Salon.register(nodes[0], "Салон «Каштан»", "owner@kashtan.example")
    masters = (
        "Алла Яровенко",
        "Борис Ґудзь",
        "Віра Єрмоленко",
        "Галина Їжак",
        "Дарʼя Сухомлинська",
        "Ева Жук",
        "Жанна Приходько",
        "Зоя Ільченко",
        "Інна Цимбал",
        "Катерина Щербина",
    )
    services = (("Стрижка жіноча", 60, 650), ("Манікюр з покриттям", 90, 700), ("Фарбування", 120, 1850), ("Укладка", 45, 400))
    for name in masters:
        first, last = name.split()
        salon.call(
            "POST",
            "/staff",
            {"firstName": first, "lastName": last, "phone": "", "email": "", "position": "master", "specializations": []},
        )
    services = [
        salon.call("POST", "/services", {"name": name, "category": "hair", "duration": minutes, "price": price})
        for name, minutes, price in services
    ]
    clients = (
        "Олена Мельник",
        "Ірина Бойко",
        "Наталія Кравченко",
        "Софія Олійник",
        "Юлія Поліщук",
        "Тетяна Лисенко",
        "Марʼяна Руденко",
        "Ганна Мороз",
    )
    for number in range(40):
        column, turn = number % 10, number // 10
        service = services[(column + turn) % 4]
        start = 9 * 60 + (column * 3 % 4) * 15 + turn * 135
        end = start + service["duration"]
        status = "completed" if end <= 700 else "arrived" if start <= 700 else ("scheduled", "confirmed")[number * 5 % 3 > 0]
        salon.book(
            clients[number * 7 % len(clients)],
            lived_day,
            f"{start // 60:02}:{start % 60:02}",
            f"{end // 60:02}:{end % 60:02}",
            staff=column,
            service=service["name"],
            serviceId=service["id"],
            price=service["price"],
            status=status,
        )
    desk = open_desk("owner", session=salon.session, prepare=functools.partial(clock.show, date=lived_day, hour=11, minute=40))
    expect(desk.page.locator(".visit")).to_have_count(40)
    expect(desk("column")).to_have_count(11)
    picture(desk.page, "full")


def test_conflict(open_desk, salons, lived_day, at_noon, picture):
    desk = open_desk("manager", prepare=at_noon)
    desk.forgive("409")
    masters = [m["id"] for m in salons("owner").staff]
    taken = [v for v in salons("owner").day(lived_day) if v["status"] != "cancelled" and v["staffId"] in masters]
    later = [v for v in taken if v["startTime"] > "12:00"]
    other = min(later, key=lambda v: sum(w["staffId"] == v["staffId"] for w in later))
    desk.fill_new("Олена", other["startTime"], staff=masters.index(other["staffId"]))
    desk("client-option").first.click()
    desk("field-service").select_option(index=9)
    desk("save").click()
    expect(desk("conflict-other")).to_contain_text(other["clientName"])
    expect(desk("free-time").first).to_be_visible()
    picture(desk.page, "conflict")


def test_other_desks(open_desk, salons, lived_day, at_noon, picture):
    column, start = salons("owner").free_time(lived_day, "12:00", 60)
    booking = open_desk("reception", node=1, prepare=at_noon)
    desk = open_desk("manager", prepare=at_noon)
    phone = open_desk("owner", node=1, prepare=at_noon, viewport=PHONE, touch=True)
    booking.fill_new("Олена", start, staff=column)
    phone("pager-select").select_option(index=column)
    for someone in (desk, phone):
        expect(someone.column(column).get_by_test_id("hold")).to_have_attribute("aria-label", re.compile(f"^{start}–"))
    picture(phone.page, "desks-phone")
    desk("presence").click()
    expect(desk("presence-member")).to_have_count(2)
    picture(desk.page, "desks")


def test_offline(open_desk, nodes, cables, at_noon, picture):
    cable = cables(nodes[0])
    desk = open_desk("reception", at=cable.url, prepare=at_noon)
    desk.forgive("net::ERR_|WebSocket connection to")
    cable.cut()
    expect(desk("offline-text")).to_have_text("Немає зв’язку з 11:40.")
    expect(desk.page.locator(".visit").first).to_be_visible()
    picture(desk.page, "offline")


def test_master(open_desk, salons, lived_day, at_noon, picture):
    desk = open_desk("master", prepare=at_noon)
    coming = [v for v in salons("owner").day(lived_day) if v["endTime"] > "11:40"]
    own = next((v for v in coming if v["staffId"] == salons("owner").master(2)), coming[0])
    desk.visit_by_id(own["id"]).click()
    expect(desk("visit-details")).to_contain_text(own["clientName"])
    picture(desk.page, "master")


@pytest.mark.parametrize("name", ["telegram", "telegram-phone"])
def test_telegram_login(contexts, nodes, picture, name):
    options = {"viewport": PHONE, "touch": True} if name == "telegram-phone" else {}
    login = LoginPage(contexts(**options).new_page())
    login.page.goto(f"{nodes[0].url}/examples/calendar.html")
    login.begin()
    expect(login("code-lost")).to_be_hidden()
    for way in ("code-link", "code-qr"):
        expect(login(way)).to_be_in_viewport(ratio=1)
    picture(login.page, name)
