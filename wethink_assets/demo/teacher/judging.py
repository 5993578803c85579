"""Mock LLM judge: the teacher fills any schema with a score, a yes or no, or an answer to extract.

Belongs here: reading question, gold and reply out of a judge's prompt, and filling the schema.
Does not belong here: the measure itself (similarity.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wethink_assets.demo.teacher.similarity import nearest, similarity

# The parts of a judge's prompt, as tags (<gold>) or as labels at the start of a line ("Reference answer:").
_QUESTION = ("question",)
_GOLD = ("gold", "reference", "reference_answer", "correct_answer", "standard_answer", "ground_truth")
_REPLY = (
    "reply",
    "reply_to_grade",
    "candidate",
    "candidate_answer",
    "prediction",
    "response",
    "model_answer",
    "model_response",
    "extracted_answer",
)
_LABEL = re.compile(r"^[ \t]*(?:[#*]+ *)?([A-Za-z][A-Za-z ]{2,30}?)(?:,[^\n:]{0,80})?[ *]*:[ *]*", re.MULTILINE)
_MARKED = re.compile(r"\s*(?P<mark>[A-Z]+-[0-9a-f]{8,})\n(?P<body>.*?)\n(?P=mark)\s*", re.DOTALL)
_SAME = 0.75
_WHOLE = 0.95
_MAX_ANSWER_CHARS = 120
_FINAL = re.compile(r"[<‹]answer[>›](.*?)[<‹]/answer[>›]", re.DOTALL)
_STATED = re.compile(r"(?:answer|option|choice)(?: is|:)?\s*[:\"'(]*\s*([^\n.]{1,200})", re.IGNORECASE)
_OPTION_LINE = re.compile(r"^\s*\(?([A-Z])\)?[.:)]\s+(.+?)\s*$", re.MULTILINE)


def reply(text: str, schema: Mapping[str, Any], chance: float) -> dict[str, Any]:
    """An object that fits the schema. `chance` in [0, 1) fills what nothing in the prompt decides."""
    question, gold, candidate = part(text, _QUESTION), part(text, _GOLD), part(text, _REPLY)
    score = grade(gold, candidate, question) if gold and candidate else 0.0
    values: dict[str, Any] = {}
    for name, field in schema.get("properties", {}).items():
        values[name] = _value(name, field if isinstance(field, Mapping) else {}, score, candidate, question, chance)
    return values


def grade(gold: str, candidate: str, question: str) -> float:
    """Similarity to a gold that may hold alternatives (<OR>) of parts (<AND>), as MM-Vet's golds do."""
    alternatives = [a.split("<AND>") for a in gold.split("<OR>")]
    scores = [
        [similarity(p.strip(), candidate, question) for p in parts if p.strip()] or [0.0] for parts in alternatives
    ]
    return max(sum(parts) / len(parts) for parts in scores)


def part(text: str, names: tuple[str, ...]) -> str:
    """The part of a prompt that bears one of these names, or ''."""
    for name in names:
        if match := re.search(rf"<{name}(?:\s[^>]*)?>\n?(.*?)\n?</{name}>", text, re.DOTALL):
            return match[1].strip()
    return _labelled(text, names)


def _labelled(text: str, names: tuple[str, ...]) -> str:
    """What follows a label up to the next known label. A marked body ends at its mark, whatever it says."""
    known = {*_QUESTION, *_GOLD, *_REPLY}
    position = 0
    while match := _LABEL.search(text, position):
        label = "_".join(match[1].casefold().split())
        if marked := _MARKED.match(text, match.end()):
            body, position = marked["body"], marked.end()
        else:
            following = (m.start() for m in _LABEL.finditer(text, match.end()))
            end = next((at for at in following if _label_at(text, at) in known), len(text))
            body, position = text[match.end() : end], match.end()
        if label in names:
            return body.strip()
    return ""


def _label_at(text: str, position: int) -> str:
    match = _LABEL.match(text, position)
    return "_".join(match[1].casefold().split()) if match else ""


def _value(name: str, field: Mapping[str, Any], score: float, candidate: str, question: str, chance: float) -> Any:
    kinds = field.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    levels = field.get("enum")
    if kind in ("number", "integer") or (levels and all(isinstance(v, (int, float)) for v in levels)):
        value = nearest(score, [float(v) for v in levels]) if levels else score
        return round(value) if kind == "integer" or (levels and all(isinstance(v, int) for v in levels)) else value
    if kind == "boolean":
        return score >= _WHOLE
    if kind == "array":
        return []
    if kind == "object":
        return {}
    if name in ("reason", "reasoning", "rationale", "explanation", "why"):
        return "Compared with the reference word by word."
    if levels:
        return _level(levels, score, candidate, question, chance)
    return final(candidate)


def _level(levels: list[Any], score: float, candidate: str, question: str, chance: float) -> Any:
    """One of the schema's strings: an option letter, a number in words, or a verdict."""
    numbers = [v for v in levels if _is_number(v)]
    if len(numbers) == len(levels):
        nearest_level = nearest(score, [float(v) for v in levels])
        return min(levels, key=lambda v: abs(float(v) - nearest_level))
    letter = option(candidate, question)
    if letter in levels:
        return letter
    words = {str(v).casefold(): v for v in levels}
    if any(len(word) == 1 for word in words):
        return words.get("z", levels[-1])
    if "correct" in words:
        return words["correct"] if score >= _SAME else words.get("wrong", words.get("incorrect", levels[-1]))
    for word, level in words.items():
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", candidate.casefold()):
            return level
    for none in ("z", "unknown", "neither", "none"):
        if none in words:
            return words[none]
    return levels[int(chance * len(levels))]


def final(text: str) -> str:
    """The final answer that a reply states."""
    if match := _FINAL.findall(text):
        return match[-1].strip()
    if match := _STATED.findall(text):
        return match[-1].strip(" \"'()")
    last = text.strip().splitlines()[-1].strip() if text.strip() else ""
    return last if len(last) <= _MAX_ANSWER_CHARS else ""


def option(text: str, question: str) -> str:
    """The letter of the option that a reply means, or ''."""
    answer = final(text)
    if match := re.match(r"\(?([A-Z])\)?(?:[.:)\s]|$)", answer):
        return match[1]
    for letter, words in _OPTION_LINE.findall(question):
        if words.casefold() == answer.casefold():
            return letter
    return ""


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True
