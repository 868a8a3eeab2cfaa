"""The salon as its REST interface shows it: to prepare a day and to look what is true."""

import datetime
import itertools
import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
from zoneinfo import ZoneInfo

KYIV = ZoneInfo("Europe/Kyiv")
PASSWORD = "adelante-demo"
ACCOUNTS = {
    "owner": "owner@demo.adelante",
    "manager": "manager@demo.adelante",
    "reception": "reception@demo.adelante",
    "master": "master@demo.adelante",
    "lviv": "owner@lviv.demo.adelante",
}


def today():
    return datetime.datetime.now(KYIV).date()


class RESTError(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Salon:
    """One account's view of its salon."""

    def __init__(self, node, session):
        self.node = node
        self.session = session
        self._staff = None

    @classmethod
    def sign_in(cls, node, email, password=PASSWORD):
        return cls(node, _send(node, "POST", "/auth/login", {"email": email, "password": password}))

    @classmethod
    def register(cls, node, name, email, password=PASSWORD):
        owner = {
            "email": email,
            "password": password,
            "first_name": "Оксана",
            "last_name": "Власник",
            "phone": "",
            "salon_name": name,
        }
        return cls(node, _send(node, "POST", "/auth/register", owner))

    def call(self, method, path, body=None, **query):
        return _send(self.node, method, path, body, query, self.session["access_token"])

    @property
    def staff(self):
        if self._staff is None:
            self._staff = self.call("GET", "/appointments/calendar")["staff"]
        return self._staff

    def master(self, number):
        """The id of the column's master, in the calendar's order."""
        return self.staff[number]["id"]

    def book(self, client, date, start, end, staff=0, **more):
        """`staff`: a column's number; None for a visit without a master."""
        visit = {"clientName": client, "date": str(date), "startTime": start, "endTime": end, "service": "Стрижка жіноча", **more}
        if staff is not None:
            visit["staffId"] = self.master(staff)
        return self.call("POST", "/appointments", visit)

    def day(self, date):
        return self.call("GET", "/appointments", dateFrom=str(date), dateTo=str(date))

    def free_time(self, date, after, minutes):
        """The first time from `after` at which a master is free that long: the column's number and the start."""
        visits = [visit for visit in self.day(date) if visit["status"] not in ("cancelled", "no-show")]
        for start in range(_minutes(after), 20 * 60, 15):
            for column, master in enumerate(self.staff):
                taken = (v for v in visits if v["staffId"] == master["id"])
                if all(_minutes(v["endTime"]) <= start or start + minutes <= _minutes(v["startTime"]) for v in taken):
                    return column, f"{start // 60:02}:{start % 60:02}"
        raise AssertionError(f"nobody is free on {date}")


def _minutes(time):
    return int(time[:2]) * 60 + int(time[3:])


def _send(node, method, path, body=None, query=None, token=None):
    url = f"{node.url}/api/v1{path}"
    if query:
        url += "?" + urllib.parse.urlencode(query)
    headers = {"Content-Type": "application/json", "Accept-Language": "uk"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if method == "POST" and token:
        headers["Idempotency-Key"] = secrets.token_hex(12)
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise RESTError(error.code, error.read().decode(errors="replace")) from None
    return json.loads(text) if text else None


def quiet_days():
    """Days that the demo data leaves empty and on which all its masters work: Thursdays and Fridays from the third week on."""
    start = today() + datetime.timedelta(days=15)
    days = (start + datetime.timedelta(days=n) for n in itertools.count())
    return (day for day in days if day.weekday() in (3, 4))
