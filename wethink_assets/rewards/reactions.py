"""Reaction equations in other writings: "2 H2 + O2 → 2 H2O", LaTeX with \\mathrm and \\ce, another order of the educts.

Belongs here: taking an equation apart into species with their coefficients. Does not belong here: balancing, other
coefficients: twice an equation is another one.
"""

from __future__ import annotations

import re
from collections import Counter

MAX_CHARS = 200
_ARROW = re.compile(
    r"\\(?:long)?(?:right|leftright)arrows?(?![a-z])|\\rightleftharpoons|\\to(?![a-z])|<?[-=]{1,2}>|[→⟶⇌⇄⟷]|="
)
_FONT = re.compile(r"\\(?:mathrm|text|ce|mathbf|rm|operatorname)(?![a-z])|\\[,;:! ]|[{}$_\s~]")
_STATE = re.compile(r"\((?:s|l|g|aq)\)")
_SPECIES = re.compile(r"^(\d{0,3})((?:\(?[A-Z][a-z]?\d{0,3}\)?\d{0,2}){1,10}(?:\^?\d?[+-])?|e\^?-)")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
Side = Counter[str]


def same(gold: str, reply: str) -> bool:
    """Whether two texts are one reaction equation."""
    a, b = _sides(gold), _sides(reply)
    return a is not None and a == b


def _sides(text: str) -> tuple[Side, Side] | None:
    """The species of both sides with their coefficients; None for any other text."""
    if len(text) > MAX_CHARS:
        return None
    parts = _ARROW.split(text.strip(" ."))
    if len(parts) != 2 or not (text.count("+") or _ARROW.search(text)):
        return None
    sides = [_side(part) for part in parts]
    return (sides[0], sides[1]) if sides[0] and sides[1] else None


def _side(text: str) -> Side | None:
    found: Side = Counter()
    for term in re.split(r"\s\+\s|\+(?=\s?(?:\\|\d|[A-Z]))", text.translate(_SUBSCRIPTS)):
        match = _SPECIES.fullmatch(_STATE.sub("", _FONT.sub("", term)))
        if match is None:
            return None
        found[match[2].replace("^", "")] += int(match[1] or 1)
    return found
