"""Workbooks as other programs write them, and as nobody should."""

import datetime
import io
import re
import struct
import zipfile
import zlib

import openpyxl
import xlsxwriter

HEADINGS = ["Ім'я", "Прізвище", "По батькові", "Телефон", "Email", "Дата народження", "Стать", "Знижка", "Нотатки"]
BORN = datetime.date(1990, 5, 3)
# What people have in such lists: a phone that is a number, one that lost its zero, a day as a text, decimals with commas.
PEOPLE = [
    ["Олена", "Ґудзь", "Іванівна", "+380 (50) 123-45-67", "olena@test.ua", BORN, "жіноча", 5.5, "перший рядок\nдругий"],
    ["Мар'яна", None, None, 380671112233, None, "17.05.1985", "Ж", "10%", "=1+1"],
    ["Іван", "Їжак", None, 501112244, "IVAN@Test.ua", "1979-12-31", "male", "2,5", None],
    ["  Ірина  ", "", "", "", "", None, None, None, None],
]
# What the API says of them afterwards, by first names.
EXPECTED = {
    "Олена": {
        "lastName": "Ґудзь",
        "middleName": "Іванівна",
        "phone": "+380 (50) 123-45-67",
        "email": "olena@test.ua",
        "birthDate": "1990-05-03",
        "gender": "female",
        "discount": 5.5,
        "notes": "перший рядок\nдругий",
    },
    "Мар'яна": {
        "lastName": "",
        "phone": "380671112233",
        "birthDate": "1985-05-17",
        "gender": "female",
        "discount": 10,
        "notes": "=1+1",
    },
    "Іван": {
        "lastName": "Їжак",
        "phone": "0501112244",
        "email": "ivan@test.ua",
        "birthDate": "1979-12-31",
        "gender": "male",
        "discount": 2.5,
    },
    "Ірина": {"lastName": "", "phone": "", "discount": 0},
}


def by_openpyxl(rows=PEOPLE, headings=HEADINGS, prepare=lambda sheet, book: None):
    """With strings in line."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(headings)
    for row in rows:
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            # It would be taken for a formula.
            if isinstance(cell.value, str) and cell.value.startswith("="):
                cell.data_type = "s"
    prepare(sheet, book)
    return _bytes(book.save)


def by_xlsxwriter(rows=PEOPLE, headings=HEADINGS, **options):
    """With shared strings, or with strings in line under constant_memory."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, **options})
    day = book.add_format({"num_format": "d mmmm yyyy"})
    sheet = book.add_worksheet()
    for number, row in enumerate([headings, *rows]):
        for column, value in enumerate(row):
            if isinstance(value, datetime.date):
                sheet.write_datetime(number, column, value, day)
            elif isinstance(value, str):
                sheet.write_string(number, column, value)
            elif value is not None:
                sheet.write(number, column, value)
    book.close()
    return file.getvalue()


def _bytes(save):
    file = io.BytesIO()
    save(file)
    return file.getvalue()


