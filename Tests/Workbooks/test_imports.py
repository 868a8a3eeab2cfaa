"""Workbooks of Excel's kind, whoever wrote them, become clients and products."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from books import EXPECTED, HEADINGS, PEOPLE, by_openpyxl, by_xlsxwriter, changed


def check_people(desk, report):
    assert report == {"imported": 4, "failed": 0, "errors": []}
    clients = {client["firstName"]: client for client in desk.call("GET", "/clients")}
    for name, expected in EXPECTED.items():
        assert {key: clients[name].get(key) for key in expected} == expected


WRITERS = {
    "openpyxl": by_openpyxl,
    "XlsxWriter": by_xlsxwriter,
    "XlsxWriter, strings in line": lambda: by_xlsxwriter(constant_memory=True),
    "XlsxWriter, days from 1904": lambda: by_xlsxwriter(date_1904=True),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_other_writers(desk, writer):
    check_people(desk, desk.imported("/clients/import", WRITERS[writer]()))


@pytest.mark.parametrize("writer", ["openpyxl", "XlsxWriter"])
def test_libreoffice_writes_it_again(desk, libreoffice, tmp_path, writer):
    (tmp_path / "people.xlsx").write_bytes(WRITERS[writer]())
    check_people(desk, desk.imported("/clients/import", libreoffice(tmp_path / "people.xlsx", "xlsx").read_bytes()))


def test_prefixes_of_the_open_xml_sdk(desk):
    def prefixed(xml):
        for name in ("worksheet", "sheetData", "row", "c", "v"):
            xml = (
                xml.replace(f"<{name}>", f"<x:{name}>")
                .replace(f"<{name} ", f"<x:{name} ")
                .replace(f"</{name}>", f"</x:{name}>")
            )
        return xml.replace('xmlns="', 'xmlns:x="', 1)

    plain = changed(
        by_openpyxl(),
        r"xl/worksheets/sheet1\.xml",
        lambda xml: xml[: xml.index("<sheetPr")]
        + xml[xml.index("<sheetData") : xml.index("</sheetData>")]
        + "</sheetData></worksheet>",
    )
    check_people(desk, desk.imported("/clients/import", changed(plain, r"xl/worksheets/sheet1\.xml", prefixed)))


@pytest.mark.parametrize(
    "headings",
    [
        ["firstName", "lastName", "middleName", "phone", "email", "birthDate", "gender", "discount", "notes"],
        ["ІМ’Я", "прізвище", " По  Батькові ", "Номер телефону", "E-mail", "дата народження*", "СТАТЬ", "знижка", "Примітки"],
    ],
)
def test_headings_in_other_words_and_orders(desk, headings):
    order = [6, 3, 0, 8, 1, 2, 7, 5, 4]
    rows = [[row[index] for index in order] for row in PEOPLE]
    check_people(desk, desk.imported("/clients/import", by_openpyxl(rows, [headings[index] for index in order])))


@pytest.mark.parametrize("heading", ["ПІБ", "п.і.б.", "Прізвище, ім’я, по батькові"])
def test_a_person_in_one_cell(desk, heading):
    rows = [
        ["Коваль Ольга Іванівна", "0501112201"],
        ["  Нечуй-Левицький   Іван ", "0501112202"],
        ["Мамедова Лейла Ельдар кизи", "0501112203"],
        ["Ґанна", "0501112204"],
        [None, "0501112205"],
        ["Коваль " + "о" * 201, "0501112206"],
    ]
    report = desk.imported("/clients/import", by_openpyxl(rows, [heading, "Телефон"]))
    assert report["imported"] == 4
    assert report["errors"] == [
        {"row": 6, "error": "Ім'я: is required"},
        {"row": 7, "error": "Ім'я: is longer than 200 characters"},
    ]
    clients = {client["phone"][-1]: client for client in desk.call("GET", "/clients")}
    names = {number: [client.get(part, "") for part in ("lastName", "firstName", "middleName")] for number, client in clients.items()}
    assert names == {
        "1": ["Коваль", "Ольга", "Іванівна"],
        "2": ["Нечуй-Левицький", "Іван", ""],
        "3": ["Мамедова", "Лейла", "Ельдар кизи"],
        "4": ["", "Ґанна", ""],
    }


def test_columns_of_their_own_go_before_a_person_in_one_cell(desk):
    headings = ["ПІБ", "Ім'я", "Прізвище", "Телефон"]
    rows = [["Коваль Ольга Іванівна", "Оля", None, "0501112201"], ["Коваль Ольга", None, None, "0501112202"]]
    report = desk.imported("/clients/import", by_openpyxl(rows, headings))
    assert report == {"imported": 1, "failed": 1, "errors": [{"row": 3, "error": "Ім'я: is required"}]}
    (client,) = desk.call("GET", "/clients")
    assert (client["firstName"], client["lastName"], client.get("middleName", "")) == ("Оля", "", "")
    rows = [["Коваль Ольга Іванівна", "Мельник", "0501112203"]]
    assert desk.imported("/clients/import", by_openpyxl(rows, ["ПІБ", "Прізвище", "Телефон"]))["imported"] == 1
    client = next(client for client in desk.call("GET", "/clients") if client["phone"].endswith("3"))
    assert (client["firstName"], client["lastName"], client["middleName"]) == ("Ольга", "Мельник", "Іванівна")
    answer = desk.upload("/clients/import", by_openpyxl([["0501112204"]], ["Телефон"]))
    assert (answer.status, answer.json["fields"]["file"]) == (422, "has no column with the heading «Ім'я» or «ПІБ»")


def test_merged_titles_and_headings(desk):
    def merge(sheet, _):
        sheet.insert_rows(1, 3)
        sheet["A1"] = "Клієнти салону «Аделанте»"
        sheet.merge_cells("A1:I2")
        sheet["A3"], sheet["D3"] = "Клієнт", "Зв'язок"
        sheet.merge_cells("A3:C3")
        sheet.merge_cells("D3:E3")
        for column in "FGHI":
            sheet[f"{column}3"] = sheet[f"{column}4"].value
            sheet[f"{column}4"] = None
            sheet.merge_cells(f"{column}3:{column}4")

    check_people(desk, desk.imported("/clients/import", by_openpyxl(prepare=merge)))


def test_the_first_sheet_that_is_shown(desk):
    def hide(sheet, book):
        hidden = book.create_sheet("Чернетка", 0)
        hidden.append(["Ім'я"])
        hidden.append(["Ніхто"])
        hidden.sheet_state = "hidden"
        book.create_sheet("Ще один").append(["Ім'я"])
        book.active = 1

    check_people(desk, desk.imported("/clients/import", by_openpyxl(prepare=hide)))


def test_every_row_is_answered_for(desk):
    desk.call("POST", "/clients", {"firstName": "Ганна", "phone": "067 111 22 33"})
    rows = [
        ["Олена", "+380501112233"],
        [None, "0501112244"],
        ["Мар'яна", "+38 (067) 111-22-33"],
        [None, None],
        ["Іван", "80501112233"],
        ["Ірина", None, "не пошта", "31.02.2000", "робот", -5],
        ["Дарина", 380931112233, None, None, None, 7],
        ["x" * 201, "0631112233"],
    ]
    book = by_openpyxl(rows, ["Ім'я", "Телефон", "Email", "Дата народження", "Стать", "Знижка"])
    report = desk.imported("/clients/import", book)
    assert (report["imported"], report["failed"]) == (2, 5)
    errors = {error["row"]: error["error"] for error in report["errors"]}
    assert list(errors) == [3, 4, 6, 7, 9]
    assert errors[3] == "Ім'я: is required"
    assert errors[4] == "Телефон: is in the list already"
    assert errors[6] == "Телефон: is the same as in row 2"
    for heading in ("Email: ", "Дата народження: ", "Стать: ", "Знижка: "):
        assert heading in errors[7]
    assert errors[9] == "Ім'я: is longer than 200 characters"
    assert {client["firstName"] for client in desk.call("GET", "/clients")} == {"Ганна", "Олена", "Дарина"}
    # Again: what is there is skipped, and said so in the reader's language.
    again = desk.upload("/clients/import", book, **{"Accept-Language": "uk"}).json
    assert (again["imported"], again["failed"]) == (0, 7)
    assert again["errors"][0] == {"row": 2, "error": "Телефон: вже є у списку"}


def test_each_row_has_its_event_and_its_audit_entry(desk):
    report = desk.imported(
        "/clients/import",
        by_openpyxl([[f"Клієнт {number}", 380670000000 + number] for number in range(450)], ["Ім'я", "Телефон"]),
    )
    assert report["imported"] == 450
    topic = "'salon/' || {salon} || '/clients'"
    assert (
        desk.sql(
            f"SELECT count(*), count(DISTINCT data ->> 'id') FROM events WHERE topic = {topic} AND type = 'client:created'"
        )
        == "450|450"
    )
    assert (
        desk.sql(
            "SELECT count(DISTINCT entity_id) FROM audit_log WHERE salon_id = {salon} AND entity = 'client' AND action = 'created'"
        )
        == "450"
    )
    # Committed in portions: nobody waits for the topic as long as the whole file takes.
    commits = int(desk.sql("SELECT count(DISTINCT created_at) FROM clients WHERE salon_id = {salon}"))
    assert commits == 3


def test_cells_whose_formulas_went_wrong(desk):
    book = by_xlsxwriter([["Олена", None]], ["Ім'я", "Нотатки"])
    wrong = changed(
        book,
        r"xl/worksheets/sheet1\.xml",
        lambda xml: xml.replace("</row></sheetData>", '<c r="B2" t="e"><v>#N/A</v></c></row></sheetData>'),
    )
    assert desk.imported("/clients/import", wrong)["errors"] == [{"row": 2, "error": "Нотатки: its formula gives #N/A"}]


def test_products(desk):
    headings = [
        "Назва",
        "Артикул",
        "Категорія",
        "Залишок",
        "Мінімальний залишок",
        "Одиниця",
        "Ціна",
        "Собівартість",
        "Активний",
        "Опис",
    ]
    rows = [
        ["Фарба", "F-1", "Професійні", 12.125, 3, "шт", "1 234,50", 800.1, "так", "чорна"],
        ["Шампунь", 12345, "своя", None, None, "мл", 99.99, None, "ні", None],
        ["Двійник", "f-1", None, 1, None, None, None, None, None, None],
        [None, "F-2", None, None, None, None, None, None, None, None],
        ["Мінус", "F-3", None, -1, None, None, None, None, None, None],
    ]
    report = desk.imported("/inventory/import", by_openpyxl(rows, headings))
    assert report["imported"] == 2
    assert {error["row"]: error["error"].split(":")[0] for error in report["errors"]} == {
        4: "Артикул",
        5: "Назва",
        6: "Залишок",
    }
    products = {product["sku"]: product for product in desk.call("GET", "/inventory/products")}
    paint, shampoo = products["F-1"], products["12345"]
    expected = {
        "name": "Фарба",
        "category": "professional",
        "quantity": 12.125,
        "minQuantity": 3,
        "unit": "pcs",
        "price": 1234.5,
    }
    assert {key: paint[key] for key in expected} == expected
    assert (paint["costPrice"], paint["isActive"], paint["description"]) == (800.1, True, "чорна")
    assert (shampoo["category"], shampoo["unit"], shampoo["price"], shampoo["isActive"]) == ("своя", "ml", 99.99, False)
    history = desk.call("GET", f"/inventory/products/{paint['id']}/history")
    assert [movement["quantity"] for movement in history] == [12.125]
    again = desk.imported("/inventory/import", by_openpyxl(rows[:1], headings))
    assert again["errors"] == [{"row": 2, "error": "Артикул: is in the list already"}]


def test_forms(desk):
    good = by_openpyxl()
    assert desk.ask("POST", "/clients/import", b"{}", **{"Content-Type": "application/json"}).status == 415
    assert desk.ask("POST", "/clients/import", b"").status == 415
    assert desk.ask("POST", "/clients/import", b"x", **{"Content-Type": "multipart/form-data"}).status == 400
    assert desk.ask("POST", "/clients/import", good, **{"Content-Type": "multipart/form-data; boundary=x"}).status == 400
    without = desk.upload("/clients/import", good, name="document")
    assert (without.status, without.json["fields"]) == (422, {"file": "is required"})
    assert desk.upload("/clients/import", b"").status == 422
    assert desk.call("GET", "/clients") == []
    two = b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n--x\r\ncontent-disposition: form-data;filename="a;b.xlsx"; name=file\r\n\r\n'
    assert (
        desk.ask(
            "POST", "/clients/import", two + good + b"\r\n--x--", **{"Content-Type": 'multipart/form-data; boundary="x"'}
        ).status
        == 200
    )


def test_empty_rows_and_files(desk):
    assert desk.imported("/clients/import", by_openpyxl([], HEADINGS)) == {"imported": 0, "failed": 0, "errors": []}


def test_a_time_is_no_birthday(desk):
    report = desk.imported("/clients/import", by_openpyxl([["Олена", "09:30"]], ["Ім'я", "Дата народження"]))
    assert report["errors"] == [{"row": 2, "error": "Дата народження: must be a date: YYYY-MM-DD"}]


def test_who_logs_out_stops_it_between_two_commits(desk):
    count = 20_000
    book = by_xlsxwriter([[f"Клієнт {n}", 380670000000 + n] for n in range(count)], HEADINGS[:1] + HEADINGS[3:4])
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(desk.upload, "/clients/import", book)
        desk.wait_for_rows()
        assert desk.ask("POST", "/auth/logout").status == 204
        clients = int(desk.sql("SELECT count(*) FROM clients WHERE salon_id = {salon}"))
        report = answer.result().json
    # One commit may have been under way when the session ended.
    assert clients <= report["imported"] <= clients + 200
    assert report["imported"] == int(desk.sql("SELECT count(*) FROM clients WHERE salon_id = {salon}"))
    assert report["imported"] + report["failed"] == count
    assert "logged out" in report["errors"][0]["error"]


@pytest.mark.parametrize("how", ["closed", "reset"])
def test_who_leaves_stops_it_between_two_commits(desk, how):
    count = 20_000
    desk.leave_while_importing(
        by_xlsxwriter([[f"Клієнт {n}", 380670000000 + n] for n in range(count)], HEADINGS[:1] + HEADINGS[3:4]), how
    )
    before = -1
    while (clients := int(desk.sql("SELECT count(*) FROM clients WHERE salon_id = {salon}"))) != before:
        before = clients
        time.sleep(1)
    assert 0 < clients < count
    assert int(desk.sql("SELECT count(*) FROM audit_log WHERE salon_id = {salon} AND entity = 'client'")) == clients
