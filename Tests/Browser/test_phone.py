"""On a narrow screen there is one master at a time."""

from playwright.sync_api import expect

from conftest import PHONE


def swipe(page, start, end, y=450):
    touch = page.context.new_cdp_session(page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": start, "y": y}]})
    for step in range(1, 6):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": "touchMove", "touchPoints": [{"x": start + (end - start) * step / 5, "y": y + 2}]},
        )
    # The finger rests before it leaves: a fling would swallow the next tap.
    page.wait_for_timeout(120)
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_swipe_shows_the_next_master_and_a_tap_books_there(open_desk, quiet_day):
    phone = open_desk("reception", node=0, date=quiet_day, viewport=PHONE, touch=True)
    there = open_desk("manager", node=1, date=quiet_day)
    shown = phone("pager-select").locator("option:checked")
    expect(shown).to_contain_text("Ганна Ґалаґан")
    swipe(phone.page, 320, 90)
    expect(shown).to_contain_text("Євген Ткач")
    swipe(phone.page, 320, 90)
    expect(shown).to_contain_text("Ірина Савчук")
    swipe(phone.page, 90, 320)
    expect(shown).to_contain_text("Євген Ткач")
    phone("fab").tap()
    phone("client-search").fill("Поліна Пальцева")
    expect(phone("field-staff").locator("option:checked")).to_have_text("Євген Ткач")
    phone("save").tap()
    expect(phone("saved-toast")).to_be_visible()
    expect(there.column(1).locator(".visit")).to_contain_text("Поліна Пальцева")


def test_what_can_be_touched_is_large_enough(open_desk):
    phone = open_desk("reception", viewport=PHONE, touch=True)
    small = phone.page.evaluate(
        """() => [...document.querySelectorAll('button, select, a, input')]
            .filter((e) => e.checkVisibility() && !e.closest('.board') && !e.matches('.skip-link'))
            .map((e) => [e.dataset.testid ?? e.className, e.getBoundingClientRect()])
            .filter(([, box]) => box.height < 44 || box.width < 44)
            .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
    )
    assert small == []
