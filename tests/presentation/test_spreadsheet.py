"""Cells that a spreadsheet would run are text."""

import pytest

from wethink_assets.presentation.spreadsheet import is_formula, text_cell


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "＝1+1", "-"]
)
def test_what_may_run_has_a_quote_before_it(text):
    assert is_formula(text) and text_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["CC BY 4.0", "", "-3", "+1.5", "-12,000.5%", "a=b", "'=1"])
def test_what_is_text_or_a_number_stays(text):
    assert not is_formula(text) and text_cell(text) == text
