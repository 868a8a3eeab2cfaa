"""Taps in Telegram, and when a login page hears of them: what scripts/telegram-latency runs.

Arguments: the sandbox's port, the ports of two nodes, how many taps."""

import http.client
import itertools
import json
import random
import sys
import time

from websocket import Socket

PERSON = {"id": 7_000_000_123, "is_bot": False, "first_name": "Оксана", "language_code": "uk"}
CHAT = {"id": PERSON["id"], "type": "private"}
numbers = itertools.count(1)


class Server:
    """One kept connection to a server of this machine."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None, headers=()):
        """The answer's JSON; anything but 2xx is an error."""
        head = {"Content-Type": "application/json", **dict(headers)}
        self.connection.request(method, path, None if body is None else json.dumps(body).encode(), head)
        answer = self.connection.getresponse()
        text = answer.read()
        if not 200 <= answer.status < 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
        return json.loads(text)


def send(node, secret, kind, content):
    """An update, as Telegram sends it to a webhook."""
    update = {"update_id": next(numbers), kind: content}
    node.ask("POST", "/api/v1/telegram/webhook", update, {"X-Telegram-Bot-Api-Secret-Token": secret}.items())


def login(taker, page, port, secret):
    """One login.

    Returns the seconds from the tap to the frame, and those that a GET of the status takes."""
    begun = page.ask("POST", "/api/v1/auth/telegram/init")
    start = begun["deep_link"].split("start=")[1]
    socket = Socket("127.0.0.1", port, timeout=60)
    socket.send(json.dumps({"type": "subscribe", "topic": f"telegram:{begun['auth_code']}"}))
    expect(socket, "pending")
    message = {"message_id": 1, "from": PERSON, "chat": CHAT, "date": int(time.time()), "text": f"/start {start}"}
    send(taker, secret, "message", message)
    button = {"confirmed": "confirm", "awaiting_confirmation": "register"}[expect(socket)]
    asked = time.perf_counter()
    status = page.ask("GET", f"/api/v1/auth/telegram/status/{begun['auth_code']}")["status"]
    answered = time.perf_counter()
    query = {"id": start, "from": PERSON, "data": f"{button}:{start}", "message": {"message_id": 2, "chat": CHAT, "date": 1}}
    body = json.dumps({"update_id": next(numbers), "callback_query": query}).encode()
    tapped = time.perf_counter()
    # The answer is read behind the frame: the page does not wait for it.
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": secret}
    taker.connection.request("POST", "/api/v1/telegram/webhook", body, headers)
    expect(socket, "completed")
    heard = time.perf_counter()
    taker.connection.getresponse().read()
    if "access_token" not in page.ask("GET", f"/api/v1/auth/telegram/status/{begun['auth_code']}"):
        raise SystemExit(f"no tokens after {status} and completed")
    socket.close()
    return heard - tapped, answered - asked


def expect(socket, *statuses):
    """The next status; one of these, if any are given."""
    while True:
        frame = socket.receive_json()
        if frame["type"] == "telegram:status":
            status = frame["data"]["status"]
            if statuses and status not in statuses:
                raise SystemExit(f"{status} instead of {statuses}")
            return status


def line(name, seconds):
    """Median, 99th percentile and the longest, in milliseconds."""
    ordered = sorted(seconds)
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1_000
    print(f"{name:<34} p50 {at(0.5):8.2f} ms   p99 {at(0.99):8.2f} ms   max {ordered[-1] * 1_000:8.2f} ms")


def main():
    """The measurement."""
    telegram, first, second, taps = map(int, sys.argv[1:])
    calls = Server(telegram).ask("GET", "/sandbox/calls?method=setWebhook&timeout=20")["calls"]
    secret = calls[0]["parameters"]["secret_token"]
    taker, page = Server(first), Server(second)
    page.ask("POST", "/api/v1/auth/setup", {"email": "owner@latency.test", "password": "a long password"})
    for _ in range(20):
        login(taker, page, second, secret)
    measured = [login(taker, page, second, secret) for _ in range(taps)]
    pushed = [tap for tap, _ in measured]
    line(f"pushed, {taps} taps", pushed)
    # A page that asks every second sees the change at its next question, whose time within the second is chance.
    line("asked once a second (computed)", [tap + random.random() + get for tap, get in measured])


main()
