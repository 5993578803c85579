"""The one formula of an English sentence: "The n-th figure has n(n+1)/2 dots.", "There are $\\frac{n}{2}$ ways."

Belongs here: which part of a sentence is a formula, token by token. Does not belong here: other scripts
(formula_prose.py), whether two formulas are equal (formulas.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 200
_ORDINAL = re.compile(r"\b(?:[a-z]|\d{1,3})-?(?:th|st|nd|rd)\b")
_TOKEN = re.compile(
    r"(?P<command>\\[A-Za-z]+)|(?P<number>\d+(?:\.\d+)?)|(?P<word>[A-Za-z]+(?:_(?:\{\w{1,3}\}|\w))?)"
    r"|(?P<sign>[-+*/^=(){}\[\]√π|!])|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
_CODE = re.compile(r"__|\.[A-Za-z_]|[;<>&@#\"`]")
_CHANGED = re.compile(
    r"\b(?:twice|thrice|half|double|triple|times|squared|cubed|plus|minus|divided|root)\b", re.IGNORECASE
)
_LETTER = re.compile(r"[A-Za-z]")
_OPERATES = re.compile(r"[-+*/^=(√π\\]|\d[A-Za-z]")
_FUNCTIONS = frozenset("sin cos tan log ln exp sqrt".split())


def of(text: str) -> Iterator[str]:
    """The formula of a sentence that has one, denies and bounds nothing."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND)):
        return
    if _CODE.search(text) or _CHANGED.search(text):
        return
    found = {run for run in _runs(_ORDINAL.sub(" ", text.replace("$", ""))) if _LETTER.search(run)}
    formulas = [run for run in found if _OPERATES.search(run)]
    if len(formulas) == 1:
        yield formulas[0]


def _runs(text: str) -> Iterator[str]:
    """Runs of what may be mathematics; a space goes on only beside an operator."""
    tokens = [(m.lastgroup or "other", m[0]) for m in _TOKEN.finditer(text)]
    run = ""
    for place, (kind, token) in enumerate(tokens):
        around = (tokens[place - 1] if place else ("space", " "), [*tokens, ("space", " ")][place + 1])
        if kind == "space":
            goes_on = any(k == "sign" and t not in "([{)]}" for k, t in around) or run.endswith("\\cdot")
            if not (run and goes_on):
                yield run.strip(" =")
                run = ""
        elif kind in ("command", "number", "sign") or (kind == "word" and _is_factor(token, around)):
            run += token
        else:
            yield run.strip(" =")
            run = ""
    yield run.strip(" =")


def _is_factor(word: str, around: tuple[tuple[str, str], tuple[str, str]]) -> bool:
    """Whether letters are variables: one letter, or a few that touch a number or a sign."""
    if word in _FUNCTIONS or len(word.partition("_")[0]) == 1:
        return True
    return len(word) <= 4 and any(kind in ("number", "sign", "command") for kind, _ in around)
