"""A real browser for tests: the system's Chromium, driven by Playwright, and all that a page did that it should not.

Belongs here: starting it, and watching its pages. Does not belong here: what a page should show.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
HERE = frozenset({"127.0.0.1", "localhost", ""})


@dataclass
class Seen:
    """What went wrong in a page, in words; empty where nothing did."""

    wrong: list[str] = field(default_factory=list)


def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and .ci/run installs it."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or pytest.skip(f"none of {', '.join(NAMES)} is installed: apt-get install chromium")


@contextmanager
def browser() -> Iterator:
    """A headless browser."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def watched_page(running, *, warnings: bool = True) -> Iterator:
    """A page of a fresh profile; what ends here without an error asked no other host, and put none on its console.

    Without `warnings` those on the console do not count: of pages that are not ours.
    """
    context = running.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    page, seen = context.new_page(), Seen()
    page.set_default_timeout(30_000)

    def asked(request) -> None:
        if urlsplit(request.url).hostname not in HERE and not request.url.startswith(("data:", "about:", "blob:")):
            seen.wrong.append(f"asked {request.url}")

    def told(message) -> None:
        if message.type in (("error", "warning") if warnings else ("error",)):
            seen.wrong.append(f"console: {message.text}")

    def opened(dialog) -> None:
        seen.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", asked)
    page.on("console", told)
    page.on("pageerror", lambda error: seen.wrong.append(f"script: {error}"))
    page.on("dialog", opened)
    try:
        yield page
    finally:
        context.close()
    assert seen.wrong == [], "; ".join(seen.wrong)


def faults(page) -> list[str]:
    """What axe-core finds in a page against WCAG 2.2 A and AA, contrast among it, each with the first element."""
    from axe_playwright_python.sync_playwright import Axe

    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    found = Axe().run(page, options=rules).response["violations"]
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:160]}" for one in found]
