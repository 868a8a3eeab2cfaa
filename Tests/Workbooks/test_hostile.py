"""Files that are damaged, or made to do harm: refused with the reason, and nothing has changed."""

import re
import time

import pytest
from books import by_openpyxl, by_xlsxwriter, hostile
from desk import Desk


@pytest.fixture(scope="module")
def books():
    return {name: (book, reason) for name, book, reason in hostile(by_xlsxwriter())}


def test_all_are_refused(desk, stack, books, capsys):
    good = by_xlsxwriter()
    node = stack.nodes[0]
    before = memory(node)
    for name, (book, reason) in books.items():
        assert len(book) < 10 << 20, name
        answer = desk.upload("/clients/import", book)
        assert answer.status == 422, f"{name}: {answer}"
        assert answer.json["code"] in ("VALIDATION_ERROR", "UNSUPPORTED_FILE"), name
        assert re.search(reason, answer.json["fields"]["file"]), f"{name}: {answer}"
        with capsys.disabled():
            print(f"\n{name}: {answer.json['code']}, {answer.json['fields']['file']}", end="")
    assert desk.call("GET", "/clients") == []
    assert desk.sql("SELECT count(*) FROM audit_log WHERE salon_id = {salon} AND entity = 'client'") == "0"
    assert node.is_running
    assert memory(node, "VmHWM") - before < 400 << 10, "what they hold inside was never in memory at once"
    assert desk.imported("/clients/import", good)["imported"] == 4


def memory(node, kind="VmRSS"):
    """KiB."""
    with open(f"/proc/{node._process.pid}/status") as status:
        return int(re.search(rf"{kind}:\s+(\d+)", status.read())[1])


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_other_kinds_of_libreoffice(desk, libreoffice, tmp_path, kind):
    (tmp_path / "people.xlsx").write_bytes(by_openpyxl())
    answer = desk.upload("/clients/import", libreoffice(tmp_path / "people.xlsx", kind).read_bytes())
    assert (answer.status, answer.json["code"]) == (422, "UNSUPPORTED_FILE")
    assert ("old .xls" if kind == "xls" else "no .xlsx") in answer.json["message"]
    assert desk.call("GET", "/clients") == []


def eventually(ask, status):
    """The first answer of this status."""
    for _ in range(200):
        if (answer := ask()).status == status:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"never {status}, but {answer}")


def test_eight_large_bodies_at_once(desk, stack):
    large = b"x" * (2 << 20)
    begun = [desk.begin_upload(9 << 20) for _ in range(8)]

    def probe():
        answer = desk.upload("/clients/import", large)
        if answer.status != 503:  # it may have had the place of one that came at the same moment, and got none
            begun.append(desk.begin_upload(9 << 20))
        return answer

    try:
        answer = eventually(probe, 503)
        assert int(answer.headers["Retry-After"]) > 0
        assert desk.upload("/clients/import", b"x" * 1000).status == 422, "small ones need no place"
        assert desk.at(stack.nodes[1]).upload("/clients/import", large).status == 422, "each node has its own"
    finally:
        for connection in begun:
            connection.close()
    eventually(lambda: desk.upload("/clients/import", large), 422)


def test_slow_readers_have_four_workbooks_each(desk, stack):
    # More than kernels hold of a connection: 7 MB, packed.
    desk.sql("""INSERT INTO clients (salon_id, first_name, notes)
            SELECT {salon}, 'Олена ' || n, (SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 120) AS m)
            FROM generate_series(1, 3500) AS n""")
    slow = [desk.begin_download("/clients/export") for _ in range(4)]
    try:
        assert [status for _, status in slow] == [200] * 4
        answer = desk.ask("GET", "/finances/export")
        assert (answer.status, answer.json["code"]) == (429, "RATE_LIMITED")
        assert int(answer.headers["Retry-After"]) > 0
        assert desk.ask("GET", "/clients").status == 200, "only workbooks are refused"
        assert desk.at(stack.nodes[1]).ask("GET", "/finances/export").status == 200, "each node has its own"
        assert Desk.of_new_salon(stack).ask("GET", "/finances/export").status == 200, "and each user"
    finally:
        for connection, _ in slow:
            connection.close()
    eventually(lambda: desk.ask("GET", "/finances/export"), 200)


def test_whoever_has_a_workbook_has_no_place_any_more(desk):
    kept = [desk.kept_alive("/finances/export") for _ in range(4)]
    assert [status for _, status in kept] == [200] * 4
    # The server may not have heard yet that the last byte is there.
    eventually(lambda: desk.ask("GET", "/finances/export"), 200)
    for connection, _ in kept:
        connection.close()


def test_ten_megabytes(desk):
    padding = b"x" * ((10 << 20) + 1)
    for size, status in ((len(padding) - 1, 422), (len(padding), 413), (12 << 20, 413), (39 << 20, 413)):
        answer = desk.upload("/clients/import", padding[:size] + b"x" * max(0, size - len(padding)))
        assert answer.status == status, answer
    assert desk.upload("/clients/import", padding, Authorization="Bearer x").status == 401
    body = b'{"firstName":"' + b"x" * (2 << 20) + b'"}'
    try:
        assert desk.ask("POST", "/clients", body, **{"Content-Type": "application/json"}).status == 413
    except (BrokenPipeError, ConnectionResetError, OSError):
        pass  # other routes read no more than a megabyte, and may close on whoever sends more
