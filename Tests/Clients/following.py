"""A Follower of examples/python that notes what it heard, and how to run one beside what happens to it."""

import asyncio
import concurrent.futures

import adelante
from harness.salon import ACCOUNTS, PASSWORD

LIMIT = 60


class Follower(adelante.Follower):
    """It notes what it heard and where."""

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        self.snapshots, self.heard, self.homes, self.changed = [], [], [], asyncio.Event()

    async def follow(self):
        async for kind, value in self:
            if kind == "snapshot":
                self.snapshots.append(value)
            else:
                self.heard.append(value)
            self.changed.set()

    async def received(self, socket):
        self.homes.append(self.node)
        self.changed.set()
        async for item in super().received(socket):
            yield item

    async def until(self, condition):
        while not condition():
            self.changed.clear()
            await self.changed.wait()


def follower(nodes, tokens=None, **more):
    made = Follower([node.url for node in nodes], {"email": ACCOUNTS["owner"], "password": PASSWORD}, "clients", "/clients", **more)
    made.tokens |= tokens or {}
    return made


def run(work):
    """The coroutine to its end, with a limit. In a thread of its own: Playwright's loop holds this one."""

    async def limited():
        async with asyncio.timeout(LIMIT):
            return await work

    with concurrent.futures.ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, limited()).result()


async def beside(made, work):
    """Does the work while it follows; what ends the following ends both."""
    following, working = asyncio.ensure_future(made.follow()), asyncio.ensure_future(work)
    try:
        await asyncio.wait({following, working}, return_when=asyncio.FIRST_COMPLETED)
        return await (working if working.done() else following)
    finally:
        following.cancel()
        working.cancel()
