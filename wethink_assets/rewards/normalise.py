"""One writing for answers that differ only in how they are typed.

Belongs here: Unicode forms, minus signs, wrappers, lead-ins such as "the answer is", folding for text
comparison. Does not belong here: what a text means (numbers: scalars.py and exact.py; units: units.py).

Every pattern here is linear in the text: no nested quantifier over overlapping classes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_ANSWER_CHARS = 4_000

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ", "0123456789+-()n")
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_SUBSCRIPT = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_BASE = re.compile("(?<=log)[₀₁₂₃₄₅₆₇₈₉]+")
_VULGAR = re.compile("[¼½¾⅐-⅞↉]")
_CHARACTERS: dict[int, str | None] = {ord(c): "-" for c in "‐‑‒–—―−﹣－"}
_CHARACTERS |= {ord(c): "'" for c in "‘’‛`´"} | {ord(c): '"' for c in "“”„«»"}
_CHARACTERS |= {ord(c): None for c in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"}
_CHARACTERS |= {ord("º"): "°", ord("˚"): "°", ord("⁄"): "/", ord("∕"): "/", ord("÷"): "/", ord("∶"): ":"}
_CHARACTERS |= {ord("٫"): ".", ord("٬"): ","}
_CHARACTERS |= {ord("×"): "*", ord("·"): "*", ord("⋅"): "*", ord("∙"): "*", ord("≦"): "≤", ord("≧"): "≥"}
_CHARACTERS |= {ord("。"): ".", ord("、"): ",", ord("【"): "[", ord("】"): "]", ord("〜"): "~", ord("～"): "~"}
_CHARACTERS |= {ord(c): '"' for c in "「」『』《》"}
_HTML = re.compile(r"<(b|i|em|strong|u)>([^<>]*)</\1>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_THOUSANDS = re.compile(
    r"(?<![\d.,])[1-9]\d{0,2}(?:(?:,|\{,\}|\\,|\\!,)\d{3})+(?![\d,])|(?<![\d.,'])[1-9]\d{0,2}(?:'\d{3})+"
    r"(?![\d'\"])|(?<![\d.,])[1-9]\d{0,2}(?: \d{3})+(?![\d,])"
)
_GROUPING = re.compile(r"[^\d]")

_LEAD_IN = re.compile(
    r"""(?:(?:so|thus|therefore|hence|then|well|ok|okay|sure|answer|final\ answer|result|solution
        |我认为|我觉得|所以|因此|故|那么)\s*[,:]?\s+
    |(?:i\ (?:think|believe|guess|know)(?:\ that)?|we\ (?:get|have|find|obtain)
        |it\ (?:is|'s|was|shows|says|reads)|it's|that's|this\ is|there\ (?:is|are)|they\ are)\s*:?\s+
    |i\ (?:think|believe|know)\s*:\s*
    |(?:the\ |my\ )?(?:final\ |correct\ |right\ )*(?:answer|result|option|choice|value|solution)\s*
        (?:is|are|was|=|:|would\ be|should\ be)\s*:?\s*
    |(?:the\ )?(?:final\ )?answer\s*[:=]\s*
    |(?:最终|正确|本题)*(?:答案|结果|选项)(?:应该|应)?(?:是|为|选|:|=)+\s*
    |(?:我认为|我觉得|所以|因此|故|应该是|应该|应|选择|选|答案|答)\s*[:,]?\s*)""",
    re.IGNORECASE | re.VERBOSE,
)
_FACTORIAL = re.compile(r"(?=[^!]*\d)[\d\s()+\-*/^={}$!]+!\$?")  # 5! and 5!/3!: no exclamation of words
_ARTICLE = re.compile(r"^(?:a|an|the) (?=\S)")
# Vowel signs and tone marks of scripts that write with them: they are no letters to `re`, but make another word.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17d3"
_PUNCTUATION = re.compile(rf"[^\w\s{_MARKS}%°$€£¥+\-*/=<>≤≥√π^.:'#&@]|_")


def normalise(text: str) -> str:
    """NFKC with the mathematics kept (x² is x^2, 1½ is 1 1/2), one minus sign, one space."""
    text = text[:MAX_ANSWER_CHARS]
    if not text.isascii():
        text = _SUPERSCRIPTS.sub(lambda m: "^{" + m[0].translate(_SUPERSCRIPT) + "}", text)
        text = _BASE.sub(lambda m: "_{" + m[0].translate(_SUBSCRIPT) + "}", text)
        text = _VULGAR.sub(
            lambda m: (
                " "
                + unicodedata.normalize("NFKC", m[0]).replace("⁄", "/")
                + " " * text[m.end() : m.end() + 1].isalpha()
            ),
            text,
        )
        text = unicodedata.normalize("NFKC", text.translate(_CHARACTERS)).translate(_CHARACTERS)
    if "</" in text:
        text = _HTML.sub(r"\2", text)
    return _CONTROL.sub(" ", text).strip()


def plain_thousands(text: str) -> str:
    """1,234,567 and 1 234 567 without their grouping."""
    if not any(c.isdigit() for c in text):
        return text
    return _THOUSANDS.sub(lambda m: _GROUPING.sub("", m[0]), text)


def unwrap(text: str) -> str:
    """Without what only wraps an answer: dollar signs, \\( \\), \\boxed{}, \\text{}, quotes, bold, a final stop."""
    for _ in range(8):
        before = text
        text = text.strip().rstrip(" .;,?").strip()
        if not _FACTORIAL.fullmatch(text):
            text = text.rstrip(" .!;,?").strip()
        if text.endswith("\\"):
            text = text[:-1]
        for opening, closing in (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("**", "**"), ("__", "__")):
            if text.startswith(opening) and text.endswith(closing) and len(text) >= 4:
                text = text[2:-2]
        if len(text) > 2 and text[0] == "<" and text[-1] == ">" and not any(c in text[1:-1] for c in "<>/="):
            text = text[1:-1]
        if len(text) > 2 and text[0] in "$\"'`*_" and text[-1] == text[0] and text[0] not in text[1:-1]:
            text = text[1:-1]
        for command in ("\\boxed", "\\fbox", "\\text", "\\textbf", "\\mathrm", "\\mathbf", "\\mbox", "\\displaystyle"):
            if text.startswith(command):
                inner = text[len(command) :].strip()
                if inner.startswith("{") and _closes_at(inner) == len(inner) - 1:
                    text = inner[1:-1]
                elif command == "\\displaystyle":
                    text = inner
        if text == before:
            return text
    return text


def _closes_at(text: str) -> int:
    depth = 0
    for index, character in enumerate(text):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return index
    return -1


def without_lead_in(text: str) -> str:
    """Without "so the answer is", "I think", "答案是" and the like at the beginning."""
    for _ in range(4):
        match = _LEAD_IN.match(text)
        if not match or match.end() == len(text):
            return text
        text = text[match.end() :]
    return text


MAX_REMEMBERED_CHARS = 400  # the rules ask for the same short texts some twenty times a verdict


def clean(text: str) -> str:
    """A final answer as it is compared: normalised and unwrapped."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED_CHARS else unwrap(normalise(text))


@lru_cache(maxsize=4_096)
def _remembered(text: str) -> str:
    return unwrap(normalise(text))


def fold(text: str) -> str:
    """For comparing texts: no case, articles, punctuation or spacing differences."""
    return _folded(text) if len(text) <= MAX_REMEMBERED_CHARS else _fold(text)


def _fold(text: str) -> str:
    text = _PUNCTUATION.sub(" ", clean(text).casefold())
    text = " ".join(text.split())
    while True:
        shorter = _ARTICLE.sub("", text)
        if shorter == text:
            return text.strip(" .'")
        text = shorter


@lru_cache(maxsize=4_096)
def _folded(text: str) -> str:
    return _fold(text)
