"""Large salons: memory that does not grow, and how long it takes."""

import threading
import time

import openpyxl
from books import by_xlsxwriter
from test_hostile import memory

CLIENTS = 50_000


class Watched:
    """The most that a process's memory grows by, in MiB, while something is done."""

    def __init__(self, node):
        self._node = node

    def __enter__(self):
        self._before = memory(self._node)
        self._peak, self._ended = self._before, threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self):
        while not self._ended.wait(0.005):
            self._peak = max(self._peak, memory(self._node))

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
        self.growth = (self._peak - self._before) >> 10


def test_fifty_thousand_clients_go_out_in_bounded_memory(desk, stack, tmp_path, capsys):
    desk.sql(f"""INSERT INTO clients (salon_id, first_name, last_name, phone, phone_key, email, notes, birth_date)
            SELECT {{salon}}, 'Олена ' || n, 'Шевченко', '+38067' || 1000000 + n, '38067' || 1000000 + n, n || '@test.ua',
                   repeat('нотатка ', 10), date '1990-01-01' + n % 9000 FROM generate_series(1, {CLIENTS}) AS n;
            ANALYZE clients""")
    with stack.another_node("exporter") as node:
        fresh = desk.at(node)
        fresh.ask("GET", "/clients/export?search=0")
        with Watched(node) as watched:
            begun = time.monotonic()
            file = fresh.save("/clients/export?includeVisits=true&includeProducts=true", tmp_path / "clients.xlsx")
            seconds = time.monotonic() - begun
    with capsys.disabled():
        print(
            f"\n{CLIENTS} clients, {file.stat().st_size / 1e6:.1f} MB: {seconds:.1f} s, {watched.growth} MiB more at the peak"
        )
    assert watched.growth < 64
    book = openpyxl.load_workbook(file, read_only=True)
    assert sum(1 for _ in book.worksheets[0].iter_rows()) == CLIENTS + 1


def test_many_clients_come_in(desk, stack, capsys):
    count = 20_000
    people = [[f"Олена {number}", "Шевченко", 380670000000 + number, f"{number}@test.ua"] for number in range(count)]
    book = by_xlsxwriter(people, ["Ім'я", "Прізвище", "Телефон", "Email"])
    with stack.another_node("importer") as node:
        fresh = desk.at(node)
        fresh.call("GET", "/clients")
        with Watched(node) as watched:
            begun = time.monotonic()
            assert fresh.imported("/clients/import", book)["imported"] == count
            seconds = time.monotonic() - begun
    with capsys.disabled():
        print(
            f"\n{count} clients imported: {seconds:.1f} s, {count / seconds:.0f} a second, {watched.growth} MiB more at the peak"
        )
    assert watched.growth < 128
