"""One sample in WeThink's record: problem, answer, category, abilities, refined_cot, image_path, reward.

Belongs here: putting the record together and refusing the known defects of the released data set: tags left in
the text, literal image placeholders, rows empty after normalisation, answers that the reward cannot score.
Does not belong here: whether the answer is true (synthesis decided) or selected (selection.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypedDict

from wethink_assets.rewards.answers import DESCRIPTIVE, FILL_IN, MULTIPLE_CHOICE, AnswerType, TypedAnswer
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.normalise import MAX_ANSWER_CHARS, clean, fold, normalise
from wethink_assets.rewards.verifier import Verdict, verify

CATEGORIES = (MULTIPLE_CHOICE, FILL_IN, DESCRIPTIVE)
RULE, MODEL = "rule", "model"
MAX_OPTIONS = 26
_WRAPPED = re.compile(r"\s*<think>(?P<cot>.*?)</think>\s*(?:<answer>.*)?", re.DOTALL | re.IGNORECASE)
_WRAPPED_ANSWER = re.compile(r"\s*<answer>(?P<answer>[^<]*)</answer>\s*", re.IGNORECASE)
_TAG = re.compile(r"<\s*(?:/\s*)?(?:think|answer)\s*>", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"<\s*(?:/\s*)?(?:image|video|audio)\s*>|<\|(?:image|video|vision|audio)[a-z_]*\|>", re.IGNORECASE
)
_LETTERED = re.compile(r"^\s*\(?([A-Z])\)?[.):、]\s*(?=\S)")


@dataclass(frozen=True)
class Refusal:
    """The reason why a sample may not exist: `reason` is a short code, `detail` one readable sentence."""

    reason: str
    detail: str


class RecordColumns(TypedDict):
    """The columns of table `samples` that are the record's own."""

    problem: str
    answer: str
    answer_typed: str
    answer_type: str
    category: str
    abilities: list[str]
    refined_cot: str
    image_path: str
    reward: str


@dataclass(frozen=True)
class Packaged:
    """A sample's record: its fields as table `samples` has them, and the typed answer."""

    problem: str
    answer: str
    answer_typed: str
    answer_type: str
    category: str
    abilities: tuple[str, ...]
    refined_cot: str
    image_path: str
    reward: str
    typed: TypedAnswer

    def columns(self) -> RecordColumns:
        """The fields as columns of table `samples`."""
        return {
            "problem": self.problem,
            "answer": self.answer,
            "answer_typed": self.answer_typed,
            "answer_type": self.answer_type,
            "category": self.category,
            "abilities": list(self.abilities),
            "refined_cot": self.refined_cot,
            "image_path": self.image_path,
            "reward": self.reward,
        }


def package(
    *,
    question: str,
    options: Sequence[str],
    category: str,
    abilities: Sequence[str],
    answer: str,
    refined_cot: str,
    image_path: str,
    by_judge: bool = False,
) -> Packaged | Refusal:
    """Validate a sample and make its record, or say why it may not exist.

    `by_judge`: evidence took the row from its rule, so that its answer is free-form.

    One outer pair of think or answer tags is taken off, since rewriters often add it; any tag left is refused.
    A multiple-choice answer given as an option's text becomes its letter.
    """
    if category not in CATEGORIES:
        return Refusal("unknown_category", f"category {category!r} is none of {', '.join(CATEGORIES)}")
    question, answer = question.strip(), _without_answer_tags(answer).strip()
    refined_cot = _without_think_tags(refined_cot).strip()
    options = [
        _LETTERED.sub("", option, count=1).strip() if _is_lettered(options) else option.strip() for option in options
    ]
    texts = {"question": question, "answer": answer, "refined_cot": refined_cot}
    if refusal := _defect(texts, options) or _bad_path(image_path) or _bad_options(category, options):
        return refusal
    typed = type_answer(
        answer, category=category, options=options if category == MULTIPLE_CHOICE else (), question=question
    )
    if category == MULTIPLE_CHOICE:
        if not typed.value:
            letters = "".join(chr(65 + i) for i in range(len(options)))
            return Refusal("answer_not_an_option", f"answer {answer[:80]!r} is none of the options {letters}")
        answer = typed.value
        typed = TypedAnswer(typed.type, answer, typed.value, options=typed.options)
    if by_judge:
        typed = TypedAnswer(AnswerType.FREE_FORM, answer, clean(answer), options=typed.options)
    reward = MODEL if typed.type == AnswerType.FREE_FORM else RULE
    if reward == RULE and (verdict := verify(typed, answer, extracted=True)) is not Verdict.CORRECT:
        return Refusal("unverifiable_answer", f"the rule for {typed.type} finds its own gold {answer[:80]!r} {verdict}")
    problem = with_options(question, options) if category == MULTIPLE_CHOICE else question
    return Packaged(
        problem=problem,
        answer=answer,
        answer_typed=typed.to_json(),
        answer_type=str(typed.type),
        category=category,
        abilities=tuple(dict.fromkeys(abilities)),
        refined_cot=refined_cot,
        image_path=image_path,
        reward=reward,
        typed=typed,
    )


