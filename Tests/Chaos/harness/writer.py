"""One writer: requests that are repeated until their outcome is known."""

import asyncio
from collections.abc import Mapping
from typing import Any

from . import findings
from .rest import Answer, Lines, NoAnswer
from .salon import PASSWORD
from .session import Session
from .world import World

PROXIED = 0.5


class Outcome:
    """The last answer, and whether an earlier attempt may have had its effect unseen."""

    def __init__(self, answer: Answer, is_uncertain: bool, attempts: int) -> None:
        self.answer, self.is_uncertain, self.attempts = answer, is_uncertain, attempts

    @property
    def was_retried(self) -> bool:
        return self.attempts > 1


class Writer:
    """Signed in as one person; every attempt goes to some node, directly or through its proxy."""

    def __init__(self, world: World, name: str, email: str) -> None:
        self.world, self.name = world, name
        self.dice = world.dice(name)
        self.lines = Lines()
        self.session = Session(email, PASSWORD, Lines(), lambda: world.port(self.dice, 0))
        self.count = 0

    def marker(self) -> str:
        """A text that this write alone carries."""
        self.count += 1
        return f"{self.name}-{self.count}"

    async def send(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Outcome:
        """Repeats the request until it is known what became of it."""
        is_uncertain, attempts = False, 0
        while True:
            attempts += 1
            token = await self.session.fresh()
            line = self.lines.to(self.world.port(self.dice, PROXIED))
            try:
                answer = await line.ask(method, f"/api/v1{path}", body, {"Authorization": f"Bearer {token}", **(headers or {})})
            except NoAnswer:
                is_uncertain = True
                self.world.ledger.lost_answers += 1
            else:
                if answer.status == 401:
                    await self.session.fresh(is_refused=True)
                elif answer.status == 500:
                    is_uncertain = True
                    self.world.findings.add(findings.ANSWER, f"{method} {path}: 500 {answer.code}")
                elif answer.code == "OUTCOME_UNKNOWN":
                    is_uncertain = True
                    self.world.ledger.lost_answers += 1
                elif answer.status != 503 and answer.code != "IDEMPOTENCY_IN_PROGRESS":
                    return Outcome(answer, is_uncertain, attempts)
            await asyncio.sleep(self.dice.uniform(0.05, 0.4))

    def wrong(self, what: str, outcome: Outcome) -> None:
        """An answer that this request should not have got."""
        answer = outcome.answer
        self.world.findings.add(findings.WRITE, f"{what}: {answer.status} {answer.code} after {outcome.attempts} attempts")
