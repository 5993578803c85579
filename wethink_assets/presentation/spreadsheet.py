"""Foreign text in files that people open in a spreadsheet (formula injection): text stays text.

Belongs here: which cells a spreadsheet would take for a formula, and the quote before them. Pure. Does not belong here:
files that other tools read back, which a quote would change: there only a workbook, whose cells have types, is safe.
"""

from __future__ import annotations

import re

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # also in full width
_NUMBER = re.compile(r"[+-][0-9]+([.,][0-9]+)*%?")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet that opens a TSV or CSV may run this cell; a number is none."""
    return text.startswith(_BEGINS) and not _NUMBER.fullmatch(text)


def text_cell(text: str) -> str:
    """`text` with an apostrophe before it where it would be a formula: spreadsheets show it as text."""
    return f"'{text}" if is_formula(text) else text
