"""Question generation of the sample teacher: questions about a scene, some of them flawed on purpose.

Belongs here: choosing items, flawed questions, recognising a question again in a prompt.
Does not belong here: answers (replies.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from wethink_assets.demo.pack.scene import Item, Scene
from wethink_assets.demo.teacher import blind_questions, hard_questions
from wethink_assets.demo.teacher.faults import Faults, draw

ILL_POSED = (
    "Is it the better one?",
    "Which part of this do people like best?",
    "How many are there of the other kind?",
    "What is the second unicorn in the image made of?",
    "Why does its owner prefer the left one?",
    "What comes after the last one?",
)
UNANSWERABLE = (
    "On which day of the week was this image made?",
    "What stands directly behind the camera?",
    "How many people have looked at this before?",
    "What is the first name of whoever made this image?",
    "How warm was it when this image was made?",
    "What did the main object cost when it was new?",
)
GUESSES = ("three", "Monday", "Anna", "a tree", "seven", "the left one", "42", "wood", "nobody", "yesterday")

_SHORT_LIST = 0.25  # share of images with one question fewer than asked for: models do not always obey


@dataclass(frozen=True)
class Asked:
    """A question found in a prompt: an item of the scene, or a flawed one."""

    text: str
    item: Item | None = None
    flaw: str | None = None  # ill_posed | unanswerable


def propose(
    image_id: str, scene: Scene, count: int, faults: Faults, wanted: Collection[str] = ()
) -> list[dict[str, Any]]:
    """Up to `count` questions: the scene's main colour for nearly every image, then others by draw, those first that
    need a `wanted` ability.
    """
    if count > 1 and draw(faults.seed, "short list", image_id) < _SHORT_LIST:
        count -= 1
    first, *others = scene.items
    others.sort(key=lambda item: (not {*wanted} & {*item.abilities}, draw(faults.seed, "order", image_id, item.key)))
    items = [first, *others] if draw(faults.seed, "main", image_id) < 0.97 else others
    proposals: list[dict[str, Any]] = []
    for position, item in enumerate(items[:count]):
        proposal = _proposal(item)
        # Flaws go to the further questions only, at a rate that keeps the share over all questions.
        share = count / max(1, count - 1)
        if position:
            proposal = _flawed(image_id, item, position, share, proposal, proposals, faults) or proposal
        proposals.append(proposal)
    return proposals


def _flawed(
    image_id: str,
    item: Item,
    position: int,
    share: float,
    proposal: dict[str, Any],
    earlier: list[dict[str, Any]],
    faults: Faults,
) -> dict[str, Any] | None:
    about = {"image_id": image_id, "role": "reasoner"}
    for flaw, texts, rate in (
        ("ill_posed", ILL_POSED, faults.rates.ill_posed),
        ("unanswerable", UNANSWERABLE, faults.rates.unanswerable),
    ):
        if faults.hits(rate * share, flaw, image_id, position):
            question = faults.pick(texts, flaw, image_id, position)
            faults.plant(flaw, question=question, **about)
            return {"question": question, "category": "FIB", "options": [], "abilities": ["reasoning", "recognition"]}
    for flaw, rate in (
        ("answer_in_question", faults.rates.answer_in_question),
        ("two_right_options", faults.rates.two_right_options),
    ):
        if faults.hits(rate * share, flaw, image_id, position) and (flawed := hard_questions.flawed(item, flaw)):
            faults.plant(flaw, question=flawed.get("question", item.question), **about)
            return proposal | flawed
    if faults.hits(faults.rates.solvable_blind * share, "blind", image_id, position):
        known = faults.pick(blind_questions.ITEMS, "blind", image_id, position)
        faults.plant("solvable_blind", question=known.question, **about)
        return _proposal(known)
    if faults.hits(faults.rates.repeated_question * share, "repeated", image_id, position) and earlier:
        wording = faults.pick(hard_questions.AGAIN, "repeated", image_id, position)
        again = wording.format(earlier[0]["question"])
        faults.plant("repeated_question", question=again, repeats=earlier[0]["question"], **about)
        return earlier[0] | {"question": again}
    if faults.hits(faults.rates.invalid_question * share, "invalid", image_id, position):
        how = faults.pick(("duplicate", "no_synergy", "bad_options"), "invalid", image_id, position)
        faults.plant("invalid_question", question=item.question, how=how, **about)
        if how == "duplicate" and earlier:
            return dict(earlier[0])
        if how == "no_synergy":
            return proposal | {"abilities": ["reasoning"]}
        return proposal | {"category": "MC", "options": [item.answer, item.answer]}
    return None


def _proposal(item: Item) -> dict[str, Any]:
    return {
        "question": item.question,
        "category": item.category,
        "options": list(item.options),
        "abilities": list(item.abilities),
    }


def find(scene: Scene, text: str) -> Asked | None:
    """The question that `text` holds: the longest one, so that no question hides inside another."""
    candidates = [Asked(item.question, item=item) for item in (*scene.items, *blind_questions.ITEMS)]
    candidates += [Asked(q, flaw="ill_posed") for q in ILL_POSED]
    candidates += [Asked(q, flaw="unanswerable") for q in UNANSWERABLE]
    quoted = [c for c in candidates if c.text in text]
    if not quoted:
        return None
    # Of equal questions, the one whose options the text shows.
    return max(quoted, key=lambda c: (len(c.text), all(o in text for o in c.item.options) if c.item else False))
