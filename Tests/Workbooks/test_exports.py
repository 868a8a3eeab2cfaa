"""What the server writes is the same to openpyxl, to LibreOffice and to its own import."""

import csv
import datetime
import io
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest
from books import by_openpyxl
from harness.salon import KYIV

NASTY = {
    "firstName": '=HYPERLINK("http://x")',
    "lastName": "+Ґанок & <b>\"’'",
    "middleName": "@SUM(1)",
    "phone": "-380 50 765 43 21",
    "email": "nasty@test.ua",
    "birthDate": "1900-03-01",
    "discount": 0.07,
    "notes": "рядок\nдругий\tтабуляція, кома; крапка",
}
DAY = datetime.datetime.now(datetime.timezone.utc).date()


def rows(file, sheet=0):
    book = openpyxl.load_workbook(file)
    lines = list(book.worksheets[sheet].iter_rows(values_only=True))
    return [dict(zip(lines[0], line)) for line in lines[1:]]


@pytest.fixture
def people(desk):
    """Clients of every kind."""
    desk.imported("/clients/import", by_openpyxl())
    desk.call("POST", "/clients", NASTY)
    return desk


def test_openpyxl_reads_the_same_values(people, tmp_path):
    file = people.save("/clients/export", tmp_path / "clients.xlsx")
    sheet = openpyxl.load_workbook(file).active
    assert sheet.title == "Клієнти"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:N{sheet.max_row}"
    assert all(cell.font.bold for cell in sheet[1])
    assert all(sheet.column_dimensions[letter].width > 8 for letter in "ABCDEFGHIJKLMN")
    by_name = {row["Ім'я"]: row for row in rows(file)}
    clients = {client["firstName"]: client for client in people.call("GET", "/clients")}
    assert list(by_name) == list(clients), "in the list's order"
    for name, row in by_name.items():
        client = clients[name]
        for heading, field in (
            ("Прізвище", "lastName"),
            ("По батькові", "middleName"),
            ("Телефон", "phone"),
            ("Нотатки", "notes"),
        ):
            assert (row[heading] or "") == client.get(field, "")
        assert row["Знижка"] == client["discount"]
        born = row["Дата народження"] and row["Дата народження"].date().isoformat()
        assert born == client.get("birthDate")
        created = datetime.datetime.fromisoformat(client["createdAt"]).astimezone(KYIV)
        assert row["Додано"] == created.replace(tzinfo=None, microsecond=0)
    assert by_name["Олена"]["Стать"] == "жіноча" and by_name["Олена"]["Сегмент"] == "новий"


def test_nothing_is_a_formula(people, tmp_path):
    sheet = openpyxl.load_workbook(people.save("/clients/export", tmp_path / "clients.xlsx")).active
    texts = [cell for row in sheet.iter_rows(min_row=2) for cell in row if isinstance(cell.value, str)]
    assert NASTY["firstName"] in [cell.value for cell in texts]
    assert {cell.data_type for cell in texts} == {"s"}


def test_libreoffice_reads_the_same_values(people, libreoffice, tmp_path):
    file = people.save("/clients/export", tmp_path / "clients.xlsx")
    with libreoffice(file, "csv").open(encoding="utf-8", newline="") as text:
        lines = list(csv.reader(text))
    expected = rows(file)
    assert lines[0] == list(expected[0])
    for line, row in zip(lines[1:], expected, strict=True):
        for shown, (heading, value) in zip(line, row.items()):
            if isinstance(value, datetime.datetime):
                # As it would be typed in, whatever the cell's format is.
                assert shown == value.strftime("%m/%d/%Y" if heading == "Дата народження" else "%m/%d/%Y %H:%M:%S")
            elif isinstance(value, (int, float)):
                assert float(shown) == value
            else:
                assert shown == (value or "")


