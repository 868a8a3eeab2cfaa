"""What scripts/transcripts does once two nodes serve: the exchanges, and the pages that show them.

    transcripts.py PORT_A PORT_B [--check]

The database is a fresh one, so ids are the same each time; times, tokens and epochs are masked. The commands shown are the
ones that run, but for the ports.
"""

import difflib
import json
import os
import re
import subprocess
import sys

from websocket import Socket

PAGES = ("README.md", "Protocol/realtime.md")
SHOWN_PORTS = ("8000", "8001")
SHOWN_HEADERS = ("etag", "x-topic-seq", "x-topic-epoch", "x-total-count", "retry-after")
MASKED = {
    "access_token": "eyJhbGciOiJI…",
    "refresh_token": "eyJhbGciOiJI…",
    "createdAt": "<time>",
    "updatedAt": "<time>",
    "created_at": "<time>",
    "at": "<time>",
    "expiresAt": "<time>",
    "epoch": "<epoch>",
    "x-topic-epoch": "<epoch>",
}
WIDTH = 118
API = "http://localhost:8000/api/v1"
PASSWORD = "correct horse battery"


def masked(value):
    """The value with everything replaced that differs from run to run."""
    if isinstance(value, dict):
        return {name: MASKED.get(name) or masked(member) for name, member in value.items()}
    if isinstance(value, list):
        return [masked(element) for element in value]
    return value


