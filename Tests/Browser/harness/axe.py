"""WCAG 2.2 AA and axe's own advice."""

from axe_playwright_python.sync_playwright import Axe

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page):
    """What axe finds on a page, one readable line each."""
    # A colour in the middle of its animation is nobody's colour.
    page.evaluate("() => Promise.all(document.getAnimations().filter(a => a.effect.getComputedTiming().iterations !== Infinity)"
                  ".map(a => a.finished.catch(() => {})))")
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {' '.join(node.get('failureSummary', '').split())[:300]}"
        for violation in found
        for node in violation["nodes"]
    ]
