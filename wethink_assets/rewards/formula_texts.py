r"""A formula that was read from a picture, typed otherwise: E=mc^2 and $E = mc^{2}$, 1s2 2s2 and 1s² 2s², \ce{H2O}.

Belongs here: whether two texts are one formula sign by sign. Does not belong here: whether two formulas are equal
(formulas.py), words in a picture (rule_ocr.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 120
_FORMULA = re.compile(r"[=^]|\d[spdf]\d|^(?=\S{0,30}\d)(?:[A-Z][a-z]?\d{0,3}){2,12}$")
_SHELLS = re.compile(r"(?:\[[A-Z][a-z]\])?(?:\d[spdf]\d{1,2})+")
_CHEMICAL = re.compile(r"\\(?:ce|mathrm|text|rm)\s?")
_TYPING = re.compile(r"\\(?:cdot|times|left|right|[,;:! ])|[\s{}*$\"'_]")
_IN_SENTENCE = re.compile(r"(?:\b(?:is|shows?|reads?|says?|are)\b|:)\s([^,;:]{1,80}?)\.?$")
_SPOKEN = ((re.compile(r"\s(?:equals|is equal to)\s"), " = "), (re.compile(r"\ssquared\b"), "^2"))


def same(gold: str, text: str) -> bool:
    """Whether a reply gives the gold's formula as it stands, or with its sides changed over."""
    if max(len(gold), len(text)) > MAX_CHARS or not _FORMULA.search(gold):
        return False
    if any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return False
    wanted = _plain(gold)
    sides = wanted.split("=")
    turned = f"{sides[1]}={sides[0]}" if len(sides) == 2 else wanted
    return any(said in (wanted, turned) for said in _said(text, wanted))


def _said(text: str, wanted: str) -> Iterator[str]:
    shells = _SHELLS.fullmatch(wanted) is not None
    for written in (text, *(m[1] for m in _IN_SENTENCE.finditer(text))):
        for pattern, sign in _SPOKEN:
            written = pattern.sub(sign, written)
        plain = _plain(written)
        yield plain.replace("^", "") if shells else plain


def _plain(text: str) -> str:
    return _TYPING.sub("", _CHEMICAL.sub("", latex_text.without_dollars(text)))
