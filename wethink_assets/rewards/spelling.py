"""Texts without the differences that mean nothing (text normalisation): spelling, hyphens, typesetting.

Belongs here: what makes two writings of one text equal. Does not belong here: whether a reply gives a text
(rule_texts.py, rule_ocr.py), what every rule strips (normalise.py).
"""

from __future__ import annotations

import re

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.normalise import clean, fold

_SUBSCRIPT = re.compile(r"(?<=[A-Za-z)\]])\s?_\{?(\d{1,3})\}?")
_END_TOKEN = re.compile(r"<\|[a-z_]{2,20}\|>$|</s>$")


def typeset(text: str) -> str:
    """A formula or word as it looks: without fonts, dollars, indices' signs and a token at the end."""
    text = _END_TOKEN.sub("", text).strip()
    if "\\" in text or "$" in text or "_" in text:
        text = _SUBSCRIPT.sub(r"\1", latex_text.plain(latex_text.without_dollars(text)).replace("$", "")).strip()
        text = re.sub(r"(?<=[A-Z])\s(?=\d)", "", text)
    return text


_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)|(?<=[^\W\d])-\s(?=[^\W\d])")  # also at the end of a line
_RATIO = re.compile(r"(?<=\d)(?:\s?[:比]\s?|\sto\s)(?=\d)")  # 3:4, 3 to 4; not 6:8, which as a score is another
_COLOUR = re.compile(r"(?<![\u4e00-\u9fff])([红橙黄绿青蓝紫粉棕褐黑白灰])色(?![\u4e00-\u9fff])")  # 红 and 红色 are one
_BRITISH = re.compile(r"\b(?:grey|colour|centre|metre|litre|theatre|favourite|aluminium|jewellery)(?=s?\b)")
_SPELLING = {
    "grey": "gray",
    "colour": "color",
    "centre": "center",
    "metre": "meter",
    "litre": "liter",
    "theatre": "theater",
    "favourite": "favorite",
    "aluminium": "aluminum",
    "jewellery": "jewelry",
}


def plainly(text: str) -> str:
    """As `fold`, and without differences of hyphens, British and American spelling, 红 and 红色, 3:4 and 3 to 4."""
    text = _COLOUR.sub(r"\1", text)
    folded = _RATIO.sub(":", " ".join(_INNER_HYPHEN.sub(" ", fold(text)).split()))
    return _BRITISH.sub(lambda m: _SPELLING[m[0]], folded) or clean(text).casefold()
