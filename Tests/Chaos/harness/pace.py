"""How fast the writers write together."""

import asyncio
import time


class Pace:
    """A steady rate; what an outage held up is caught up with afterwards."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self.begun = time.monotonic()
        self.given = 0

    async def next(self) -> None:
        """Waits for this writer's turn."""
        due = self.begun + self.given / self.per_second
        self.given += 1
        await asyncio.sleep(max(0.0, due - time.monotonic()))