def changed(book, part=None, change=None, add=None, compression=zipfile.ZIP_DEFLATED):
    """The workbook with a part's XML changed, or with more files in it."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(result, "w", compression) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if part and re.fullmatch(part, entry.filename):
                content = change(content.decode()).encode()
            new.writestr(entry.filename, content)
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return result.getvalue()


SHEET = r"xl/worksheets/sheet1\.xml"


def with_doctype(book, doctype, part=SHEET):
    return changed(book, part, lambda xml: re.sub(r"^(<\?xml[^>]*\?>)?", lambda found: found[0] + doctype, xml, count=1))


def lying(book, name, size):
    """The workbook whose directory says that a file is only so large inside."""
    data = bytearray(book)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        entry = archive.getinfo(name)
    data[entry.header_offset + 22 : entry.header_offset + 26] = struct.pack("<I", size)
    directory = data.index(b"PK\x01\x02")
    while data[directory + 46 : directory + 46 + len(name)] != name.encode():
        directory = data.index(b"PK\x01\x02", directory + 4)
    data[directory + 24 : directory + 28] = struct.pack("<I", size)
    return bytes(data)


def many_rows(count):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["firstName"])
    for number in range(count):
        sheet.append([f"Клієнт {number}"])
    return _bytes(book.save)


def quine_like(levels=5):
    """A ZIP in a ZIP in a ZIP: of zeros, at the end."""
    content = b"\0" * (64 << 20)
    for level in range(levels):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"level{level}.zip", content)
        content = file.getvalue()
    return content


def hostile(good):
    """Name, workbook, and a word of the reason. `good` would be imported."""
    zeros = b"\0" * (100 << 20)
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    billion = f'<!DOCTYPE x [<!ENTITY l0 "lol">{laughs}]>'
    xxe = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    inflated = changed(good, SHEET, lambda xml: xml.replace("</sheetData>", " " * (200 << 20) + "</sheetData>"))
    macros = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    types = r"\[Content_Types\]\.xml"
    size = len(good)
    wrong_sum = bytearray(good)
    start = good.index(b"xl/worksheets/sheet1.xml") + 60
    wrong_sum[start] ^= 0xFF
    return [
        ("a bomb of 1000:1 as a sheet", inflated, "too tightly"),
        ("a bomb that lies about its size", lying(inflated, "xl/worksheets/sheet1.xml", 5_000), "damaged|too tightly"),
        ("a bomb beside the sheets", changed(good, add={"xl/media/image1.png": zeros}), "too tightly"),
        ("ZIPs in one another", quine_like(), "no .xlsx"),
        ("billion laughs", with_doctype(good, billion), "entities"),
        ("billion laughs among the strings", with_doctype(good, billion, r"xl/sharedStrings\.xml"), "entities"),
        ("an external entity", with_doctype(good, xxe), "entities"),
        ("an external entity in the list of parts", with_doctype(good, xxe, types), "entities"),
        ("a document type and nothing else", with_doctype(good, "<!DOCTYPE worksheet>"), "entities"),
        ("a path that leads out", changed(good, add={"../../../tmp/x": "x"}), "lead out"),
        ("an absolute path", changed(good, add={"/tmp/x": "x"}), "lead out"),
        ("too many files", changed(good, add={f"x/{n}": "" for n in range(3_000)}), "spreadsheet program"),
        ("huge shared strings", changed(good, r"xl/sharedStrings\.xml", _huge_strings), "too large"),
        ("one long text in every cell", repeated(good), "too large"),
        ("one cell again and again", changed(good, SHEET, _one_cell), "damaged"),
        (
            "deep XML",
            changed(good, SHEET, lambda xml: xml.replace("<sheetData>", "<a>" * 5_000 + "<sheetData>")),
            "spreadsheet program",
        ),
        ("100,001 rows", many_rows(100_001), "100 000 rows"),
        ("a broken directory", good[:-30] + b"\xff" * 20 + good[-10:], "damaged"),
        ("no directory", good[: size - 200], "damaged"),
        ("half of it", good[: size // 2], "damaged"),
        ("a wrong checksum", bytes(wrong_sum), "damaged"),
        ("XML that stops", changed(good, SHEET, lambda xml: xml[: len(xml) // 2]), "damaged"),
        ("no ZIP at all", "Ім'я;Телефон\r\nОлена;0501112233\r\n".encode(), "no .xlsx"),
        ("a wrong beginning", b"XX" + good[2:], "no .xlsx"),
        (
            "macros under another name",
            changed(good, types, lambda xml: re.sub(r'ContentType="[^"]*sheet\.main\+xml"', f'ContentType="{macros}"', xml)),
            "macros",
        ),
        ("a ZIP of something else", _bytes(_document), "no .xlsx"),
        ("no rows at all", by_openpyxl([], []), "no rows"),
        ("headings that are none", by_openpyxl([["x"]], ["Щось"]), "heading"),
    ]


def repeated(book):
    """Thousands of rows whose every cell has the same text of 128 KB, full of what looks like escapes."""
    strings = "<si><t>" + "_x_x000D" * 16_000 + "</t></si>"
    book = changed(book, r"xl/sharedStrings\.xml", lambda xml: re.sub(r"<si>.*</si>", strings, xml, flags=re.DOTALL))
    row = "<row>" + '<c t="s"><v>0</v></c>' * 30 + "</row>"
    return changed(book, SHEET, lambda xml: re.sub(r"<sheetData>.*</sheetData>", f"<sheetData>{row * 5_000}</sheetData>", xml))


def _one_cell(xml):
    cell = '<c r="A1" t="s"><v>0</v></c>'
    return re.sub(r"<sheetData>.*</sheetData>", f'<sheetData><row r="1">{cell * 100_000}</row></sheetData>', xml)


def _huge_strings(xml):
    # Every one is another.
    texts = "".join(f"<si><t>{zlib.crc32(str(n).encode()):08x}{'text ' * 40}</t></si>" for n in range(400_000))
    return xml.replace("</sst>", texts + "</sst>")


def _document(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
