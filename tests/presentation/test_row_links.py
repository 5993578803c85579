"""Links to rows: whatever an id holds, the link is one link."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from wethink_assets.presentation.examples import example_table
from wethink_assets.presentation.row_links import audit_page, explorer_page, row_link, row_path
from wethink_assets.settings import ExplorerSettings

HERE = "http://127.0.0.1:3200"


def test_an_id_of_any_characters_is_one_path_and_one_link():
    assert row_path("a/b:c d?#%é(") == "/row/a%2Fb%3Ac%20d%3F%23%25%C3%A9%28"
    assert row_link(HERE, "f" * 64) == f"[{'f' * 12}]({HERE}/row/{'f' * 64})"
    hostile = row_link(HERE, "x)](http://evil.example) ![", "a|b](http://evil.example)<img>")
    assert len(re.findall(r"(?<!\\)\]\(", hostile)) == 1 and "<" not in hostile and "%29%5D%28http%3A" in hostile
    assert row_link("", "f" * 64, "7") == "7"


def test_an_example_has_a_link_where_one_is_given():
    rows = [{"image_id": "i", "question": "q", "question_id": "f" * 64}]
    table = example_table(rows, ["question"], {}.__getitem__, lambda row: row_link(HERE, row["question_id"]))
    assert table.splitlines()[0] == "| image | question | row |"
    assert table.splitlines()[2] == f"| i | q | [{'f' * 12}]({HERE}/row/{'f' * 64}) |"


def test_a_page_of_rows_is_metadata_or_nothing():
    assert explorer_page(HERE, batch="a b&c") == {"explorer": f"{HERE}/rows?batch=a+b%26c"}
    assert audit_page(HERE, "0a b") == {"audit": f"{HERE}/audit?release=0a+b"}
    assert explorer_page("", batch="x") == audit_page("", "x") == {}


def test_the_address_is_that_of_a_server_and_gives_the_port():
    assert ExplorerSettings().port == 3200 and ExplorerSettings(url="http://10.0.0.7:81").port == 81
    assert ExplorerSettings(url="").port == 3200 and ExplorerSettings(url="https://rows.internal").port == 3200
    for wrong in ("javascript:alert(1)", "http://x/y", "127.0.0.1:3200", "http://user:word@x"):
        with pytest.raises(ValidationError):
            ExplorerSettings(url=wrong)