@pytest.mark.parametrize("by_way_of", ["nothing", "openpyxl", "libreoffice"])
def test_it_imports_again(people, stack, libreoffice, tmp_path, by_way_of):
    file = people.save("/clients/export?includeVisits=true", tmp_path / "clients.xlsx")
    if by_way_of == "openpyxl":
        openpyxl.load_workbook(file).save(file)
    if by_way_of == "libreoffice":
        file = libreoffice(file, "xlsx")
    other = type(people).of_new_salon(stack)
    assert other.imported("/clients/import", file.read_bytes()) == {"imported": 5, "failed": 0, "errors": []}
    own = {"id", "createdAt", "updatedAt"}

    def clients(desk):
        return [{key: value for key, value in client.items() if key not in own} for client in desk.call("GET", "/clients")]

    assert clients(other) == clients(people)


def test_parameters(people, tmp_path):
    def names(query):
        return [row["Ім'я"] for row in rows(people.save(f"/clients/export?{query}", tmp_path / "x.xlsx"))]

    assert len(names("")) == len(names("search=&segment=all&format=excel")) == 5
    assert names("search=%D1%97%D0%B6%D0%B0%D0%BA") == ["Іван"]
    assert names("segment=lost") == []
    chosen = rows(people.save("/clients/export?fields=phone,firstName", tmp_path / "x.xlsx"))
    assert list(chosen[0]) == ["Телефон", "Ім'я"]
    for query, code in (
        ("format=pdf", "FORMAT_NOT_AVAILABLE"),
        ("format=doc", "VALIDATION_ERROR"),
        ("fields=salary", "VALIDATION_ERROR"),
        ("dateFrom=x", "VALIDATION_ERROR"),
    ):
        answer = people.ask("GET", f"/clients/export?{query}")
        assert (answer.status, answer.json["code"]) == (422, code)


def test_the_file_has_a_name(people):
    answer = people.ask("GET", "/clients/export")
    named = answer.headers["Content-Disposition"]
    days = [DAY + datetime.timedelta(days=days) for days in (0, 1)]
    assert named in [f"attachment; filename=\"clients-{day}.xlsx\"; filename*=UTF-8''clients-{day}.xlsx" for day in days]
    head = people.ask("HEAD", "/clients/export")
    assert (head.status, head.body) == (200, b"")


def test_visits_and_purchases(people, tmp_path):
    client = next(client for client in people.call("GET", "/clients") if client["firstName"] == "Олена")
    member = people.call("POST", "/staff", {"firstName": "Ольга", "lastName": "Коваль"})
    for day, status in (("2026-05-17", "completed"), ("2026-05-20", "scheduled"), ("2026-06-01", "scheduled")):
        visit = {
            "clientId": client["id"],
            "clientName": "Олена Ґудзь",
            "staffId": member["id"],
            "service": "Стрижка",
            "date": day,
        }
        people.call(
            "POST", "/appointments", {**visit, "startTime": "09:00", "endTime": "10:00", "price": 500.5, "status": status}
        )
    file = people.save("/clients/export?includeVisits=true&includeProducts=true&dateTo=2026-05-31", tmp_path / "x.xlsx")
    assert openpyxl.load_workbook(file).sheetnames == ["Клієнти", "Візити", "Покупки"]
    row = next(row for row in rows(file) if row["Ім'я"] == "Олена")
    assert (row["Кількість візитів"], row["Останній візит"]) == (1, datetime.datetime(2026, 5, 17))
    visits = rows(file, 1)
    assert [(visit["Дата"].day, visit["Початок"], visit["Стан"]) for visit in visits] == [
        (17, "09:00", "завершено"),
        (20, "09:00", "заплановано"),
    ]
    assert (visits[0]["Майстер"], visits[0]["Послуги"], visits[0]["Вартість"]) == ("Ольга Коваль", "Стрижка", 500.5)
    # Whoever sees neither the calendar nor finances gets the clients alone.
    words = ["settings.view", "settings.edit", "clients.view", "clients.export"]
    people.call("PUT", "/settings/roles/admin", {"permissions": words})
    file = people.save("/clients/export?includeVisits=true&includeProducts=true", tmp_path / "y.xlsx")
    assert openpyxl.load_workbook(file).sheetnames == ["Клієнти"]


