import pytest
from conftest import PHONE
from test_phone import swipe
from playwright.sync_api import expect
@pytest.mark.parametrize("n", [0,1,2,3,4])
def test_x(open_desk, quiet_day, n):
    phone = open_desk("reception", node=0, date=quiet_day, viewport=PHONE, touch=True)
    if n in (1,2,4): swipe(phone.page, 320, 90); expect(phone("pager-select").locator("option:checked")).to_contain_text("Євген Ткач")
    if n == 2: phone.page.wait_for_timeout(1500)
    phone.page.evaluate("for (const t of ['pointerdown','touchstart','touchend','click','pointerup','pointercancel','touchcancel']) addEventListener(t, e => console.log(t, e.target.id||e.target.className), true)")
    phone.page.on("console", lambda m: print(n, m.text))
    if n < 3: phone("fab").tap()
    else: phone("fab").click()
    phone.page.wait_for_timeout(1000)
    print(n, phone("visit-dialog").count())
