"""The Telegram sandbox and aiogram, a client of the Bot API that was not made for it."""

import asyncio
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Browser"))

import pytest  # noqa: E402
from aiogram import Bot  # noqa: E402
from aiogram.client.session.aiohttp import AiohttpSession  # noqa: E402
from aiogram.client.telegram import TelegramAPIServer  # noqa: E402

from harness.sandbox import Sandbox  # noqa: E402

LIMIT = 60


@pytest.fixture
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    assert sandbox.stop() == 0, "it ends in order when it is asked to"


@pytest.fixture
def with_bot(sandbox):
    """`with_bot(work)`: runs the coroutine function with a bot of aiogram's, to its end."""

    def run(work, token=Sandbox.token):
        async def main():
            session = AiohttpSession(api=TelegramAPIServer.from_base(sandbox.url))
            async with Bot(token, session=session) as bot:
                return await asyncio.wait_for(work(bot), LIMIT)

        return asyncio.run(main())

    return run


@pytest.fixture
def person(sandbox):
    """`await person(action, ...)`: what somebody does, while the bot works."""

    async def act(action, *arguments, **more):
        return await asyncio.to_thread(getattr(sandbox, action), *arguments, **more)

    return act
