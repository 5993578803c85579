"""The explorer in a real browser: from an asset page's link to a judged row, by keyboard, over rows that mean harm."""

from __future__ import annotations

import pytest

from tests.browsers import browser, faults, watched_page
from tests.explorer.conftest import LATER, SHOWN
from tests.lineage.every_kind import IMAGE, key
from wethink_assets.presentation.row_links import explorer_page, row_path

pytestmark = pytest.mark.long

FIRST = "feedc0de12345678"


@pytest.fixture(scope="module")
def chromium():
    with browser() as running:
        yield running


def test_from_an_asset_page_to_a_row_and_along_its_lineage(site, chromium):
    with watched_page(chromium) as page:
        page.goto(explorer_page(f"http://127.0.0.1:{site.port}", release=FIRST)["explorer"])  # as asset pages link it
        page.get_by_role("link", name="clear all").click()
        page.wait_for_url("**/rows")
        box = page.get_by_role("checkbox", name="gqa")
        rows = int(box.locator(".n").inner_text())
        box.click()
        page.wait_for_url("**/rows?source=gqa")
        assert box.get_attribute("aria-checked") == "true" and page.locator("[data-row]").count() == rows
        assert page.evaluate("document.activeElement.id").startswith("f-source-")  # the focus stayed where it was
        page.keyboard.press("/")
        page.keyboard.type("red cars")
        page.keyboard.press("Enter")
        page.wait_for_url("**q=red+cars")
        assert page.locator("[data-row]").count() == 1
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{row_path(key('math'))}?**")
        assert page.locator(".picture img").evaluate("image => image.complete && image.naturalWidth") == 640
        page.locator(".lineage a", has_text="image").first.click()
        page.wait_for_url(f"**{row_path(SHOWN)}*")
        page.locator(".lineage a", has_text="question").first.click()
        page.get_by_role("heading", name="Lineage").wait_for()
        page.go_back()
        page.wait_for_url(f"**{row_path(SHOWN)}*")


def test_a_row_is_judged_by_keyboard_and_taken_back(site, chromium):
    def verdicts():
        return site.store.sql("FROM audit_verdicts WHERE person = 'bob'").to_dicts()

    assert verdicts() == []
    with watched_page(chromium) as page:
        page.goto(f"http://127.0.0.1:{site.port}/audit?release={LATER}")
        assert page.locator("[data-verdict]").first.is_disabled()
        page.keyboard.press("2")  # of nobody: nothing happens
        link = site.links["bob"]
        page.goto(link.replace("/audit#", f"/audit?release={LATER}#"))
        page.get_by_role("button", name="right").wait_for()
        page.locator("[data-verdict]:enabled").first.wait_for()
        assert "token" not in page.url and link.rpartition("=")[2] not in page.content()
        page.keyboard.press("c")
        page.keyboard.type("2 of 3 <b>")
        page.keyboard.press("Escape")
        page.keyboard.press("2")
        page.get_by_role("heading", name="1 by bob").wait_for()
        (row,) = verdicts()
        assert (row["verdict"], row["note"], row["sample_id"]) == ("wrong", "2 of 3 <b>", key("orphan"))
        page.keyboard.press("z")
        page.get_by_role("heading", name="0 by bob").wait_for()
        assert verdicts() == []
        page.reload()  # the token stays with the tab
        page.locator("[data-verdict]:enabled").first.wait_for()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/rows",
        "/map",
        f"/audit?release={LATER}",
        "/compare/policies?set=MMStar",
        f"/compare/releases?old={FIRST}&new={LATER}",
        row_path(key("sample")),
        row_path(key("hostile")),
        row_path(IMAGE),
        row_path(key("call of answer")),
    ],
)
def test_names_roles_and_contrast(site, chromium, path):
    with watched_page(chromium) as page:
        page.goto(f"http://127.0.0.1:{site.port}{path}")
        assert faults(page) == []
