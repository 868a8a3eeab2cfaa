"""Somebody at a desk of a salon of their own, who imports and exports."""

import http.client
import json
import secrets
import socket
import struct
import subprocess
import time
import urllib.error
import urllib.request

from harness.salon import Salon

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Desk:
    def __init__(self, stack, salon):
        self._stack, self._salon = stack, salon

    @classmethod
    def of_new_salon(cls, stack):
        return cls(stack, Salon.register(stack.nodes[0], "Салон", f"{secrets.token_hex(8)}@test.adelante"))

    def at(self, node):
        """The same login at another node."""
        return Desk(self._stack, Salon(node, self._salon.session))

    def call(self, method, path, body=None, **query):
        return self._salon.call(method, path, body, **query)

    def ask(self, method, path, body=None, language="en", **headers):
        """Whatever the status is."""
        headers = {"Authorization": f"Bearer {self._salon.session['access_token']}", "Accept-Language": language, **headers}
        url = f"{self._salon.node.url}/api/v1{path}"
        request = urllib.request.Request(url, data=body, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read())

    def upload(self, path, content, name="file", file_name="Клієнти.xlsx", **more):
        boundary = "----WebKitFormBoundary" + secrets.token_hex(8)
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\nContent-Type: {XLSX}\r\n\r\n'
        body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
        return self.ask("POST", path, body, **{"Content-Type": f"multipart/form-data; boundary={boundary}", **more})

    def begin_upload(self, length):
        """A connection on which the head of a form has been sent."""
        head = "POST /api/v1/clients/import HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        head += f"Authorization: Bearer {self._salon.session['access_token']}\r\nContent-Length: {length}\r\n\r\n"
        connection = socket.create_connection(("127.0.0.1", self._salon.node.port))
        connection.sendall(head.encode())
        return connection

    def begin_download(self, path):
        """A connection that has taken the head of an answer and as few bytes of its body as a kernel lets it; and its status."""
        head = f"GET /api/v1{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        head += f"Authorization: Bearer {self._salon.session['access_token']}\r\n\r\n"
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", self._salon.node.port))
        connection.sendall(head.encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(256)
        return connection, int(answer.split()[1])

    def kept_alive(self, path):
        """A connection that stays open after it has taken a whole answer; and its status."""
        connection = http.client.HTTPConnection("127.0.0.1", self._salon.node.port)
        connection.request("GET", f"/api/v1{path}", headers={"Authorization": f"Bearer {self._salon.session['access_token']}"})
        answer = connection.getresponse()
        answer.read()
        return connection, answer.status

    def wait_for_rows(self):
        """Until an import has committed its first ones."""
        while self.sql("SELECT count(*) FROM clients WHERE salon_id = {salon}") == "0":
            time.sleep(0.02)

    def leave_while_importing(self, content, how):
        """Sends a form with a file, and is gone when the first rows are there."""
        start = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
        body = start.encode() + content + b"\r\n--x--\r\n"
        with self.begin_upload(len(body)) as connection:
            connection.sendall(body)
            self.wait_for_rows()
            if how == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def imported(self, path, content, **more):
        """What an import that is not refused answers."""
        answer = self.upload(path, content, **more)
        assert answer.status == 200, answer
        report = answer.json
        assert set(report) == {"imported", "failed", "errors"}
        assert report["failed"] == len(report["errors"])
        return report

    def save(self, path, file):
        """Exports into a file."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        assert answer.headers["Content-Type"] == XLSX
        assert int(answer.headers["Content-Length"]) == len(answer.body)
        file.write_bytes(answer.body)
        return file

    def locking(self, table):
        """Nobody else can read a table for as long as this is a context."""
        return Lock(self, ["psql", "--no-psqlrc", "-q", "-d", self._stack.environment["DATABASE_URL"]], table)

    def sql(self, statement):
        """`{salon}` stands for the salon's id."""
        salon = f"(SELECT salon_id FROM users WHERE id = {self._salon.session['user']['id']})"
        command = ["psql", "--no-psqlrc", "-qAt", "-d", self._stack.environment["DATABASE_URL"], "-c"]
        command.append(statement.replace("{salon}", salon))
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


class Lock:
    def __init__(self, desk, psql, table):
        self._desk, self._psql, self._table = desk, psql, table

    def __enter__(self):
        self._session = subprocess.Popen(self._psql, stdin=subprocess.PIPE, text=True)
        self._session.stdin.write(f"BEGIN; LOCK TABLE {self._table} IN ACCESS EXCLUSIVE MODE;\n")
        self._session.stdin.flush()
        self._wait(True)
        return self

    def wait_for_reader(self):
        """Until somebody wants to read it."""
        self._wait(False)

    def _wait(self, is_granted):
        held = f"SELECT count(*) FROM pg_locks WHERE relation = '{self._table}'::regclass AND granted = {is_granted}"
        while self._desk.sql(held) == "0":
            time.sleep(0.02)

    def __exit__(self, *_):
        self._session.communicate("COMMIT;\n")
