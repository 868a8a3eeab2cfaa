"""getUpdates as Telegram documents it, and what people can do to a bot."""

import asyncio
import time

import pytest
from aiogram.exceptions import TelegramConflictError

from harness.sandbox import GROUP, IRYNA, OKSANA, STRANGER, Refused


def test_updates_stay_until_a_higher_offset_confirms_them(sandbox, with_bot):
    async def work(bot):
        for text in "abcd":
            sandbox.write(OKSANA, text)
        first = await bot.get_updates(limit=2)
        assert [update.message.text for update in first] == ["a", "b"]
        assert [update.message.text for update in await bot.get_updates(limit=2)] == ["a", "b"]
        rest = await bot.get_updates(offset=first[-1].update_id + 1)
        assert [update.message.text for update in rest] == ["c", "d"]
        assert [update.update_id for update in rest] == [first[-1].update_id + 1, first[-1].update_id + 2]
        last = await bot.get_updates(offset=-1)
        assert [update.message.text for update in last] == ["d"], "all before it are forgotten"
        assert await bot.get_updates(offset=last[-1].update_id + 1) == []

    with_bot(work)


def test_a_long_poll_ends_with_the_first_update(sandbox, with_bot, person):
    async def work(bot):
        begin = time.monotonic()
        waiting = asyncio.create_task(bot.get_updates(timeout=50))
        await person("await_listener")
        await person("write", OKSANA, "hello")
        assert [update.message.text for update in await waiting] == ["hello"]
        assert time.monotonic() - begin < 20
        begin = time.monotonic()
        assert await bot.get_updates(offset=2**40, timeout=1) == []
        assert 0.9 < time.monotonic() - begin < 20

    with_bot(work)


def test_the_newer_of_two_polls_ends_the_older(sandbox, with_bot, person):
    async def work(bot):
        older = asyncio.create_task(bot.get_updates(timeout=50))
        await person("await_listener")
        newer = asyncio.create_task(bot.get_updates(timeout=50))
        with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request; make sure that only one bot"):
            await older
        sandbox.write(OKSANA, "for the newer")
        assert len(await newer) == 1

    with_bot(work)


def test_there_is_no_polling_while_a_webhook_is_set(with_bot, person):
    async def work(bot):
        waiting = asyncio.create_task(bot.get_updates(timeout=50))
        await person("await_listener")
        await bot.set_webhook("http://127.0.0.1:9/hook")
        with pytest.raises(TelegramConflictError, match="terminated by setWebhook request"):
            await waiting
        with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active; use deleteWebhook"):
            await bot.get_updates()
        await bot.delete_webhook()
        assert await bot.get_updates() == []

    with_bot(work)


def test_only_what_is_allowed_comes_and_the_setting_stays(sandbox, with_bot):
    async def work(bot):
        assert await bot.get_updates(allowed_updates=["callback_query"]) == []
        sandbox.write(OKSANA, "not wanted")
        assert await bot.get_updates() == []
        assert await bot.get_updates(allowed_updates=["message"]) == []
        message = sandbox.write(OKSANA, "wanted")
        sandbox.act("edit", person=OKSANA, message=message["message_id"], text="not wanted")
        assert [update.message.text for update in await bot.get_updates()] == ["wanted"]
        await bot.get_updates(allowed_updates=[])
        sandbox.act("edit", person=OKSANA, message=message["message_id"], text="wanted again")
        assert (await bot.get_updates(offset=-1))[0].edited_message.text == "wanted again"

    with_bot(work)


def test_groups_forwards_edits_and_other_bots_say_what_they_are(sandbox, with_bot):
    async def work(bot):
        sandbox.write(IRYNA, "/start abc", chat=GROUP)
        sandbox.write(IRYNA, "/start abc", forwarded=True)
        message = sandbox.write(IRYNA, "/start abc", via_bot=True, date=1_700_000_000)
        sandbox.act("edit", person=IRYNA, message=message["message_id"], text="/start other")
        sandbox.act("updates", update={"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}}})
        group, forwarded, via, edited, channel = await bot.get_updates()
        assert (group.message.chat.type, group.message.chat.id) == ("supergroup", GROUP)
        assert forwarded.message.forward_origin.type == "hidden_user"
        assert via.message.via_bot.is_bot and via.message.date.timestamp() == 1_700_000_000
        assert edited.edited_message.text == "/start other" and edited.edited_message.edit_date
        assert channel.channel_post.chat.type == "channel"

    with_bot(work)


def test_a_tap_can_be_forged(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        message = await bot.send_message(OKSANA, "question")
        sandbox.forge(STRANGER, message.message_id, "confirm:anything", chat=OKSANA)
        sandbox.forge(STRANGER, 999, "confirm:gone")
        forged, gone = [update.callback_query for update in (await bot.get_updates())[-2:]]
        assert (forged.from_user.id, forged.message.chat.id, forged.data) == (STRANGER, OKSANA, "confirm:anything")
        assert forged.message.text == "question"
        assert gone.message.date == 0, "an inaccessible message"

    with_bot(work)


def test_an_update_can_come_twice(sandbox, with_bot):
    async def work(bot):
        sandbox.write(OKSANA, "once")
        (update,) = await bot.get_updates()
        assert await bot.get_updates(offset=update.update_id + 1) == []
        sandbox.act("updates", update={"update_id": update.update_id, "message": sandbox.messages(OKSANA)[0]})
        assert [again.update_id for again in await bot.get_updates()] == [update.update_id]

    with_bot(work)


@pytest.mark.parametrize("start", ["", "a b", "a.b", "ї", "a" * 65, "a=b", "a/b"])
def test_a_link_carries_only_what_telegram_does(sandbox, start):
    with pytest.raises(Refused) as refused:
        sandbox.open(OKSANA, start)
    assert refused.value.status == 400
    assert sandbox.messages(OKSANA) == []


def test_a_link_is_opened_by_its_address(sandbox):
    start = "Az09_-" * 10 + "abcd"
    sandbox.act("open", person=OKSANA, link=sandbox.link(start))
    assert sandbox.messages(OKSANA)[0]["text"] == f"/start {start}"
    for link in (f"{sandbox.url}/other_bot?start=a", f"{sandbox.url}/{sandbox.username}?start="):
        with pytest.raises(Refused):
            sandbox.act("open", person=OKSANA, link=link)


@pytest.mark.parametrize(
    "action, body, status",
    [
        ("open", {}, 400),
        ("open", {"person": 1}, 404),
        ("tap", {"person": OKSANA}, 404),
        ("write", {"person": OKSANA, "text": ""}, 400),
        ("write", {"person": OKSANA, "text": "a" * 4097}, 400),
        ("write", {"person": OKSANA, "text": "a", "chat": IRYNA}, 404),
        ("edit", {"person": OKSANA, "message": 1, "text": "a"}, 404),
        ("people", {"first_name": ""}, 400),
        ("faults", {"error_code": 200}, 400),
        ("nothing", {}, 404),
    ],
)
def test_what_cannot_be_done_is_refused(sandbox, action, body, status):
    with pytest.raises(Refused) as refused:
        sandbox.act(action, **body)
    assert refused.value.status == status
