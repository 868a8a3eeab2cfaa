"""The sandbox's telephone: a person opens a link, reads what the bot says, and taps its buttons."""

import pytest
from playwright.sync_api import expect

from conftest import DESKTOP, PHONE
from harness.axe import violations
from harness.bot import Bot
from harness.desk import Desk
from harness.sandbox import IRYNA, OKSANA, Sandbox

SMALL = {"width": 360, "height": 740}
KEYS = [[{"text": "✅ Підтвердити вхід", "callback_data": "confirm:1"}], [{"text": "❌ Скасувати", "callback_data": "cancel:1"}]]


@pytest.fixture
def sandbox():
    sandbox = Sandbox()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def bot(sandbox):
    return Bot(sandbox)


@pytest.fixture
def telephone(contexts, sandbox):
    """`telephone(path)`: the page, ready. Afterwards it may not have complained."""
    held = []

    def take(path="/", **options):
        desk = Desk(contexts(**options).new_page(), "telephone")
        held.append(desk)
        desk.page.goto(f"{sandbox.url}{path}")
        expect(desk.page.locator("body[data-ready]")).to_be_visible()
        return desk

    yield take
    complaints = [complaint for desk in held for complaint in desk.unexpected]
    assert not complaints, "\n".join(complaints)


def test_a_link_is_opened_confirmed_and_answered(telephone, bot, sandbox):
    phone = telephone(f"/{sandbox.username}?start=code-1")
    expect(phone("start")).to_be_visible()
    assert sandbox.messages(OKSANA) == [], "nothing is sent before Start is pressed"
    phone("start").click()
    (update,) = bot.updates()
    assert update["message"]["text"] == "/start code-1" and update["message"]["from"]["id"] == OKSANA
    assert phone.page.url == f"{sandbox.url}/", "the code does not stay in the address"

    message = bot.send(OKSANA, "👋 <b>Оксана</b>, підтвердіть вхід &amp; &lt;далі&gt;", KEYS)
    post = phone("post").last
    expect(post.locator("strong")).to_have_text("Оксана")
    expect(post).to_contain_text("підтвердіть вхід & <далі>")
    phone("key").first.click()
    (update,) = bot.updates()
    assert update["callback_query"]["data"] == "confirm:1"
    bot.call("editMessageText", chat_id=OKSANA, message_id=message["message_id"], text="✅ Вхід підтверджено!")
    bot.call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"], text="Готово")
    expect(phone("toast")).to_have_text("Готово")
    expect(phone("post").last).to_contain_text("✅ Вхід підтверджено!")
    expect(phone("post").last).to_contain_text("змінено")
    expect(phone("key")).to_have_count(0)


def test_everything_is_done_by_keyboard_and_an_alert_gives_the_focus_back(telephone, bot, sandbox):
    phone = telephone()
    press, keyboard = phone.page.keyboard.press, phone.page.keyboard
    phone("person").focus()
    press("ArrowDown")
    expect(phone("person")).to_have_value(str(IRYNA))
    phone("link").focus()
    keyboard.type(sandbox.link("by-keyboard"))
    press("Enter")
    expect(phone("start")).to_be_focused()
    press("Enter")
    assert bot.updates()[0]["message"]["text"] == "/start by-keyboard"
    expect(phone("text")).to_be_focused()
    bot.send(IRYNA, "питання", KEYS)
    expect(phone("key")).to_have_count(2)
    phone("key").last.focus()
    press("Enter")
    (update,) = bot.updates()
    bot.call("answerCallbackQuery", callback_query_id=update["callback_query"]["id"], text="❌ Код застарів", show_alert=True)
    expect(phone("alert")).to_be_visible()
    expect(phone("alert")).to_contain_text("❌ Код застарів")
    expect(phone("alert-close")).to_be_focused()
    press("Enter")
    expect(phone("alert")).to_be_hidden()
    expect(phone("key").last).to_be_focused()
    phone("text").focus()
    keyboard.type("дякую")
    press("Enter")
    expect(phone("post").last).to_contain_text("дякую")
    assert bot.updates()[0]["message"]["text"] == "дякую"


def test_a_new_person_and_a_blocked_bot(telephone, bot, sandbox):
    phone = telephone()
    phone("new-person").click()
    phone("first-name").fill("Нова <i>")
    phone("username").fill("nova")
    phone("person-save").click()
    expect(phone("person").locator("option:checked")).to_have_text("Нова <i>")
    phone("start").click()
    (update,) = bot.updates()
    person = update["message"]["from"]
    assert (person["first_name"], person["username"], person["language_code"]) == ("Нова <i>", "nova", "uk")
    phone("block").click()
    expect(phone("block")).to_have_attribute("aria-pressed", "true")
    assert bot.call("sendMessage", chat_id=person["id"], text="a")["error_code"] == 403
    phone("start").click()
    expect(phone("block")).to_have_attribute("aria-pressed", "false")
    bot.send(person["id"], "знову разом")
    expect(phone("post").last).to_contain_text("знову разом")
    phone.page.reload()
    expect(phone("post").last).to_contain_text("знову разом")


@pytest.mark.parametrize("link", ["https://t.me/other_bot?start=a", "/adelante_sandbox_bot?start=a.b", "/x", "http://"])
def test_a_link_that_leads_elsewhere_is_not_opened(telephone, link):
    phone = telephone()
    phone("link").fill(link)
    phone("link-open").click()
    expect(phone("link-error")).to_have_text("Це посилання не веде до цього бота або його код неможливий.")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE, SMALL], ids=["desktop", "phone", "small"])
def test_axe_finds_nothing_and_nothing_sticks_out(telephone, bot, viewport):
    phone = telephone(viewport=viewport)
    found = violations(phone.page)
    phone("start").click()
    bot.updates()
    bot.send(OKSANA, "довге_слово_без_пробілів" * 8 + " <code>a</code> <a href='https://example.org/'>b</a>", KEYS)
    expect(phone("key")).to_have_count(2)
    found += violations(phone.page)
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"], "it does not scroll sideways"
    small = phone.page.evaluate(
        """() => [...document.querySelectorAll("button, select, input")].filter((e) => e.checkVisibility())
            .filter((e) => e.getBoundingClientRect().height < 44 || e.getBoundingClientRect().width < 44)
            .map((e) => e.outerHTML)"""
    )
    assert small == []
    phone("new-person").click()
    found += violations(phone.page)
    phone("person-cancel").click()
    phone("language").click()
    expect(phone("send")).to_have_text("Send")
    assert phone.page.evaluate("document.documentElement.lang") == "en"
    found += violations(phone.page)
    assert not found, "\n".join(found)
