"""Filters of a reasoning path's form: loops, talk of the description, the answer given first.

Belongs here: what shows in the text without reading its argument. Does not belong here: whether steps hold
(path_steps.py), its language
(path_language.py).
"""

from __future__ import annotations

import re
from collections import Counter

from wethink_assets.rewards.answers import MULTIPLE_CHOICE
from wethink_assets.rewards.normalise import fold
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.conclusions import conclusions
from wethink_assets.row_filters.path_language import script
from wethink_assets.row_filters.questions import judged

# Words of a phrase said in a row, words of one said anywhere, how often, and how often a shorter one in a row.
PHRASE, LONG_PHRASE, TIMES, SHORT_TIMES = 4, 8, 3, 5
MOST_WORDS = 40  # of a phrase said in a row
_WORD = re.compile(r"\w+(?:['.,]\w+)*")
_DESCRIPTION = re.compile(
    r"\b(?:the|this|that|given|provided|above|image|text|original|detailed|your|my|user's) "
    r"(?:image |textual |text |scene )?descriptions?\b"
    r"(?! of (?:the|a|an) (?:product|item|character|job|book|film|event)\b)"
    r"|\b(?:according to|based on|from|per) (?:a|its) (?:given |provided |image |textual |detailed )*descriptions?\b"
    r"|\bas (?:described|stated|mentioned) (?:above|in the (?:text|passage|prompt))\b"
    r"|\b(?:image|picture|photo|scene) is described\b"
    r"|\b(?:text|passage|caption) (?:that )?(?:I|we) (?:was|were|am|are) (?:given|shown|told)\b"
    r"|\b(?:provided|supplied) (?:text|caption|passage)\b|\balt text\b|\bdetailed captions?\b"
    r"|\bcaption,? which describes\b"
    r"|(?:根据|按照|从|在)?(?:图片|图像|文字|上述|所给|给定|这段)?的?描述(?:中|里|说|提到|可知|,|，)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?:the )?(?:final |correct |right )?(?:answer|答案)(?: is)?\s*[:：]\s*\**\s*", re.IGNORECASE)
_LETTER_FIRST = re.compile(r"\W{0,3}[A-Z][.)]\s+\S")
_ANSWERING = re.compile(
    r"\b(?:answer(?:ed)?|response|reply)\b(?! (?:the|this) question)|\bI(?: would|'d)? (?:choose|pick|select)\b"
    r"|\bimmediately\b|\bat once\b|\bright away\b|\bnamely\b|\bresult (?:should|must) be\b|答案",
    re.IGNORECASE,
)
_ABOUT_TEXTS = re.compile(r"\bdescri(?:ption|be)|描述|\b(?:text|passage|caption)\b", re.IGNORECASE)


def loops(row: Candidate) -> str | None:
    """A sentence or conclusion three times, a phrase three times in a row, or a long one three times anywhere."""
    claims = Counter(fold(claim) for claim in conclusions(row.path))
    if claims and (most := claims.most_common(1)[0])[1] >= TIMES:
        return f"the path concludes {most[1]} times: {most[0][:120]!r}"
    folded = [fold(sentence) for sentence in row.sentences]
    for start in range(len(folded) - TIMES + 1):
        if len(set(folded[start : start + TIMES])) == 1:
            return f"the path says in a row: {folded[start][:120]!r}"
    said = Counter(sentence for sentence in folded if len(_WORD.findall(sentence)) >= PHRASE)
    if said and (most := said.most_common(1)[0])[1] >= TIMES:
        return f"the path says {most[1]} times: {most[0][:120]!r}"
    words = _words(row.path)
    if said_in_a_row := _in_a_row(words):
        return f"the path says in a row: {said_in_a_row[:120]!r}"
    grams = Counter(tuple(words[n : n + LONG_PHRASE]) for n in range(len(words) - LONG_PHRASE + 1))
    for gram, count in grams.most_common(1):
        if count >= TIMES and len(set(gram)) > 2:
            return f"the path says {count} times: {' '.join(gram)[:120]!r}"
    return None


def _in_a_row(words: list[str]) -> str:
    """A phrase that follows on itself often enough: words that equal those one phrase earlier, one after the other."""
    for length in range(1, min(MOST_WORDS, len(words) // 2) + 1):
        needed = length * ((TIMES if length >= PHRASE else SHORT_TIMES) - 1)
        same = 0
        for place, (word, earlier) in enumerate(zip(words[length:], words, strict=False)):
            same = same + 1 if word == earlier else 0
            if same >= needed:
                return " ".join(words[place : place + length])
    return ""


def _words(text: str) -> list[str]:
    """Words in lower case; in scripts without spaces every letter is one."""
    return [
        part
        for word in _WORD.findall(text.lower())
        for part in (word if any(script(c) == "CJK" for c in word) else [word])
    ]


def names_description(row: Candidate) -> str | None:
    """Talk of the description that the chain was made from, where the question is not about one."""
    if _ABOUT_TEXTS.search(row.question):
        return None
    match = _DESCRIPTION.search(row.path)
    return f"the path speaks of a description: {match[0][:80]!r}" if match else None


def gives_answer_first(row: Candidate) -> str | None:
    """A path whose first sentence concludes, or begins with nothing but the answer, with more behind it."""
    if len(row.sentences) < 2:
        return None
    first = row.sentences[0].strip("*_# ")
    if conclusions(first):
        return f"the first sentence concludes: {first[:120]!r}"
    if judged(row):
        return None
    answers = {text for text in (fold(row.answer), fold(row.answer_text)) if text}
    if row.category == MULTIPLE_CHOICE:
        answers.add(fold(f"{row.answer} {row.answer_text}"))
    lead = fold(_LABEL.sub("", row.path.strip("*_# ")).split("\n")[0])
    bare = {fold(_LABEL.sub("", first)), *([lead] if _LABEL.match(row.path.strip("*_# ")) else [])}
    if bare & answers or (row.category == MULTIPLE_CHOICE and _LETTER_FIRST.match(row.path)):
        return f"the path begins with the answer: {row.path[:120]!r}"
    told = fold(first)
    if _ANSWERING.search(first) and any(re.search(rf"(?<!\w){re.escape(text)}(?!\w)", told) for text in answers):
        return f"the first sentence gives the answer: {first[:120]!r}"
    return None
