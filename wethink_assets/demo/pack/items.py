"""Question templates: builds the items of a scene from its facts, with chains of reasoning, options, wrong answers.

Belongs here: the form of items. Does not belong here: the facts of a kind of scene (kinds/).

Kinds state facts (question, answer, one sentence of evidence); the form of an item is decided only here.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from wethink_assets.demo.pack.palette import COLOURS
from wethink_assets.demo.pack.scene import Item

LETTERS = "ABCD"


class Facts:
    """Collects a scene's facts and turns them into items and details.

    The order of items is the order of calls; `main_colour` comes first.
    """

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.items: list[Item] = []
        self.details: list[tuple[str, str]] = []

    def main_colour(self, thing: str, colour: str, plural: bool = False) -> None:
        verb = "are" if plural else "is"
        other = self._rng.choice([c for c in COLOURS if c != colour])
        self.fib(
            "main_colour",
            f"What colour {verb} the {thing}?",
            colour,
            other,
            f"The {thing} {verb} {colour}.",
            ("recognition",),
        )

    def fib(
        self,
        key: str,
        question: str,
        answer: str,
        wrong: str,
        because: str,
        abilities: Sequence[str],
        answer_type: str = "text",
    ) -> None:
        """A short answer to fill in. `because` is one sentence of at most ten words."""
        self._add(key, question, answer, "FIB", abilities, (), answer_type, wrong, because, because)
        self.details.append((question, because))

    def number(self, key: str, question: str, value: int, because: str, abilities: Sequence[str]) -> None:
        wrong = value + 1 if value <= 1 or self._rng.random() < 0.5 else value - 1
        self.fib(key, question, str(value), str(wrong), because, abilities, "number")

    def yes_no(self, key: str, question: str, value: bool, because: str, abilities: Sequence[str]) -> None:
        self.fib(key, question, "yes" if value else "no", "no" if value else "yes", because, abilities, "yes_no")

    def mc(
        self, key: str, question: str, right: str, others: Sequence[str], because: str, abilities: Sequence[str]
    ) -> None:
        """A choice of up to four options, shuffled. `others` are wrong by construction."""
        distractors = [o for o in dict.fromkeys(others) if o != right]
        options = [right, *self._rng.sample(distractors, min(3, len(distractors)))]
        self._rng.shuffle(options)
        letter = LETTERS[options.index(right)]
        wrong = self._rng.choice([c for c in LETTERS[: len(options)] if c != letter])
        self._add(
            key,
            question,
            letter,
            "MC",
            abilities,
            tuple(options),
            "choice",
            wrong,
            because,
            f"{because} That is {letter}.",
        )

    def colour_choice(self, thing: str, colour: str, plural: bool = False) -> None:
        verb = "are" if plural else "is"
        self.mc(
            "colour_choice",
            f"Which colour {'do' if plural else 'does'} the {thing} have?",
            colour,
            list(COLOURS),
            f"The {thing} {verb} {colour}.",
            ("recognition",),
        )

    def describe(self, question: str, caption: str, wrong: str) -> None:
        caption, wrong = with_article(caption), with_article(wrong)
        self._add(
            "describe",
            question,
            caption,
            "DES",
            ("recognition", "spatial"),
            (),
            "free_form",
            wrong,
            caption,
            "I name the main thing, its colour and its surroundings.",
        )

    def _add(
        self,
        key: str,
        question: str,
        answer: str,
        category: str,
        abilities: Sequence[str],
        options: tuple[str, ...],
        answer_type: str,
        wrong: str,
        because: str,
        short: str,
    ) -> None:
        doubt = self._rng.choice(
            ("Wait, let me check that again.", "Hmm, I should look once more.", "Let me verify this.")
        )
        chain = (
            f"Let me look at the picture first. {because} {doubt} Looking again, I see the same: {because} "
            f"I have seen this already, so I am sure. The answer is {answer}"
        )
        self.items.append(
            Item(key, question, answer, category, ("reasoning", *abilities), options, answer_type, wrong, chain, short)
        )

    def plan(self, caption: str, size: tuple[int, int], **more: Any) -> dict[str, Any]:
        """The keyword arguments of Scene that a kind returns from its plan."""
        extra = {"size": [size[0], size[1]], **more.pop("extra", {})}
        return {
            "caption": with_article(caption),
            "details": tuple(self.details),
            "items": tuple(self.items),
            "extra": extra,
            **more,
        }


def with_article(text: str) -> str:
    return text.replace("A orange", "An orange").replace(" a orange", " an orange")


def thing(name: str, box: Sequence[float], colour: str = "", *attributes: str) -> dict[str, Any]:
    """An object record with whole pixel numbers."""
    x, y, w, h = (int(v) for v in box)
    return {"name": name, "x": x, "y": y, "w": w, "h": h, "colour": colour, "attributes": list(attributes)}


def token(word: str, box: Sequence[float]) -> dict[str, Any]:
    x, y, w, h = (int(v) for v in box)
    return {"word": word, "x": x, "y": y, "w": w, "h": h}


def corners(record: dict[str, Any]) -> tuple[int, int, int, int]:
    """The box of a record as x0, y0, x1, y1."""
    return record["x"], record["y"], record["x"] + record["w"], record["y"] + record["h"]


def slots(rng: Random, n: int, x: float, y: float, w: float, size: float) -> list[tuple[float, float, float, float]]:
    """`n` square boxes in a row inside the strip that starts at (x, y) and is `w` wide, not touching each other."""
    step = w / max(n, 1)
    side = min(size, step * 0.8)
    return [(x + i * step + rng.random() * (step - side), y + rng.random() * size * 0.2, side, side) for i in range(n)]
