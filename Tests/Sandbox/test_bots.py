"""Whole bots, as people write them with aiogram: polling, webhook, buttons, edits."""

import asyncio
import contextlib
import socket

from aiogram import Dispatcher, F, Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from harness.sandbox import IRYNA, OKSANA, TOM

KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text="✅ Так", callback_data="yes:1")],
        [InlineKeyboardButton(text="❌ Ні", callback_data="no:1"), InlineKeyboardButton(text="?", url="https://example.org/")],
    ]
)


def login_bot():
    """Asks whoever opens a link, and edits its question when a button is tapped."""
    router = Router()

    @router.message(CommandStart(deep_link=True))
    async def start(message, command: CommandObject):
        await message.answer(f"<b>{command.args}</b> &amp; {message.from_user.id}", parse_mode="HTML", reply_markup=KEYBOARD)

    @router.message(CommandStart())
    async def greet(message):
        await message.answer("Привіт")

    @router.callback_query(F.data.startswith("yes:"))
    async def yes(query):
        await query.message.edit_text("Вхід підтверджено", parse_mode="HTML")
        await query.answer("Готово")

    @router.callback_query()
    async def no(query):
        await query.answer("Код застарів", show_alert=True)

    dispatcher = Dispatcher()
    dispatcher.include_router(router)
    return dispatcher


@contextlib.asynccontextmanager
async def polling(dispatcher, bot):
    task = asyncio.create_task(dispatcher.start_polling(bot, polling_timeout=20, handle_signals=False, close_bot_session=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


def test_a_polling_bot_is_opened_answers_and_edits(sandbox, with_bot, person):
    async def work(bot):
        async with polling(login_bot(), bot):
            await person("open", OKSANA, "code-1_A")
            sent = (await person("calls", method="sendMessage"))[-1]
            assert sent["parameters"]["chat_id"] == str(OKSANA)
            *_, question = await person("messages", OKSANA)
            assert question["text"] == f"code-1_A & {OKSANA}"
            assert question["entities"] == [{"offset": 0, "length": 8, "type": "bold"}]
            rows = question["reply_markup"]["inline_keyboard"]
            assert [[button["text"] for button in row] for row in rows] == [["✅ Так"], ["❌ Ні", "?"]]

            refused = await person("tap", OKSANA, 1)
            assert refused["answered"] and refused["text"] == "Код застарів" and refused["show_alert"]
            answered = await person("tap", OKSANA, 0, message=question["message_id"])
            assert answered["text"] == "Готово" and not answered["show_alert"]
            *_, edited = await person("messages", OKSANA)
            assert edited["message_id"] == question["message_id"]
            assert edited["text"] == "Вхід підтверджено" and "edit_date" in edited
            assert "reply_markup" not in edited, "an edit without a keyboard takes the buttons away"

            await person("open", IRYNA)
            await person("calls", after=sent["number"], method="sendMessage")
            assert (await person("messages", IRYNA))[-1]["text"] == "Привіт"

    with_bot(work)


def test_names_come_as_people_wrote_them(sandbox, with_bot, person):
    seen = asyncio.Queue()

    async def work(bot):
        dispatcher = Dispatcher()
        dispatcher.message()(seen.put)
        async with polling(dispatcher, bot):
            await person("open", TOM)
            message = await seen.get()
            assert message.from_user.first_name == "Tom & <b>Jerry</b>" and message.from_user.last_name == "O'Neil"
            assert message.from_user.language_code == "en" and message.chat.type == "private"
            assert message.text == "/start" and message.entities[0].type == "bot_command"
            added = await person("act", "people", first_name="Нова", language_code="uk")
            assert added["id"] > 2**32
            await person("write", added["id"], "вітаю")
            message = await seen.get()
            assert message.from_user.full_name == "Нова" and message.text == "вітаю" and message.from_user.username is None

    with_bot(work)


@contextlib.asynccontextmanager
async def serving(dispatcher, bot, secret):
    """A webhook of aiogram's; its address, and the secrets that came."""
    secrets = []
    app = web.Application()

    @web.middleware
    async def note(request, handler):
        secrets.append(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
        return await handler(request)

    app.middlewares.append(note)
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token=secret).register(app, "/hook")
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await web.SockSite(runner, listener).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook", secrets
        finally:
            await runner.cleanup()


def test_a_webhook_gets_updates_with_its_secret_until_it_takes_them(sandbox, with_bot, person):
    async def work(bot):
        async with serving(login_bot(), bot, "right-Secret_1") as (url, secrets):
            # Nobody takes it with the wrong secret, so it is kept and sent again.
            await bot.set_webhook(url, secret_token="wrong", allowed_updates=["message", "callback_query"], max_connections=5)
            await person("open", OKSANA, "abc")
            await person("await_state", lambda state: state["webhook_error"])
            info = await bot.get_webhook_info()
            assert info.url == url and info.pending_update_count == 1 and info.max_connections == 5
            assert info.allowed_updates == ["callback_query", "message"]
            assert info.last_error_message == "Wrong response from the webhook: 401"
            assert set(secrets) == {"wrong"}

            await bot.set_webhook(url, secret_token="right-Secret_1")
            await person("calls", method="sendMessage")
            assert secrets[-1] == "right-Secret_1"
            answered = await person("tap", OKSANA, 0)
            assert answered["text"] == "Готово"
            await person("await_state", lambda state: state["pending"] == 0)
            assert await bot.delete_webhook()
            assert (await bot.get_webhook_info()).url == ""

    with_bot(work)


def test_a_webhook_may_begin_without_what_waited(sandbox, with_bot, person):
    async def work(bot):
        dispatcher, seen = Dispatcher(), asyncio.Queue()
        dispatcher.message()(seen.put)
        await person("write", OKSANA, "before")
        async with serving(dispatcher, bot, None) as (url, secrets):
            await bot.set_webhook(url, drop_pending_updates=True)
            await person("write", OKSANA, "after")
            assert (await seen.get()).text == "after"
            assert secrets == [None]

    with_bot(work)
