"""The salon that is asked about: an account of each role, and some rows of each kind."""

import json
import urllib.error
import urllib.request

ROLES = ("admin", "manager", "receptionist", "master")
PASSWORD = "a password of the testers"

# The testers keep their accounts, whatever is tried on them: without one nothing more could be asked.
KEEPERS = """
CREATE FUNCTION keep_tester() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.email := OLD.email; NEW.role := OLD.role; NEW.is_active := OLD.is_active; NEW.hashed_password := OLD.hashed_password;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_tester BEFORE UPDATE ON users FOR EACH ROW WHEN (OLD.email LIKE '%@testers.test')
    EXECUTE FUNCTION keep_tester();
"""

# Everybody has some from the first ids on.
NOTIFICATIONS = """
INSERT INTO notifications (salon_id, user_id, type, title, message)
SELECT salon_id, id, 'info', 'Вітаємо', '' FROM users, generate_series(1, 10);
"""

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url, method, path, body=None, token=None):
    """The answer's JSON; an error if it is no success."""
    request = urllib.request.Request(f"{url}/api/v1{path}", method=method)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if token:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with _OPENER.open(request, timeout=30) as answer:
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from None


def email(role):
    return f"{role}@testers.test"


def login(url, role):
    """A new access token."""
    return ask(url, "POST", "/auth/login", {"email": email(role), "password": PASSWORD})["access_token"]


def make(url, execute):
    """An account of each role; a few rows of the first ids, which are those that are asked for most."""
    token = ask(
        url,
        "POST",
        "/auth/register",
        {"email": email("admin"), "password": PASSWORD, "first_name": "Олена", "salon_name": "Перевірка"},
    )["access_token"]
    for role in ROLES[1:]:
        ask(url, "POST", "/users", {"email": email(role), "password": PASSWORD, "first_name": role, "role": role}, token)
    for number in range(1, 6):
        ask(url, "POST", "/clients", {"firstName": f"Клієнтка {number}", "phone": f"067000000{number}"}, token)
        ask(url, "POST", "/staff", {"firstName": f"Майстриня {number}"}, token)
        ask(url, "POST", "/services", {"name": f"Послуга {number}", "price": 100 * number, "duration": 30}, token)
        times = {"date": "2026-05-18", "startTime": f"{9 + number:02}:00", "endTime": f"{10 + number:02}:00"}
        ask(url, "POST", "/appointments", {"clientId": number, "staffId": number, "serviceId": number, **times}, token)
    execute(NOTIFICATIONS)


def fetch(address):
    """The JSON that stands there."""
    with _OPENER.open(address, timeout=30) as answer:
        return json.load(answer)


def remember(url, folder):
    """Notes what the roles may do."""
    roles = ask(url, "GET", "/settings/roles", token=login(url, "admin"))
    (folder / "roles.json").write_text(json.dumps(roles))


def restore(url, folder):
    """The roles may do again what they could at first."""
    token = login(url, "admin")
    for role in json.loads((folder / "roles.json").read_text()):
        ask(url, "PUT", f"/settings/roles/{role['role']}", {"permissions": role["permissions"]}, token)
