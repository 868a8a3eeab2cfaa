"""A login as a client has it: the tokens, and when to ask for a fresh one by a clock that may be wrong."""

import asyncio
import base64
import json
import time
from collections.abc import Callable

from .rest import Lines, NoAnswer
from .processes import ChaosError

MARGIN = 20.0  # seconds before the end of a token, by the client's own clock
PAUSE = 2.0  # a clock that runs ahead by hours must not mean a refresh with every breath
ATTEMPTS = 400


class Session:
    """Signed in as one person. `port` says where to ask at present."""

    def __init__(self, email: str, password: str, lines: Lines, port: Callable[[], int]) -> None:
        self.email, self.password, self.lines, self.port = email, password, lines, port
        self.notes: list[str] = []  # answers that no login should get
        self.access, self.refresh_token = "", ""
        self.clock_error = 0.0
        self.refreshed_at = -PAUSE
        self.refreshes = 0
        self.lock = asyncio.Lock()

    async def login(self) -> None:
        answer = await self._ask("/api/v1/auth/login", {"email": self.email, "password": self.password})
        self.access, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.refreshed_at = time.monotonic()

    def seconds_left(self) -> float:
        """How long the access token is good, as far as this client can tell."""
        payload = self.access.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"]) - (time.time() + self.clock_error)

    async def fresh(self, is_refused: bool = False) -> str:
        """An access token that is good. `is_refused`: the server has just said that the present one is not."""
        async with self.lock:
            is_new = time.monotonic() - self.refreshed_at < PAUSE
            if (is_refused or self.seconds_left() < MARGIN) and not is_new:
                answer = await self._ask("/api/v1/auth/refresh", {"refresh_token": self.refresh_token})
                self.access = answer["access_token"]
                self.refreshed_at = time.monotonic()
                self.refreshes += 1
            return self.access

    async def _ask(self, path: str, body: dict[str, str]) -> dict[str, str]:
        for _ in range(ATTEMPTS):
            try:
                answer = await self.lines.to(self.port()).ask("POST", path, body)
            except NoAnswer:
                await asyncio.sleep(0.3)
                continue
            if answer.status == 200:
                return answer.body
            if answer.status != 503:
                self.notes.append(f"{path} of {self.email} was answered with {answer.status} {answer.code}")
            await asyncio.sleep(0.3)
        raise ChaosError(f"{path} of {self.email} never succeeded")