def test_products(desk, tmp_path):
    paint = {
        "name": "Фарба",
        "sku": "F-1",
        "category": "professional",
        "quantity": 12.125,
        "unit": "ml",
        "price": 99.99,
        "costPrice": 1e9 / 100,
    }
    desk.call("POST", "/inventory/products", {**paint, "minQuantity": 3, "description": "чорна", "isActive": True})
    desk.call(
        "POST",
        "/inventory/products",
        {"name": "Ґудзик", "sku": "", "category": "своя", "quantity": 0, "price": 1, "costPrice": 0.5},
    )
    everything = rows(desk.save("/inventory/export?category=all", tmp_path / "x.xlsx"))
    assert [row["Назва"] for row in everything] == ["Ґудзик", "Фарба"]
    assert everything[1] == {
        "Назва": "Фарба",
        "Артикул": "F-1",
        "Категорія": "професійні",
        "Тип": None,
        "Одиниця": "мл",
        "Об'єм упаковки": None,
        "Активний": "так",
        "Залишок": 12.125,
        "Мінімальний залишок": 3,
        "Останнє надходження": everything[1]["Останнє надходження"],
        "Ціна": 99.99,
        "Собівартість": 10_000_000,
        "Опис": "чорна",
    }
    some = rows(
        desk.save(
            "/inventory/export?includeBasicInfo=false&includeStockInfo=true&includeFinancialInfo=false", tmp_path / "x.xlsx"
        )
    )
    assert list(some[0]) == ["Назва", "Артикул", "Залишок", "Мінімальний залишок", "Останнє надходження"]
    assert len(rows(desk.save("/inventory/export?category=professional", tmp_path / "x.xlsx"))) == 1


def test_operations(desk, tmp_path):
    client = desk.call("POST", "/clients", {"firstName": "Олена", "lastName": "Ґудзь"})
    payment = {"type": "payment", "amount": 1234.5, "date": "2026-05-17", "clientId": client["id"], "paymentMethod": "Картка"}
    desk.call("POST", "/finances/operations", {**payment, "category": "послуги", "documentNumber": "007"})
    desk.call("POST", "/finances/operations", {"type": "expense", "amount": 0.01, "date": "2026-05-18", "description": "=1+1"})
    desk.call("POST", "/finances/operations", {"type": "refund", "amount": 5, "date": "2026-06-01", "status": "pending"})
    file = desk.save("/finances/export?dateFrom=2026-05-01&dateTo=2026-05-31&format=xlsx", tmp_path / "x.xlsx")
    expense, income = rows(file)
    columns = ("Дата", "Операція", "Сума", "Стан", "Клієнт", "Спосіб оплати", "Номер документа", "Опис")
    day = datetime.datetime(2026, 5, 17)
    assert [income[column] for column in columns] == [day, "оплата", 1234.5, "проведено", "Олена Ґудзь", "Картка", "007", None]
    assert (expense["Операція"], expense["Сума"], expense["Опис"]) == ("витрата", 0.01, "=1+1")
    assert [row["Стан"] for row in rows(desk.save("/finances/export?type=refund", tmp_path / "y.xlsx"))] == ["очікує"]
    assert desk.ask("GET", "/finances/export?format=pdf").json["code"] == "FORMAT_NOT_AVAILABLE"
    # What was bought beside visits stands with the client, too.
    bought = rows(desk.save("/clients/export?includeProducts=true", tmp_path / "z.xlsx"), 1)
    assert [(row["Клієнт"], row["Сума"], row["Операція"]) for row in bought] == [("Олена Ґудзь", 1234.5, "оплата")]


