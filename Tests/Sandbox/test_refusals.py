"""What the Bot API refuses, in its words: aiogram sorts it by them."""

import asyncio
import json
import urllib.error
import urllib.request

import pytest
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from harness.sandbox import OKSANA, STRANGER

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def keyboard(data, text="a"):
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)]])


def ask(sandbox, path, body=None, content_type=None, method=None):
    """Status and body of a call made by hand."""
    headers = {"Content-Type": content_type} if content_type else {}
    request = urllib.request.Request(f"{sandbox.url}{path}", body, headers, method=method)
    try:
        with _OPENER.open(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.parametrize(
    "arguments, words",
    [
        ({"chat_id": OKSANA, "text": "a" * 4097}, "message is too long"),
        ({"chat_id": OKSANA, "text": ""}, "message text is empty"),
        ({"chat_id": OKSANA, "text": " \n "}, "message text is empty"),
        ({"chat_id": OKSANA, "text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"chat_id": 1, "text": "a"}, "chat not found"),
        ({"chat_id": "@nobody", "text": "a"}, "chat not found"),
        ({"chat_id": OKSANA, "text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: Can't find end tag corresponding to"),
        ({"chat_id": OKSANA, "text": "<div>a</div>", "parse_mode": "HTML"}, 'Unsupported start tag "div" at byte offset 0'),
        ({"chat_id": OKSANA, "text": "a", "parse_mode": "Word"}, "unsupported parse_mode"),
        ({"chat_id": OKSANA, "text": "a", "reply_markup": keyboard("ї" * 32 + "a")}, "BUTTON_DATA_INVALID"),
        ({"chat_id": OKSANA, "text": "a", "reply_markup": keyboard("a", "")}, "button text is empty"),
    ],
)
def test_a_message_that_cannot_be_sent(sandbox, with_bot, arguments, words):
    async def work(bot):
        sandbox.open(OKSANA)
        with pytest.raises(TelegramBadRequest) as refused:
            await bot.send_message(**arguments)
        assert words in refused.value.message

    with_bot(work)


def test_what_just_fits_is_sent(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        text = "<b>" + "ї" * 4096 + "</b>"
        message = await bot.send_message(OKSANA, text, parse_mode="HTML", reply_markup=keyboard("ї" * 32))
        assert message.text == "ї" * 4096 and message.html_text == text
        assert message.reply_markup.inline_keyboard[0][0].callback_data == "ї" * 32

    with_bot(work)


def test_formatting_comes_back_as_it_was(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        text = '👩🏽‍🦰 <b>a <i>b</i></b> <code>&lt;c&gt; &amp; &quot;</code> <a href="https://example.org/?a=1">d</a>'
        message = await bot.send_message(OKSANA, text, parse_mode="HTML")
        assert message.text == '👩🏽‍🦰 a b <c> & " d'
        assert message.html_text == text.replace("&quot;", '"')

    with_bot(work)


def test_edits(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        message = await bot.send_message(OKSANA, "<b>a</b>", parse_mode="HTML", reply_markup=keyboard("x"))

        async def refusal(**arguments):
            with pytest.raises(TelegramBadRequest) as refused:
                await bot.edit_message_text(chat_id=OKSANA, **arguments)
            return refused.value.message

        same = {"text": "<b>a</b>", "parse_mode": "HTML", "reply_markup": keyboard("x")}
        assert "message is not modified: specified new message content and reply markup are exactly the same" in await refusal(
            message_id=message.message_id, **same
        )
        assert "message to edit not found" in await refusal(message_id=999, text="b")
        assert "message can't be edited" in await refusal(message_id=sandbox.messages(OKSANA)[0]["message_id"], text="b")
        assert "message text is empty" in await refusal(message_id=message.message_id, text=" ")
        assert "MESSAGE_TOO_LONG" in await refusal(message_id=message.message_id, text="a" * 4097)
        edited = await bot.edit_message_text(chat_id=OKSANA, message_id=message.message_id, text="a")
        assert edited.text == "a" and edited.reply_markup is None and edited.edit_date

    with_bot(work)


def test_a_tap_is_answered_once_and_in_time(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        await bot.send_message(OKSANA, "a", reply_markup=keyboard("x"))
        tap = sandbox.tap(OKSANA, timeout=0)
        assert not tap["answered"]
        with pytest.raises(TelegramBadRequest, match="MESSAGE_TOO_LONG"):
            await bot.answer_callback_query(tap["id"], text="a" * 201)
        assert await bot.answer_callback_query(tap["id"], text="a" * 200)
        for query in (tap["id"], "123"):
            with pytest.raises(TelegramBadRequest, match="query is too old and response timeout expired or query ID is invalid"):
                await bot.answer_callback_query(query)

    with_bot(work)


def test_people_decide_who_may_write_to_them(sandbox, with_bot):
    async def work(bot):
        with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
            await bot.send_message(STRANGER, "a")
        sandbox.open(STRANGER)
        await bot.send_message(STRANGER, "a")
        sandbox.act("block", person=STRANGER)
        with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
            await bot.send_message(STRANGER, "a")
        sandbox.open(STRANGER)
        await bot.send_message(STRANGER, "a")

    with_bot(work)


def test_another_token_is_no_bot(sandbox, with_bot):
    async def work(bot):
        with pytest.raises(TelegramUnauthorizedError, match="Unauthorized"):
            await bot.me()

    with_bot(work, token="7000000001:another")
    assert ask(sandbox, "/bot7000000001/getMe") == (404, {"ok": False, "error_code": 404, "description": "Not Found"})


def test_an_unknown_method(sandbox, with_bot):
    class Nothing(TelegramMethod[bool]):
        __returning__ = bool
        __api_method__ = "doNothing"

    async def work(bot):
        with pytest.raises(TelegramNotFound, match="method not found"):
            await bot(Nothing())

    with_bot(work)


def test_floods_are_held_back(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        with pytest.raises(TelegramRetryAfter) as flood:
            for _ in range(40):
                await bot.send_message(OKSANA, "a")
        assert flood.value.retry_after >= 1
        await asyncio.sleep(flood.value.retry_after)
        await bot.send_message(OKSANA, "a")

    with_bot(work)


def test_failures_can_be_ordered(sandbox, with_bot):
    async def work(bot):
        sandbox.open(OKSANA)
        sandbox.act("faults", method="sendMessage", error_code=429, retry_after=7)
        sandbox.act("faults", method="sendMessage", error_code=500, times=2)
        with pytest.raises(TelegramRetryAfter) as flood:
            await bot.send_message(OKSANA, "a")
        assert flood.value.retry_after == 7
        for _ in range(2):
            with pytest.raises(TelegramServerError):
                await bot.send_message(OKSANA, "a")
        await bot.me()
        await bot.send_message(OKSANA, "a")

    with_bot(work)


@pytest.mark.parametrize("secret", ["a b", "ї", "a" * 257])
def test_a_webhooks_secret_is_checked(with_bot, secret):
    async def work(bot):
        with pytest.raises(TelegramBadRequest, match="secret token"):
            await bot.set_webhook("https://example.org/hook", secret_token=secret)

    with_bot(work)


@pytest.mark.parametrize("url", ["ftp://example.org/", "example.org", "https://", "http://a b/"])
def test_a_webhooks_address_is_checked(with_bot, url):
    async def work(bot):
        with pytest.raises(TelegramBadRequest, match="bad webhook"):
            await bot.set_webhook(url)

    with_bot(work)


MULTIPART = b'--x\r\nContent-Disposition: form-data; name="chat_id"\r\n\r\n%d\r\n--x\r\n' % OKSANA
MULTIPART += b'Content-Disposition: form-data; name="text"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\na\r\nb\r\n--x--\r\n'


@pytest.mark.parametrize(
    "query, body, content_type",
    [
        (f"?chat_id={OKSANA}&text=a%0Ab", None, None),
        (f"?chat_id={OKSANA}", b"text=a%0Ab", "application/x-www-form-urlencoded"),
        ("", json.dumps({"chat_id": OKSANA, "text": "a\nb"}).encode(), "application/json"),
        ("", json.dumps({"chat_id": str(OKSANA), "text": "a\nb"}).encode(), "application/json; charset=utf-8"),
        ("", MULTIPART.replace(b"a\r\nb", b"a\nb"), "multipart/form-data; boundary=x"),
        ("", MULTIPART.replace(b"a\r\nb", b"a\nb"), 'multipart/form-data; boundary="x"'),
    ],
    ids=["get", "form", "json", "json-text", "multipart", "multipart-quoted"],
)
def test_parameters_come_in_every_way_that_telegram_takes(sandbox, query, body, content_type):
    sandbox.open(OKSANA)
    status, answer = ask(sandbox, f"/bot{sandbox.token}/sendMessage{query}", body, content_type)
    assert (status, answer["ok"]) == (200, True), answer
    assert answer["result"]["text"] == "a\nb"


@pytest.mark.parametrize(
    "body, content_type, status",
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"text=%zz", "application/x-www-form-urlencoded", 400),
        (b"--y\r\n", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nnothing", "multipart/form-data; boundary=x", 400),
        (b"a", "image/png", 400),
        (b"a" * (1 << 20) + b"a", "application/json", 413),
    ],
)
def test_what_cannot_be_read_is_refused(sandbox, body, content_type, status):
    code, answer = ask(sandbox, f"/bot{sandbox.token}/sendMessage", body, content_type)
    assert (code, answer["ok"], answer["error_code"]) == (status, False, status)


def test_another_site_may_not_use_it(sandbox):
    request = urllib.request.Request(f"{sandbox.url}/sandbox/state", headers={"Origin": "https://elsewhere.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        _OPENER.open(request, timeout=30)
    assert refused.value.code == 403
    refused.value.close()
    assert ask(sandbox, "/sandbox/open", b'{"person":5000000001}', "text/plain")[0] == 415
