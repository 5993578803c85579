"""Answers in a sentence that says the question again, in languages whose prose no other rule reads.

Belongs here: Spanish, French, German, Italian, Portuguese and Chinese questions, and what is left of a reply when the
question's words and those of the frame are taken away: "El valor máximo es 86." leaves 86. Does not belong here:
judging what is left (rule_*.py), translation: a reply in another language than the question is for the judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_CHARS = 120
_ASKS = frozenset(
    "cuál cual cuánto cuántos cuántas cuánta qué quién quel quelle quels quelles combien qui que quoi welche welcher "
    "welches wie wieviel wieviele wer was wo quale quali quanto quanti quante qual quais quantos quantas".split()
)
_FRAME = frozenset(
    "el la los las lo un una unos unas es son está están hay en del de se al respuesta valor tiene tienen mide vale "
    "le les l une des du est sont il elle on y a voit ont ce c réponse valeur mesure au aux dans sur "
    "der die das den dem ein eine einen es ist sind gibt hat haben im in am beträgt antwort wert zu sehen auf "
    "gli uno è sono ha hanno nel nella risposta valore misura ci "
    "os as o um uma é são tem têm na resposta há à da do figura imagen image bild".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"[-+]?\d(?:[\d.,/]*\d)?")
_HAN = re.compile("[\u4e00-\u9fff]")
_HAN_FRAME = re.compile("(?:该|这个|这|那个|那|图中|图里|是|为|的|答案|有|共有|一共|大约|叫做|:|,|\\s)")
_HAN_ASKS = re.compile("什么|多少|哪|几|谁|怎")


def rest(text: str, asked: Sequence[str]) -> str | None:
    """What a reply says beside the question's words and the frame; None where it says nothing else, or in English."""
    if len(text) > MAX_CHARS or not asked or "?" in text or "¿" in text:
        return None
    left = _of_chinese(text, asked) if _HAN.search(text) else _of_words(text, asked)
    return left if left and left != text else None


def _of_words(text: str, asked: Sequence[str]) -> str | None:
    if _ASKS.isdisjoint(asked) or "the" in asked:
        return None
    known = _FRAME | set(asked) - {word for word in asked if word.isdecimal()}
    unknown = [m for m in _WORD.finditer(text) if m[0].casefold() not in known]
    numbers = list(_NUMBER.finditer(text))
    spans = sorted(m.span() for m in (*unknown, *numbers))
    if not spans:
        return None
    start, end = spans[0][0], spans[-1][1]
    inside = [m for m in _WORD.finditer(text, start, end) if m[0].casefold() in known]
    return None if inside else text[start:end]


def _of_chinese(text: str, asked: Sequence[str]) -> str | None:
    """The end of a sentence whose beginning repeats the question, in its order, in pieces of two characters or more."""
    question = "".join(word for word in asked if _HAN.search(word))
    if not _HAN_ASKS.search(question) or "比" in question:
        return None
    place = read = repeated = 0
    while place < len(text):
        longest = range(min(12, len(text) - place), 1, -1)
        length = next((n for n in longest if text[place : place + n] in question[read:]), 0)
        if length:
            read = question.index(text[place : place + length], read) + length
            repeated += length
        elif frame := _HAN_FRAME.match(text, place):
            length = len(frame[0])
        else:
            break
        place += length
    return text[place:].strip(' .,:!"') if repeated > 1 else None
