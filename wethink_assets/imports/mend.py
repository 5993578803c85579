"""Mending of foreign rows (data cleaning): known defects of published files are repaired, each repair by its name.

Belongs here: what may be changed in a row without changing what it says, then the guards and row filters of our own.
Pure. Does not belong here: these (dataset/record.py, row_filters/), images (pictures.py), repeated rows (passes.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from wethink_assets.dataset.export_files import FIELDS
from wethink_assets.dataset.record import MODEL, RULE, Packaged, Refusal, package, text_defects
from wethink_assets.imports.lines import Number
from wethink_assets.imports.options import split_options
from wethink_assets.presentation.json_lines import storable
from wethink_assets.rewards.answers import DESCRIPTIVE, FILL_IN, MULTIPLE_CHOICE
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.registry import FILTERS

# What a repair is called, and what it did; the card lists those that were needed.
REPAIRS = {
    "white_space": "white space around a text taken off",
    "characters": "NUL and halves of surrogate pairs, which no table holds, taken out",
    "media_tag": "a literal media tag before or behind the question taken off",
    "outer_tags": "think or answer tags around the path or answer taken off",
    "options_from_text": "options of a multiple-choice question read from its text and written one a line",
    "answer_as_letter": "the answer of a multiple-choice question given as its letter alone",
    "answer_as_text": "an answer that is a JSON number made a text",
    "category_name": "another writing of the category",
    "abilities": "no abilities, or several in one text",
    "image_path": "another writing of the path, such as ./coco//1.jpg",
    "reward_missing": "a reward that is missing or unknown derived from the answer",
    "reward_changed": "a reward other than the answer's type asks for",
    "to_the_judge": "an answer that no rule can read given to the judge",
    "other_fields": "fields that no record has left out",
}

MAX_TEXT = 100_000  # characters of one field [D]: some 25,000 tokens

_MEDIA = r"(?:<\s*(?:/\s*)?(?:image|video|audio)\s*>|<\|(?:image|video|vision|audio)[a-z_]*\|>)"
_MEDIA_BEFORE = re.compile(rf"\s*(?:{_MEDIA}\s*)+", re.IGNORECASE)
_MEDIA_BEHIND = re.compile(rf"\s*{_MEDIA}\s*\Z", re.IGNORECASE)
_TAG = re.compile(r"<\s*(?:/\s*)?(?:think|answer)\s*>", re.IGNORECASE)
_OPENING = re.compile(r"\s*<\s*think\s*>", re.IGNORECASE)
_CLOSING = re.compile(r"<\s*/\s*think\s*>\s*\Z", re.IGNORECASE)
_CATEGORIES = {
    **dict.fromkeys(("mc", "mcq", "multiple choice", "multiple-choice", "multiple_choice"), MULTIPLE_CHOICE),
    **dict.fromkeys(("fib", "fill in the blank", "fill-in-the-blank", "fill_in_the_blank"), FILL_IN),
    **dict.fromkeys(("des", "descriptive", "description", "open-ended", "open_ended"), DESCRIPTIVE),
}
_REWARDS = {
    **dict.fromkeys(("rule", "rules", "rule-based", "rule_based"), RULE),
    **dict.fromkeys(("model", "model-based", "model_based", "judge"), MODEL),
}


@dataclass(frozen=True)
class Mended:
    """A row that may be a sample, and the repairs that made it one, by their names in `REPAIRS`.

    `question` and `options` are those of the record's problem.
    """

    record: Packaged
    repairs: frozenset[str]
    question: str
    options: tuple[str, ...]


def mended(fields: Mapping[str, Any]) -> Mended | Refusal:
    """A foreign row as a record of ours, or why it may not be one."""
    repairs: set[str] = set()
    texts = {name: _characters(fields[name], repairs) for name in FIELDS if name not in ("abilities", "reward")}
    for name, text in texts.items():
        if len(text) > MAX_TEXT:
            return Refusal("text_too_long", f"{name} has {len(text)} characters, at most {MAX_TEXT} are read")
    if isinstance(fields["answer"], Number):
        repairs.add("answer_as_text")
    if set(fields) - set(FIELDS):
        repairs.add("other_fields")
    problem = _without_media(texts["problem"], repairs)
    if any(text != text.strip() for text in (problem, texts["answer"], texts["refined_cot"])):
        repairs.add("white_space")
    category = _CATEGORIES.get(texts["category"].strip().lower(), texts["category"])
    if category != texts["category"]:
        repairs.add("category_name")
    reward = _REWARDS.get(str(fields.get("reward") or "").strip().lower())
    question, options = problem.strip(), []
    if category == MULTIPLE_CHOICE:
        question, options = split_options(question) or (question, [])
    given = {
        "question": question,
        "options": options,
        "category": category,
        "abilities": _abilities(fields.get("abilities"), repairs),
        "answer": texts["answer"],
        "refined_cot": _without_half_tags(texts["refined_cot"]),
        "image_path": _path(texts["image_path"], repairs),
    }
    # What its makers gave to the judge stays there, even where a rule could read it.
    record = package(**given, by_judge=reward == MODEL and category == FILL_IN)
    unread = isinstance(record, Refusal) and record.reason == "unverifiable_answer" and category == FILL_IN
    if unread and any(c.isalnum() for c in texts["answer"]):  # of "?" a judge could say no more than a rule
        repairs.add("to_the_judge")
        record = package(**given, by_judge=True)
    if isinstance(record, Refusal):
        return record
    seen = _seen_behind(texts, problem, reward, record, repairs)
    return Mended(record, frozenset(repairs | seen), question, tuple(record.typed.options))


def filtered(row: Mended, off: Collection[str]) -> Refusal | None:
    """What the first row filter that is not `off` finds in a row: those of our own rows, in their order."""
    record = row.record
    candidate = Candidate(row.question, row.options, record.category, record.answer, record.refined_cot)
    looks = ((one.name, one.look(candidate)) for one in FILTERS if one.name not in off)
    return next((Refusal(name, detail) for name, detail in looks if detail), None)


def _seen_behind(
    texts: Mapping[str, str], problem: str, reward: str | None, record: Packaged, repaired: set[str]
) -> set[str]:
    """Repairs that show in the record: those that its guards made."""
    repairs = set()
    if any("tag" in text_defects(texts[name]) for name in ("refined_cot", "answer")):
        repairs.add("outer_tags")
    if record.category == MULTIPLE_CHOICE and record.problem != problem.strip():
        repairs.add("options_from_text")
    if record.category == MULTIPLE_CHOICE and record.answer != texts["answer"].strip():
        repairs.add("answer_as_letter")
    if reward is None:
        repairs.add("reward_missing")
    elif reward != record.reward and "to_the_judge" not in repaired:
        repairs.add("reward_changed")
    return repairs


def _characters(text: str, repairs: set[str]) -> str:
    kept = storable(str(text)).replace("\0", "")
    if kept != text:
        repairs.add("characters")
    return kept


def _without_media(problem: str, repairs: set[str]) -> str:
    kept = problem
    if match := _MEDIA_BEFORE.match(kept):
        kept = kept[match.end() :]
    while kept.rstrip().endswith(">") and (match := _MEDIA_BEHIND.search(kept, max(0, len(kept) - 200))):
        kept = kept[: match.start()]
    if kept != problem:
        repairs.add("media_tag")
    return kept


def _without_half_tags(path: str) -> str:
    """A path whose only tag opens or closes the whole of it, since its other half was cut off."""
    if len(_TAG.findall(path)) != 1:
        return path
    if match := _OPENING.match(path):
        return path[match.end() :]
    return path[: match.start()] if (match := _CLOSING.search(path, max(0, len(path) - 200))) else path


def _abilities(given: Any, repairs: set[str]) -> list[str]:
    if isinstance(given, str):
        repairs.add("abilities")
        given = given.split(",")
    elif not given:
        repairs.add("abilities")
        given = []
    return [name for one in given if (name := storable(one).replace("\0", "").strip())]


def _path(given: str, repairs: set[str]) -> str:
    path = given.strip()
    if path and not path.startswith("/"):
        path = PurePosixPath(path).as_posix()
    if path != given:
        repairs.add("image_path")
    return path
