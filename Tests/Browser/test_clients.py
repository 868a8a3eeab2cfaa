"""Who a visit is for: known, new, or known after all."""

from playwright.sync_api import expect

from test_connection import BACK_WITHIN, NETWORK


def written(desk, path):
    """The requests to write there, as they are sent."""
    requests = []
    desk.page.on("request", lambda r: r.method == "POST" and r.url.endswith(path) and requests.append(r))
    return requests


def fill_new_client(desk, name, phone, start):
    desk.fill_new(name, start)
    desk("client-create").click()
    desk("client-phone").fill(phone)


def test_a_visit_with_a_phone_and_no_client_is_saved_as_it_is(open_desk, salons, quiet_day):
    owner = salons("owner")
    phone = f"067 1{quiet_day:%y%m%d}"
    visit = owner.book("Рената Безкарткова", quiet_day, "10:00", "11:00", clientPhone=phone)
    assert "clientId" not in visit
    owner.call("POST", "/clients", {"firstName": "Рената", "lastName": "Пізніша", "phone": phone})
    desk = open_desk("reception", date=quiet_day)
    clients = written(desk, "/clients")
    desk.visit_by_id(visit["id"]).click()
    expect(desk("client-about")).to_contain_text("+380 67 1")
    expect(desk("client-phone")).to_be_hidden()
    desk("field-notes").fill("Прийде раніше")
    desk("save").click()
    expect(desk("saved-toast")).to_be_visible()
    assert not clients
    saved = owner.call("GET", f"/appointments/{visit['id']}")
    assert (saved["notes"], saved["clientName"], saved["version"]) == ("Прийде раніше", "Рената Безкарткова", 2)


def test_a_new_client_is_made_with_the_visit_also_from_a_draft(open_desk, salons, quiet_day):
    desk = open_desk("reception", date=quiet_day)
    clients = written(desk, "/clients")
    fill_new_client(desk, "Стефа Чернеткова", f"067 2{quiet_day:%y%m%d}", "10:00")
    desk.page.keyboard.press("Escape")
    desk("draft-toast").get_by_test_id("toast-action").click()
    expect(desk("client-phone")).not_to_have_value("")
    desk("save").click()
    expect(desk("saved-toast")).to_contain_text("Стефа Чернеткова")
    assert len(clients) == 1
    assert salons("owner").day(quiet_day)[0]["clientId"]


def test_a_new_client_whose_phone_is_known_is_the_one_who_has_it(open_desk, salons, quiet_day):
    owner = salons("owner")
    phone = f"067 3{quiet_day:%y%m%d}"
    client = owner.call("POST", "/clients", {"firstName": "Уляна", "lastName": "Відома", "phone": phone})
    desk = open_desk("reception", date=quiet_day)
    desk.forgive("409")
    fill_new_client(desk, "уляна відома", phone, "10:00")
    desk("save").click()
    expect(desk("saved-toast")).to_contain_text("Уляна Відома")

    # Of another name: the form shows whose phone it is, and asks before it is hers.
    fill_new_client(desk, "Хтось Інша", phone, "12:00")
    desk("save").click()
    expect(desk("form-error")).to_contain_text("Такий телефон уже використовується")
    expect(desk("client-search")).to_have_value("Уляна Відома")
    expect(desk("client-search")).to_be_focused()
    expect(desk("client-search")).to_have_attribute("aria-invalid", "true")
    assert len(owner.day(quiet_day)) == 1
    desk("save").click()
    expect(desk.visit("Уляна Відома")).to_have_count(2)
    assert [visit["clientId"] for visit in owner.day(quiet_day)] == [client["id"]] * 2


def test_a_refused_phone_is_marked_where_it_was_typed(open_desk, quiet_day):
    def refuse(route):
        body = {"code": "VALIDATION_ERROR", "message": "Не так", "fields": {"phone": "забагато цифр"}}
        route.fulfill(status=422, json=body) if route.request.method == "POST" else route.continue_()

    desk = open_desk("reception", date=quiet_day, prepare=lambda page: page.route("**/api/v1/clients", refuse))
    desk.forgive("422")
    fill_new_client(desk, "Христя Нова", f"067 4{quiet_day:%y%m%d}", "10:00")
    desk("save").click()
    expect(desk("client-phone")).to_have_attribute("aria-invalid", "true")
    expect(desk("client-phone")).to_be_focused()


def test_a_name_that_is_corrected_after_a_lost_answer_is_another_request(open_desk, salons, nodes, cables, quiet_day):
    cable = cables(nodes[0])
    desk = open_desk("reception", at=cable.url, date=quiet_day)
    desk.forgive(f"{NETWORK}|409")
    clients = written(desk, "/clients")
    phone = f"067 5{quiet_day:%y%m%d}"
    fill_new_client(desk, "Цвтана Хибна", phone, "10:00")
    cable.lose_the_next_answer("/clients ")
    desk("save").click()
    expect(desk("not-saved")).to_be_visible()
    desk("client-search").fill("Цвітана Хибна")
    cable.mend()

    # The first one was made: it has the phone, and is shown.
    expect(desk("client-search")).to_have_value("Цвтана Хибна", timeout=BACK_WITHIN)
    expect(desk("form-error")).to_be_visible()
    keys = [request.headers["idempotency-key"] for request in clients]
    assert keys[-1] != keys[0] and len(set(keys)) == 2
    desk("save").click()
    expect(desk("saved-toast")).to_be_visible()
    assert salons("owner").day(quiet_day)[0]["clientId"]
