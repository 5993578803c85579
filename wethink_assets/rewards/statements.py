"""Stance of a mention in prose: what a sentence concludes, merely says, leaves open, or denies.

Belongs here: the words around a mention, in English and Chinese, that affirm or deny it, and how far they reach. Does
not belong here: finding mentions, what they mean (rule_*.py).

A denial reaches forward to the next mention and those joined to it ("neither A nor B", "except two dogs"), and where
none follows in its segment, back to the last ("A and B are ruled out"). A conclusion outweighs what is only said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum

Span = tuple[int, int]


class Stance(IntEnum):
    DENIED = 0
    OPEN = 1
    SAID = 2
    CONCLUDED = 3
    FINAL = 4  # in a sentence that says it concludes: "so", "therefore", "the answer is"


_BREAK = re.compile(
    r"[;!?](?=[\s\"')*]|$)|\.(?=[\s\"')*]|$)|(?<=[\u4e00-\u9fff])[.;!?]|\.(?=[\u4e00-\u9fff])|,(?!\d)|\n"
    r"|(?<!anything)(?<!everything)(?<!nothing)(?<!\ball)\s(?:but|however|whereas|while|although|though|because|since|yet|so|therefore|hence|thus)\s"
    r"|但是?|然而|而(?!不|非|且)|因为|所以|因此",
    re.IGNORECASE,
)
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|cannot|no|isn't|aren't|wasn't|doesn't|don't|can't|won't|without|except(?:ing|\sfor)?"
    r"|excluding|excludes?|excluded|eliminat(?:e|es|ed|ing)|reject(?:s|ed|ing)?|discard(?:s|ed|ing)?|rul(?:e|es|ed|ing)\s"
    r"(?:\w+\s)?out|(?:any|every)thing\sbut|all\sbut|other\sthan|rather\sthan|instead\sof|unlike|than|over|versus|wrong"
    r"|incorrect|false|untrue|invalid|mistaken|impossible|unlikely|distractors?|decoys?|traps?|mistakes?"
    r"|errors?|opposite|too\s(?:many|few|much|little|high|low|big|small|large|long|short)|out)\b"
    r"|n't\b|[¬≠]|(?:^|\s)!(?=\S)"
    r"|绝?不(?:可能)?是|绝不|不(?:可能|能|应该?|该|会)?(?:选|为|对|符|正确|成立|是)?|并?非|没有?|除了?|排除|以外|之外|除外|错误?",
    re.IGNORECASE,
)
_NO_DENIAL = re.compile(
    r"\bno\s(?:doubt|question|problem)\b|\bnot\s(?:only|sure)\b|\bover\s(?:here|there)\b|\bfind\s?out|没错|不仅|不只"
    r"|\bwithout\s(?:a\s)?doubt\b|\b(?:turn|work|come|point|figure|carr\w+|set|lay|spell)(?:s|ed)?\s(?:\w+\s)?out\b"
    r"|\bnot\s(?:wrong|incorrect|false)\b|\bout\sof\b|\bodd\sone\sout\b|\bno(?=[.,]\s)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:if|unless|might|could|maybe|perhaps|possibly|either|whether|assum\w+|suppose|first\sthought)\b"
    r"|如果|若|可能|也许|或许|假如",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"[)\]\"'*]{0,3}\s?(?:,?\s?(?:and|or|nor|&|and\salso|or\salso)\s|,|、|和|与|及|或|/|&)\s?"
    r"(?:(?:option|choice|also|both|the|an?|选项)\s?){0,3}[(\[\"'*]{0,3}\s?",
    re.IGNORECASE,
)
_FILLER = (
    r"(?:\s|[(\[\"'*:$=,]|\\[(\[]|\b(?:be|is|are|option|choice|letter|answer|the|an?|likely|clearly|definitely|just|only"
    r"|both|statements?|indeed|therefore|thus|that)\b|是|为|选项|:)*"
)
_CONCLUDES = re.compile(
    r"(?:\b(?:answers?|choices?|choose|chose|pick|select(?:ion)?|go\swith|going\swith|leav(?:es|ing)|conclusion|solution"
    r"|result|must\sbe|decide(?:d)?\son|settle\son|closest\sto|matches|corresponds\sto|r[eé]ponse(?:\sest)?|respuesta(?:\ses)?"
    r"|antwort(?:\sist)?)\b"
    r"|(?:^|\s)(?:so|therefore|thus|hence|ergo)\b,?(?:\s(?:it|that|this|the\s\w+)(?:'s|\s(?:is|was|must\sbe)))?"
    r"|答案|应?选择?|应为|应是|所以|因此|故|∴|→|=>|⇒)" + _FILLER + r"$",
    re.IGNORECASE,
)
_CONFIRMED = re.compile(
    r"[)\]\"'*]*\s?(?:\(?[^().,;]{0,30}\)?\s)?(?:is|are|was|seems|looks|must\sbe|appears(?:\sto\sbe)?)\s(?:\w+ly\s|the\s|clearly\s)*"
    r"(?:right|correct|true|best|answers?|only\s(?:one|option|answer|true))\b"
    r"|[)\]\"'*]*\s?(?:是|为)?(?:正确的?(?:答案)?|对的|才对|符合)",
    re.IGNORECASE,
)
_REASON = re.compile(r"(?:\b(?:because|since|although|though)\s|因为)$", re.IGNORECASE)
REVISED = re.compile(
    r"(?:^|\.\s)(?:yes|no)\?\s|\b(?:wait|actually|correction|scratch\sthat|on\ssecond\sthought|i\smean(?:t)?|let\sme\s(?:re|correct)\w*|oops|sorry)\b"
    r"|等等|更正|重新",
    re.IGNORECASE,
)
_REACH, _NO_REACH = 60, 16


def stances(text: str, spans: Sequence[Span]) -> list[Stance]:
    """The stance of the text towards each mention; spans are in order and do not overlap."""
    ends = [0, *(m.end() for m in _BREAK.finditer(text)), len(text) + 1]
    revised = max((m.end() for m in REVISED.finditer(text)), default=0)
    if not any(start >= revised for start, _ in spans):
        revised = 0
    found = [Stance.SAID] * len(spans)
    segment_of = [sum(1 for end in ends[1:-1] if end <= start) for start, _ in spans]
    for index in range(len(ends) - 1):
        begin, end = ends[index], min(ends[index + 1], len(text))
        inside = [i for i, segment in enumerate(segment_of) if segment == index]
        segment = text[begin:end]
        denials = _denials(segment, begin, [spans[i] for i in inside])
        _deny(text, spans, inside, denials, found)
        if _OPEN.search(segment) or segment.rstrip().endswith("?") or _REASON.search(text[max(0, begin - 9) : begin]):
            for i in inside:
                found[i] = min(found[i], Stance.OPEN)
    for i, (start, end) in enumerate(spans):
        if found[i] is Stance.SAID and (
            _CONCLUDES.search(text[max(0, start - _REACH) : start]) or _CONFIRMED.match(text[end : end + _REACH])
        ):
            found[i] = Stance.CONCLUDED
    _inherit(text, spans, found)
    _finals(text, spans, ends, segment_of, found)
    return [
        Stance.OPEN if start < revised and s > Stance.OPEN else s for (start, _), s in zip(spans, found, strict=True)
    ]


_CONTRAST = re.compile(
    r"(?:\b(?:whereas|while|unlike|ahead\sof|followed\sby|including|compared\s(?:to|with))\s)$", re.IGNORECASE
)
_FINALLY = re.compile(
    r"(?:\b(?:so|therefore|thus|hence|in\stotal|altogether|finally|overall|final\sanswer|answer|correct)\b|所以|因此|故|答案|一共|总共)",
    re.IGNORECASE,
)
_AT_START = re.compile(
    r"[\s*_,]{0,8}(?:(?:the\s)?(?:[a-z]{1,20}\s)?(?:answer|correct\soption|result)\b|correct\s?:|in\stotal\b|finally\b|overall\b|altogether\b)",
    re.IGNORECASE,
)
_BY_WORD = re.compile(r"\b(?:so|therefore|hence|thus)[\s,]+$|(?:所以|因此)$", re.IGNORECASE)


def _finals(
    text: str, spans: Sequence[Span], ends: Sequence[int], segment_of: Sequence[int], found: list[Stance]
) -> None:
    """What stands in a segment that a concluding word opens is final; what a contrast opens is left open."""
    for i, (start, _) in enumerate(spans):
        begin = ends[segment_of[i]]
        before = text[max(0, begin - 14) : begin]
        opened = text[begin:start]
        if found[i] >= Stance.SAID and (_CONTRAST.search(before) or _CONTRAST.search(opened[-16:])):
            found[i] = Stance.OPEN
        elif found[i] >= Stance.SAID and (
            _BY_WORD.search(before)
            or _AT_START.match(opened)
            or re.match(r"\s*(?:so|therefore|thus|hence)\b", opened, re.IGNORECASE)
            or (
                segment_of[i]
                and _BY_WORD.search(text[max(0, ends[segment_of[i] - 1] - 14) : ends[segment_of[i] - 1]] + opened[:0])
                and begin - ends[segment_of[i] - 1] < 3
            )
        ):
            found[i] = Stance.FINAL


def _denials(segment: str, offset: int, spans: Sequence[Span]) -> list[Span]:
    spared = [(m.start(), m.end()) for m in _NO_DENIAL.finditer(segment)]
    return [
        (offset + m.start(), offset + m.end())
        for m in _DENIAL.finditer(segment)
        if not any(a <= m.start() < b for a, b in spared) and not any(a <= offset + m.start() < b for a, b in spans)
    ]


def _deny(
    text: str, spans: Sequence[Span], inside: Sequence[int], denials: Sequence[Span], found: list[Stance]
) -> None:
    for start, end in denials:
        after = [i for i in inside if spans[i][0] >= end]
        before = [i for i in inside if spans[i][1] <= start]
        if not after and _FORWARD.match(text[start:]):
            continue
        if after and text[start:end].casefold() == "no" and spans[after[0]][0] - end > _NO_REACH:
            continue  # "no lone pair, so the geometry is ..."
        if after and not (before and _CONFIRMED_WRONG.match(text[start:])):
            found[after[0]] = Stance.DENIED
        elif before:
            i = before[-1]
            found[i] = Stance.DENIED
            while i > 0 and _JOINED.fullmatch(text[spans[i - 1][1] : spans[i][0]]):
                i -= 1
                found[i] = Stance.DENIED


# These deny what follows them and nothing before: "9 more than Sweden".
_FORWARD = re.compile(
    r"(?:than|over|without|unlike|versus|except\w*|excluding|rather|instead|other|all|any|every|no|too)\b",
    re.IGNORECASE,
)
# What a denial says of the mention before it, whatever follows: "A is wrong, B ..." in one segment.
_CONFIRMED_WRONG = re.compile(
    r"(?:wrong|incorrect|false|untrue|invalid|mistaken|impossible|unlikely|absent|missing|distractor|excluded|eliminated"
    r"|ruled\sout|out)\b(?!\s(?:option|choice|answer)?\s?\(?[A-Z]\b)|除外|以外|之外|错",
    re.IGNORECASE,
)


def _inherit(text: str, spans: Sequence[Span], found: list[Stance]) -> None:
    """Mentions joined to one that is denied or concluded are so too: "neither A nor B", "the answer is A and C"."""
    for i in range(len(spans) - 1, 0, -1):
        joined = _JOINED.fullmatch(text[spans[i - 1][1] : spans[i][0]])
        if joined and found[i] is Stance.CONCLUDED and found[i - 1] is Stance.SAID:
            found[i - 1] = Stance.CONCLUDED
    for i in range(1, len(spans)):
        between = text[spans[i - 1][1] : spans[i][0]]
        joined = _JOINED.fullmatch(between) or between.strip() in ("(", "=", ":", "—", "-")
        if joined and found[i] is Stance.SAID and found[i - 1] in (Stance.DENIED, Stance.CONCLUDED, Stance.OPEN):
            found[i] = found[i - 1]
