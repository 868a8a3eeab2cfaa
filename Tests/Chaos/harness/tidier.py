"""Somebody who reads notifications, one by one and all at once: the counts of two readers' devices have to agree."""

import asyncio

from .writer import Writer


class Tidier(Writer):
    """Works through one person's notifications."""

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(self.dice.uniform(1, 5))
            if self.dice.random() < 0.3:
                await self.read("/notifications/read-all")
                continue
            outcome = await self.send("GET", "/notifications?read=false&perPage=3")
            if outcome.answer.status != 200:
                self.wrong("listing notifications", outcome)
                continue
            for one in outcome.answer.body["data"]:
                await self.read(f"/notifications/{one['id']}/read")

    async def read(self, path: str) -> None:
        outcome = await self.send("PATCH", path)
        if outcome.answer.status != 200:
            self.wrong(f"reading {path}", outcome)