def with_options(question: str, options: Sequence[str]) -> str:
    """The question with its lettered options, one per line."""
    return "\n".join([question, *(f"{chr(65 + i)}. {option}" for i, option in enumerate(options))])


def text_defects(text: str) -> list[str]:
    """Text defects by code: tag (think or answer), placeholder (of an image), empty (after normalisation)."""
    codes = []
    if _TAG.search(text):
        codes.append("tag")
    if _PLACEHOLDER.search(text):
        codes.append("placeholder")
    if not normalise(text) or not any(c.isalnum() for c in normalise(text)):
        codes.append("empty")
    return codes


def _defect(texts: dict[str, str], options: Sequence[str]) -> Refusal | None:
    for name, text in [*texts.items(), *((f"option {chr(65 + i % 26)}", option) for i, option in enumerate(options))]:
        for code in text_defects(text):
            # "+" and "△" are answers, though no letter or digit is in them
            if code == "empty" and name != "question" and name != "refined_cot" and normalise(text):
                continue
            return Refusal(
                f"{code}_in_text" if code != "empty" else "empty_text", f"{name} holds {code}: {text[:80]!r}"
            )
    if len(texts["answer"]) > MAX_ANSWER_CHARS:
        return Refusal(
            "answer_too_long",
            f"the answer has {len(texts['answer'])} characters, at most {MAX_ANSWER_CHARS} can be scored",
        )
    return None


def _bad_options(category: str, options: Sequence[str]) -> Refusal | None:
    if category != MULTIPLE_CHOICE:
        return None
    if not 2 <= len(options) <= MAX_OPTIONS:
        return Refusal("bad_options", f"{len(options)} options; 2 to {MAX_OPTIONS} are possible")
    folded = [fold(option) or option for option in options]
    if len(set(folded)) < len(folded):
        return Refusal("bad_options", f"two options are the same: {list(options)!r}"[:200])
    return None


def _bad_path(image_path: str) -> Refusal | None:
    path = PurePosixPath(image_path)
    if not image_path or path.is_absolute() or ".." in path.parts or "\\" in image_path or len(path.parts) < 2:
        return Refusal("bad_image_path", f"image_path {image_path!r} is no path below the folder of its source")
    return None


def _is_lettered(options: Sequence[str]) -> bool:
    """Whether all options carry their own letters already, in order."""
    matches = [_LETTERED.match(option) for option in options]
    return bool(options) and all(m and m[1] == chr(65 + i) for i, m in enumerate(matches))


def _without_think_tags(text: str) -> str:
    match = _WRAPPED.fullmatch(text)
    return match["cot"] if match else text


def _without_answer_tags(text: str) -> str:
    match = _WRAPPED_ANSWER.fullmatch(text)
    return match["answer"] if match else text
