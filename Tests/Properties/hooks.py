"""What schemathesis is told beside the document: who asks."""

import itertools
import os
import pathlib
import threading

import salon
import schemathesis

URL = os.environ["PROPERTIES_URL"]
ROLE = os.environ["PROPERTIES_ROLE"]


class Tokens:
    """The role's login. It may be ended by what is tried: then there is another one."""

    def __init__(self):
        self._lock = threading.Lock()
        self._token = None

    def current(self):
        with self._lock:
            if self._token is None:
                self._token = salon.login(URL, ROLE)
            return self._token

    def ended(self, token):
        with self._lock:
            if token == self._token:
                self._token = None


TOKENS = Tokens()


@schemathesis.auth(refresh_interval=None)
class Login:
    """A live login of the role; one of its own for each request that ends it."""

    def get(self, case, context):
        ends_it = case.operation.label == "POST /api/v1/auth/logout"
        return salon.login(URL, ROLE) if ends_it else TOKENS.current()

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


KEYS = itertools.count(1)


@schemathesis.hook
def before_call(context, case, kwargs):
    """A key goes with one body: another request has another key. (That one key with two bodies is refused is no finding.)"""
    if case.headers and "Idempotency-Key" in case.headers and case.meta.generation.mode.is_positive:
        case.headers["Idempotency-Key"] = f"{ROLE}-{next(KEYS)}"


@schemathesis.hook
def after_call(context, case, response):
    sent = (case.headers or {}).get("Authorization", "")
    if response.status_code == 401:
        TOKENS.ended(sent.removeprefix("Bearer "))
    if case.operation.label == "PUT /api/v1/settings/roles/{role}" and response.status_code == 200:
        salon.restore(URL, pathlib.Path.cwd())
