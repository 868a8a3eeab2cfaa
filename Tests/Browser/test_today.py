"""«Сьогодні» is the salon's day, whatever the browser's clock and zone say."""

import datetime

import pytest
from playwright.sync_api import expect

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("instant", "heading", "today"),
    [
        # 00:30 in Kyiv on Monday 18 May; the day before in UTC and in New York.
        (datetime.datetime(2026, 5, 17, 21, 30, tzinfo=UTC), "понеділок, 18 травня 2026", "18"),
        # 23:30 in Kyiv on the same Monday.
        (datetime.datetime(2026, 5, 18, 20, 30, tzinfo=UTC), "понеділок, 18 травня 2026", "18"),
        # 00:30 in Kyiv on Sunday 25 October, the night in which its clocks go back; 17:30 on Saturday in New York.
        (datetime.datetime(2026, 10, 24, 21, 30, tzinfo=UTC), "неділя, 25 жовтня 2026", "25"),
        # 00:30 in Kyiv on the day after, in winter time.
        (datetime.datetime(2026, 10, 25, 22, 30, tzinfo=UTC), "понеділок, 26 жовтня 2026", "26"),
    ],
    ids=["00:30", "23:30", "00:30 as clocks go back", "00:30 in winter"],
)
def test_today_is_the_salons_day(open_desk, instant, heading, today):
    desk = open_desk("reception", prepare=lambda page: page.clock.set_fixed_time(instant), live=False)
    expect(desk.column(0)).to_be_visible()
    expect(desk("day-title").locator("#day-title-long")).to_have_text(heading)
    expect(desk("today")).to_be_disabled()
    expect(desk.page.locator(".day[aria-current=date]")).to_contain_text(today)
    expect(desk("day").first).to_contain_text("пн")
    desk("next-day").click()
    expect(desk("today")).to_be_enabled()
    desk("today").click()
    expect(desk("day-title").locator("#day-title-long")).to_have_text(heading)
    desk("day-title").click()
    expect(desk("date-picker").get_by_role("columnheader").first).to_have_text("пн")
    desk("pick-today").press("Enter")
    expect(desk("date-picker")).to_have_count(0)
    assert desk.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "America/New_York"


def test_the_now_line_shows_the_salons_time(open_desk):
    noon = datetime.datetime(2026, 11, 24, 10, 20, tzinfo=UTC)
    desk = open_desk("owner", prepare=lambda page: page.clock.set_fixed_time(noon), live=False)
    expect(desk.page.locator(".now-time")).to_have_text("12:20")
    expect(desk.page.locator(".now-time")).to_be_in_viewport()
