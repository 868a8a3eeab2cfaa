"""Tasks in the background, whose failures end the run."""

import asyncio
from collections.abc import Coroutine
from typing import Any


class Crew:
    """Tasks that go on until they are dismissed; one that fails makes `race` raise its error."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[Any]] = []
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        self.tasks.append(task)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self.failure.done():
            self.failure.set_exception(error)

    async def race(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Does the work, unless one of the tasks fails first."""
        main = asyncio.create_task(work)
        try:
            await asyncio.wait({main, self.failure}, return_when=asyncio.FIRST_COMPLETED)
            if self.failure.done():
                self.failure.result()
            return main.result() if main.done() else None
        finally:
            await dismiss([main])

    async def dismiss(self) -> None:
        await dismiss(self.tasks)


async def dismiss(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