def pretty(value, indent=0, prefix=0):
    """JSON on one line where it fits behind `prefix` characters, else as many members on a line as fit."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + prefix + len(line) <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return line
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        names = [f"{json.dumps(name)}: " for name in value]
        members = [name + pretty(member, indent + 2, len(name)) for name, member in zip(names, value.values())]
    else:
        members = [pretty(element, indent + 2) for element in value]
    lines = [pad + members[0]]
    for member in members[1:]:
        fits = "\n" not in lines[-1] + member and len(lines[-1]) + len(member) + 3 <= WIDTH
        lines[-1] += ", " + member if fits else ","
        if not fits:
            lines.append(pad + member)
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opening}\n" + "\n".join(lines) + f"\n{' ' * indent}{closing}"


class Stage:
    """Two nodes, and the lines of the transcript that is being written."""

    def __init__(self, ports):
        self.ports = ports
        self.lines = []
        self.variables = {}
        self.socket = None

    def note(self, text):
        self.lines.append(f"# {text}")

    def curl(self, *arguments, body=True):
        """Runs curl through a shell as it is shown; `$token` and the like are the variables. Returns what came, parsed."""
        shown = "curl -i " + " ".join(arguments)
        command = shown
        for shown_port, port in zip(SHOWN_PORTS, self.ports):
            command = command.replace(f"localhost:{shown_port}", f"localhost:{port}")
        environment = {**os.environ, **self.variables}
        done = subprocess.run(
            ["bash", "-c", command.replace("curl -i", "curl -si --noproxy '*' --max-time 20")],
            capture_output=True, text=True, env=environment, check=True,
        )
        head, _, text = done.stdout.replace("\r", "").partition("\n\n")
        status, *headers = head.split("\n")
        answer = json.loads(text) if text else None
        self.lines.append(f"$ {wrapped(shown)}")
        self.lines.append(status)
        for header in headers:
            name, _, value = header.partition(": ")
            if name.lower() in SHOWN_HEADERS:
                self.lines.append(f"{name}: {MASKED.get(name.lower(), value)}")
        if answer is not None and body:
            self.lines += ["", pretty(masked(answer))]
        self.lines.append("")
        return answer

    def quietly(self, *arguments):
        """As curl, but not shown."""
        before = len(self.lines)
        answer = self.curl(*arguments)
        del self.lines[before:]
        return answer

    def connect(self, node):
        """Opens a socket with the access token of reception."""
        self.note(f"ws://localhost:{SHOWN_PORTS[node]}/ws, subprotocols adelante.v1 and bearer.$token")
        token = self.variables["token"]
        self.socket = Socket("localhost", self.ports[node], "/ws", ["adelante.v1", f"bearer.{token}"])

    def say(self, **command):
        text = json.dumps(command, separators=(",", ":"))
        self.socket.send(text)
        shown = json.dumps(masked(command), separators=(",", ":"), ensure_ascii=False)
        self.lines.append(f"> {shown}")

    def hear(self, short=False):
        """The next message; `short` leaves only the first member of its data."""
        message = self.socket.receive_json()
        text = masked(message)
        if short:
            shown = json.dumps(text, separators=(",", ":"), ensure_ascii=False)
            if "data" in text:
                first = json.dumps(dict([next(iter(text["data"].items()))]), separators=(",", ":"))
                shown = shown[: shown.index('"data":')] + f'"data":{first[:-1]},…}}}}'
        else:
            shown = pretty(text, 2)
        self.lines.append(f"< {shown}")
        return message

    def cut(self):
        """The line is cut: no close frame, nothing."""
        self.socket.stream.close()

    def transcript(self):
        """What was written since the last one."""
        text = "\n".join(self.lines).strip("\n")
        self.lines = []
        return text


def wrapped(command):
    """A long command over several lines, broken before an option."""
    lines, line = [], ""
    for part in re.split(r" (?=-)", command):
        if line and len(line) + len(part) > WIDTH - 4:
            lines.append(line)
            line = f"    {part}"
        else:
            line = f"{line} {part}" if line else part
    return " \\\n".join([*lines, line])


def prepare(stage):
    """A salon with an owner, a master, somebody at reception, a service and a client."""
    def post(path, body, token=None):
        stage.variables["bearer"] = token or ""
        header = " -H \"Authorization: Bearer $bearer\"" if token else ""
        return stage.quietly(f"{API}{path} --json '{json.dumps(body, ensure_ascii=False)}'{header}")

    owner = post("/auth/setup", {"email": "owner@salon.example", "password": PASSWORD})["access_token"]
    post("/staff", {"firstName": "Олена", "lastName": "Коваль", "position": "master"}, owner)
    post("/staff", {"firstName": "Ірина", "lastName": "Мороз", "position": "administrator", "email": "iryna@salon.example"}, owner)
    post("/services", {"name": "Стрижка", "duration": 60, "price": 500}, owner)
    post("/clients", {"firstName": "Марія", "lastName": "Бондар", "phone": "+380 67 123 45 67"}, owner)
    post("/auth/setup", {"email": "iryna@salon.example", "password": PASSWORD})


def visit(**fields):
    """The body of a visit with Олена on 18 May."""
    body = {"clientId": 1, "staffId": 1, "service": "Стрижка", "date": "2026-05-18", **fields}
    return f"--json '{json.dumps(body, ensure_ascii=False)}'"


def transcripts(stage):
    """All of them, by name, in the order in which they happen."""
    token = '-H "Authorization: Bearer $token"'
    english = "-H 'Accept-Language: en'"
    prepare(stage)

    login = {"email": "iryna@salon.example", "password": PASSWORD}
    answer = stage.curl(f"{API}/auth/login --json '{json.dumps(login)}'")
    stage.variables["token"] = answer["access_token"]
    yield "login", stage.transcript()

    stage.connect(1)
    stage.say(type="subscribe", topic="appointments")
    epoch = stage.hear(short=True)["epoch"]
    stage.note("a write on the other node")
    stage.curl(f"{API}/appointments {token}", visit(startTime="14:00", endTime="15:00"), body=False)
    stage.note("the socket on localhost:8001")
    seen = stage.hear()["seq"]
    stage.cut()
    yield "two-nodes", stage.transcript()

    stage.curl(f"{API}/appointments {token} {english}", visit(startTime="14:30", endTime="15:30"))
    yield "slot-taken", stage.transcript()

    change = f"-X PUT {API}/appointments/1 {token} {english} -H 'If-Match: \"1\"' --json"
    stage.curl(f"{change} '{{\"startTime\":\"15:00\",\"endTime\":\"16:00\"}}'", body=False)
    stage.note("somebody else, who still looks at version 1")
    stage.curl(f"{change} '{{\"startTime\":\"17:00\",\"endTime\":\"18:00\"}}'")
    yield "version-conflict", stage.transcript()

    stage.note("the socket's line was cut after seq 1; meanwhile the visit was moved, and now it is confirmed")
    stage.curl(f"-X PATCH {API}/appointments/1/status {token} --json '{{\"status\":\"confirmed\"}}'", body=False)
    stage.note("the client comes back, to the other node")
    stage.connect(0)
    stage.say(type="subscribe", topic="appointments", since=seen, epoch=epoch)
    for _ in range(3):
        stage.hear(short=True)
    stage.socket.close()
    yield "resume", stage.transcript()

    stage.note("the snapshot, and where the topic stood when it was read")
    rows = stage.curl(f"'{API}/appointments?date=2026-05-18' {token}", body=False)
    assert [row["version"] for row in rows] == [3]
    stage.connect(1)
    stage.say(type="subscribe", topic="appointments", since=3, epoch=epoch, id=1)
    stage.hear(short=True)
    stage.say(type="subscribe", topic="weather", id="w")
    stage.hear(short=True)
    stage.note("somebody deletes the visit")
    stage.curl(f"-X DELETE {API}/appointments/1 {token}", body=False)
    stage.hear(short=True)
    stage.say(type="ping", id=2)
    stage.hear(short=True)
    stage.note("the line is cut, the deletion is taken back, the client returns to another node")
    stage.cut()
    stage.curl(f"-X POST {API}/appointments/1/restore {token}", body=False)
    stage.connect(0)
    stage.say(type="subscribe", topic="appointments", since=4, epoch=epoch, id=1)
    stage.hear(short=True)
    stage.hear(short=True)
    stage.say(type="unsubscribe", topic="appointments", id=2)
    stage.hear(short=True)
    stage.socket.close()
    yield "socket", stage.transcript()


def rewrite(page, texts):
    """The page with each of its transcripts as it is now, and the names that it shows."""
    shown = []

    def replace(match):
        name = match[1]
        shown.append(name)
        return f"<!-- transcript:{name} -->\n```console\n{texts[name]}\n```\n<!-- /transcript:{name} -->"

    pattern = re.compile(r"<!-- transcript:([\w-]+) -->\n.*?<!-- /transcript:\1 -->", re.DOTALL)
    return pattern.sub(replace, page), shown


def main(arguments):
    check = arguments[2:] == ["--check"]
    texts = dict(transcripts(Stage([int(port) for port in arguments[:2]])))
    differs, shown = False, set()
    for name in PAGES:
        with open(name, encoding="utf-8") as file:
            before = file.read()
        after, names = rewrite(before, texts)
        shown.update(names)
        if after == before:
            continue
        differs = True
        if check:
            lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, "as it is now", lineterm="")
            print("\n".join(lines))
        else:
            with open(name, "w", encoding="utf-8") as file:
                file.write(after)
            print(f"{name} is rewritten")
    missing = set(texts) - shown
    if missing:
        sys.exit(f"no page shows the transcript {', '.join(sorted(missing))}")
    if check and differs:
        sys.exit("the transcripts differ: run scripts/transcripts")
    if not differs:
        print(f"{len(texts)} transcripts are as the server answers")


if __name__ == "__main__":
    main(sys.argv[1:])
