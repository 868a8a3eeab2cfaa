"""A browser whose clock runs, but at another hour."""

import datetime

from harness.salon import KYIV

_SCRIPT = """(() => {
  const Real = Date;
  const shift = %d - Real.now();
  globalThis.Date = class Date extends Real {
    constructor(...given) { super(...(given.length ? given : [Real.now() + shift])); }
    static now() { return Real.now() + shift; }
  };
})()"""


def show(page, date, hour, minute):
    """From the next page on it is this time of day in Kyiv, and time goes by."""
    instant = datetime.datetime.combine(date, datetime.time(hour, minute), KYIV)
    page.add_init_script(_SCRIPT % int(instant.timestamp() * 1000))
