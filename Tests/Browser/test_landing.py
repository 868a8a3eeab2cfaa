"""The first page that people see: two desks side by side, each on a node of its own."""

import re

import pytest
from playwright.sync_api import expect

from harness.desk import Desk


@pytest.fixture
def landing(contexts, nodes):
    page = contexts().new_page()
    desk = Desk(page, "landing")
    page.goto(f"{nodes[0].url}/")
    expect(desk("nodes")).to_have_attribute("data-nodes", "2")
    for name in "ab":
        expect(desk(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    yield desk
    assert not desk.complaints


def enter(landing, name, role, text):
    landing(f"role-{name}-{role}").click()
    expect(landing(f"role-{name}-{role}")).to_have_attribute("aria-pressed", "true")
    frame = landing.page.frame_locator(f"[data-testid=frame-{name}]")
    expect(frame.get_by_test_id("user-role")).to_have_text(text)
    expect(landing(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    return frame


def test_a_browser_that_opens_the_root_sees_two_desks_on_two_nodes(landing, nodes):
    assert landing.page.url == f"{nodes[0].url}/examples/"
    expect(landing("nodes")).to_contain_text(f"127.0.0.1:{nodes[0].port} і 127.0.0.1:{nodes[1].port}")
    for name, node in zip("ab", nodes):
        assert landing(f"frame-{name}").get_attribute("src").startswith(node.url)
        expect(landing(f"desk-{name}")).to_contain_text(f"вузол {node.port}")
    expect(landing("phone-pane")).to_be_visible()
    # Who registers through Telegram does so at the salon that is shown.
    expect(landing("phone-open")).to_have_attribute("href", re.compile(r"/calendar\.html\?desk=telegram&salon=\d+$"))
    expect(landing("seq-a")).to_have_text(landing("seq-b").inner_text())


def test_opened_on_the_second_node_it_finds_the_first(contexts, nodes):
    page = contexts().new_page()
    desk = Desk(page, "landing")
    page.goto(f"{nodes[1].url}/")
    expect(desk("nodes")).to_have_attribute("data-nodes", "2")
    for name, node in zip("ab", reversed(nodes)):
        assert desk(f"frame-{name}").get_attribute("src").startswith(node.url)
        expect(desk(f"gauge-{name}").locator(".desk-state")).to_have_attribute("data-state", "live")
    # Nobody is on the port behind the last node's.
    desk.forgive("net::ERR_CONNECTION_REFUSED")
    assert not desk.unexpected


def test_a_demo_that_may_not_be_entered_from_here_says_why(open_desk, nodes):
    why = "Демо-записи працюють лише на самому сервері"
    refusal = {"detail": why, "message": why, "code": "DEMO_LOCAL_ONLY"}

    def refuse(page):
        page.route("**/auth/login", lambda route: route.fulfill(status=403, json=refusal))

    desk = open_desk("reception", live=False, prepare=refuse)
    desk.forgive("403")
    expect(desk("login").get_by_role("status")).to_have_text(why)
    desk("demo-owner").click()
    expect(desk("login-error")).to_have_text(why)

    # Nor does one who is in already become somebody else in silence.
    desk = open_desk("reception")
    desk.forgive("403")
    refuse(desk.page)
    desk.page.goto(f"{nodes[0].url}/examples/calendar.html?desk=a&as=owner")
    expect(desk("login").get_by_role("status")).to_have_text(why)


def test_a_change_at_one_desk_shows_its_milliseconds_at_the_other(landing, quiet_day):
    here = landing.page.frame_locator("[data-testid=frame-a]")
    here.get_by_test_id("new-visit").click()
    # A visit without a master meets nobody, whatever is booked today.
    here.get_by_test_id("client-search").fill("Тетяна Титульна")
    here.get_by_test_id("field-staff").select_option("")
    here.get_by_test_id("save").click()
    expect(landing("gauge-b")).to_contain_text("Тетяна Титульна — новий запис")
    expect(landing("gauge-b")).to_contain_text("остання зміна з іншої стійки")
    expect(landing("gauge-a")).to_contain_text("власна зміна")
    shown = landing("ms-b").inner_text()
    assert re.fullmatch(r"[\d.,]+ мс", shown), shown
    assert 0 <= float(shown.split()[0].replace(",", ".")) < 2_000, shown
    there = landing.page.frame_locator("[data-testid=frame-b]")
    expect(there.locator(".visit", has_text="Тетяна Титульна")).to_have_count(1)
    expect(landing("seq-a")).to_have_text(landing("seq-b").inner_text())


def test_a_role_is_entered_by_one_click(landing):
    for role, text in (("owner", "Власник"), ("master", "Майстер"), ("reception", "Рецепція"), ("manager", "Менеджер")):
        enter(landing, "b", role, text)
    lviv = enter(landing, "b", "lviv", "Власник")
    expect(lviv.get_by_test_id("column").last).to_be_attached()
    expect(lviv.get_by_test_id("column").first).to_have_attribute("aria-label", re.compile("Зоряна Пилипів"))
    # The other desk stayed who it was, although both are of one host.
    expect(landing.page.frame_locator("[data-testid=frame-a]").get_by_test_id("user-role")).to_have_text("Рецепція")
    landing("language").click()
    expect(landing.page.locator("html")).to_have_attribute("lang", "en")
    expect(lviv.locator("html")).to_have_attribute("lang", "en")


def test_programs_that_ask_for_the_root_are_not_sent_to_the_page(contexts, nodes):
    answer = contexts().request.get(f"{nodes[0].url}/", headers={"Accept": "application/json"}, max_redirects=0)
    assert answer.status == 200
    assert answer.json()["message"] == "Adelante CRM API"