def test_the_sheets_of_reports_are_of_one_moment(desk, tmp_path):
    member = desk.call("POST", "/staff", {"firstName": "Ольга"})
    visit = {"clientName": "Олена", "staffId": member["id"], "service": "Стрижка", "date": "2026-05-17", "startTime": "09:00"}
    visit |= {"endTime": "10:00", "price": 500, "status": "completed"}
    desk.call("POST", "/appointments", visit)
    with ThreadPoolExecutor(1) as pool:
        with desk.locking("reviews") as reviews:
            # Members are read behind the revenue, and what clients say of them can be read by nobody yet.
            path = "/reports/export?dateFrom=2026-05-01&dateTo=2026-05-31"
            export = pool.submit(desk.save, path, tmp_path / "x.xlsx")
            reviews.wait_for_reader()
            desk.call("POST", "/appointments", {**visit, "startTime": "11:00", "endTime": "12:00"})
        file = export.result()
    assert [row["Візити"] for row in rows(file, 0)] == [1]
    assert [(row["Завершено"], row["Виручка"]) for row in rows(file, 4)] == [(1, 500)]


def test_reports(desk, tmp_path):
    member = desk.call("POST", "/staff", {"firstName": "Ольга", "lastName": "Коваль"})
    service = desk.call("POST", "/services", {"name": "Стрижка", "price": 500.5, "duration": 60})
    for day in ("2026-05-17", "2026-05-18"):
        visit = {"clientName": "Олена", "staffId": member["id"], "serviceId": service["id"], "service": "Стрижка", "date": day}
        visit |= {"startTime": "09:00", "endTime": "10:00", "price": 500.5, "status": "completed"}
        desk.call("POST", "/appointments", visit)
    days = "dateFrom=2026-05-01&dateTo=2026-05-31"
    file = desk.save(f"/reports/export?{days}&format=xlsx", tmp_path / "x.xlsx")
    sheets = ["Підсумок", "Виручка", "За послугами", "За майстрами", "Майстри", "Послуги"]
    assert openpyxl.load_workbook(file).sheetnames == sheets
    total, revenue, by_service, by_member, members, services = (rows(file, number) for number in range(6))
    assert total == [{"Виручка": 1001, "Візити": 2, "Середній чек": 500.5}]
    assert len(revenue) == 31 and revenue[16] == {
        "Дата": datetime.datetime(2026, 5, 17),
        "Виручка": 500.5,
        "Візити": 1,
        "Середній чек": 500.5,
    }
    assert by_service == [{"Послуга": "Стрижка", "Виручка": 1001}]
    assert by_member == [{"Майстер": "Ольга Коваль", "Виручка": 1001}]
    report = {
        row["staffName"]: row
        for row in desk.call("GET", "/reports/staff-performance", dateFrom="2026-05-01", dateTo="2026-05-31")
    }
    assert [(row["Завершено"], row["Зайнятість, %"]) for row in members] == [(2, report["Ольга Коваль"]["occupancyRate"])]
    assert [(row["Послуга"], row["Записи"], row["Виручка"]) for row in services] == [("Стрижка", 2, 1001)]
    one = desk.save(f"/reports/export?{days}&type=services&format=excel", tmp_path / "y.xlsx")
    assert openpyxl.load_workbook(one).sheetnames == ["Послуги"]
    for query, code in (
        (f"{days}&format=pdf", "FORMAT_NOT_AVAILABLE"),
        (f"{days}&type=x", "VALIDATION_ERROR"),
        ("", "VALIDATION_ERROR"),
    ):
        answer = desk.ask("GET", f"/reports/export?{query}")
        assert (answer.status, answer.json["code"]) == (422, code)


def test_an_empty_salon(desk, tmp_path):
    assert rows(desk.save("/clients/export", tmp_path / "x.xlsx")) == []
    book = openpyxl.load_workbook(io.BytesIO(desk.ask("GET", "/inventory/export").body))
    assert book.active.max_row == 1
