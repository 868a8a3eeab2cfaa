"""WCAG 2.2 AA and axe's own advice, in the light and in the dark."""

from axe_playwright_python.sync_playwright import Axe

EVERYTHING = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}

# A colour in the middle of its transition is nobody's colour.
SETTLE = """() => Promise.all(document.getAnimations()
    .filter((a) => a.effect.getComputedTiming().iterations !== Infinity)
    .map((a) => { a.finish(); return a.finished.catch(() => {}); }))"""


def violations(page):
    """What axe finds on a page as it stands, one readable line each. The dark scheme differs in its colours only."""
    found = _run(page, EVERYTHING, "")
    page.emulate_media(color_scheme="dark")
    found += _run(page, COLOURS, "in the dark: ")
    page.emulate_media(color_scheme="light")
    return found


def _run(page, rules, prefix):
    page.evaluate(SETTLE)
    return [
        f"{prefix}{violation['id']} ({violation['impact']}): {node['html'][:160]} "
        + " ".join(node.get("failureSummary", "").split())[:300]
        for violation in Axe().run(page, options=rules).response["violations"]
        for node in violation["nodes"]
    ]
