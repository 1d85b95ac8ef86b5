"""What axe, the accessibility checker, has to say about a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CONTRAST = "color-contrast"
"""The one rule that the colour scheme matters to, and the dearest."""


def violations(page: Page, *rules: str) -> str:
    """Return axe's report on these rules, or on all of them; empty where it finds nothing."""
    only = {"runOnly": list(rules)} if rules else {}
    results = Axe().run(page, options={"resultTypes": ["violations"], **only})
    return results.generate_report() if results.violations_count else ""
