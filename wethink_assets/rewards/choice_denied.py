"""Questions for the option that is not so: "Which statement is false?", "Which is NOT a mammal?", 下列说法错误的是.

Belongs here: what a reply to such a question says of each option. "A is false" chooses A there, and "A is true" rules
it out. Does not belong here: all other questions (choice_prose.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import asked_words, choice_mentions
from wethink_assets.rewards.verdict import HEDGE, Verdict

MAX_CHARS = 600
_ASKS = frozenset(
    "false incorrect wrong untrue not except error errors mistake mistakes invalid isn't aren't doesn't cannot".split()
)
_WHICH = frozenset("which what who choose select identify find where all statement".split())
_ASKS_IN_CHINESE = re.compile("错误|不正确|不是|不属于|不符合|不可能|有误|不能|不对|不成立")
_SEGMENT = re.compile(
    r"[;!?](?=\s|$)|\.(?=\s|$)|(?<=[\u4e00-\u9fff])[,.;]|,?\s(?:but|while|whereas|so|therefore|hence|thus|because|since|as|where)\s"
    r"|,\s(?=(?:the\s)?[A-H]\b\s(?:is|isn't|are))|,\s(?=which\b|it\b|they\b)",
    re.IGNORECASE,
)
_NEGATIVE = re.compile(
    r"\b(?:not|never|no|cannot|neither|false|incorrect|wrong|untrue|invalid|errors?|mistakes?|mistaken|impossible|flawed"
    r")\b|n't\b|[不错误没无非]",
    re.IGNORECASE,
)
_TWICE = re.compile(
    r"(?:\b(?:not|never)|n't)\s(?:\w+\s)?(?:false|incorrect|wrong|untrue|invalid|(?:an?\s)?(?:error|mistake))\b"
    r"|\b(?:error|mistake)s?\b.{0,20}(?:\bnot\b|n't)"
    r"|\b(?:no|without|free of|contains? no|has no)\s(?:errors?|mistakes?)\b|没有?错误?|不错|无误",
    re.IGNORECASE,
)
_POSITIVE = re.compile(r"\b(?:true|correct|right|valid|holds?)\b|正确|对的?|成立|符合", re.IGNORECASE)
_OF_THE_ANSWER = re.compile(
    r"\b(?:correct|right) (?:answer|option|choice)\b|\b(?:answer|option|choice) is correct\b|正确(?:答案|选项)",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"(?:,|\bbut)?\s(?:and\s)?(?:not|rather than|instead of)\s(?:option\s|the\s|an?\s)?[(\[]?$", re.IGNORECASE
)
_NOT_THIS = re.compile(
    r"(?:it\s(?:is|was)\s)?not\s(?:the\s|an?\s|option\s)?[(\w]{1,30}\W*$|不是.{1,12}$", re.IGNORECASE
)
_ALL_BUT = re.compile(r"\b(?:all|every\w*|everything|none)\b.{0,20}\b(?:but|except|other than)\b|除了?", re.IGNORECASE)


def asks_for_the_denied(asked: Sequence[str]) -> bool:
    """Whether a question wants the option that is false, wrong, or not of a kind."""
    if any(_ASKS_IN_CHINESE.search(word) for word in asked if not word.isascii()):
        return True
    return not _ASKS.isdisjoint(asked) and not _WHICH.isdisjoint(asked) and not {"why", "how"} & set(asked[:1])


def chosen_in(
    text: str, options: Sequence[str], folded: Sequence[str], asked: Sequence[str]
) -> set[str] | Verdict | None:
    """The option that a reply says not to be so; None where it says of none whether it is."""
    if len(text) > MAX_CHARS or HEDGE.search(text):
        return None
    found = choice_mentions.find(text, options, folded)
    if not found:
        return None
    if _ALL_BUT.search(text) or (_NOT_THIS.match(text) and len(found) == 1):
        return Verdict.HEDGED
    wanted = {w for w in asked_words.content(tuple(asked)) if w not in _NAMES and w not in _ASKS}
    denied, affirmed, named = set[str](), set[str](), set[str]()
    start = 0
    for end in [*(m.end() for m in _SEGMENT.finditer(text)), len(text) + 1]:
        inside = [(span, letter) for span, letter in found if start <= span[0] < end]
        rest = _OF_THE_ANSWER.sub(" ", _without(text[start:end], [span for span, _ in inside], start))
        inside = [(span, letter) for span, letter in inside if not _BESIDE.search(text[max(0, span[0] - 24) : span[0]])]
        letters = {letter for _, letter in inside}
        twice = _TWICE.search(rest) is not None
        if not twice and _NEGATIVE.search(rest):
            denied |= letters
        elif twice or _POSITIVE.search(rest) or wanted & asked_words.of_text(rest):
            affirmed |= letters
        else:
            named |= letters
        start = end
    return _weighed(denied, affirmed, named, len(folded))


_NAMES = frozenset(
    asked_words.stem(w) for w in "which one following statement option belong graph picture step proof answer".split()
)


def _without(segment: str, spans: Sequence[tuple[int, int]], offset: int) -> str:
    """A segment without the options' own words, which may deny something themselves."""
    for begin, end in reversed(spans):
        segment = segment[: begin - offset] + " " + segment[end - offset :]
    return segment


def _weighed(denied: set[str], affirmed: set[str], named: set[str], count: int) -> set[str] | Verdict | None:
    if denied & affirmed or len(denied) > 1:
        return Verdict.HEDGED
    if denied:
        return denied if named <= denied or not named else Verdict.HEDGED
    if not affirmed:
        return None
    if len(named - affirmed) == 1:
        return named - affirmed
    left = {chr(65 + i) for i in range(count)} - affirmed
    return left if len(left) == 1 else Verdict.WRONG
