"""Hedges beside an asserted answer doubt nothing; those of the answer itself do."""

from __future__ import annotations

import pytest

from wethink_assets.rewards.asides import without_asides
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import verify

VEHICLES = ("a red bus", "a blue car", "a green bike", "a yellow taxi")
GOLDS = {
    "choice": ("B", "MC", VEHICLES, "Which vehicle is parked by the kerb?"),
    "number": ("7", "FIB", (), "How many birds are on the wire?"),
    "quantity": ("12 cm", "FIB", (), "What is the length of side AB?"),
    "text": ("the red mug", "FIB", (), "What is next to the laptop?"),
    "yes_no": ("yes", "FIB", (), "Is the man wearing a hat?"),
}
ASSERTED = [
    ("choice", "The answer is B. The red bus might be stopped at a light."),
    ("choice", "It is the blue car, which is option B. If you look closely, it has its lights off."),
    ("choice", "The vehicle that could be described as parked is the blue car, so B."),
    ("number", "There are 7 birds, which might be pigeons."),
    ("number", "There are 7 birds, but no cats."),
    ("quantity", "If the hypotenuse is 13 cm and BC is 5 cm, AB = 12 cm."),
    ("quantity", "Assuming the angle at B is right, AB = 12 cm."),
    ("quantity", "AB = 12 cm, but AC = 13 cm."),
    ("quantity", "It is 12 cm, so the opposite side is 12 cm as well."),
    ("text", "A red mug, which may be full of coffee."),
    ("yes_no", "Yes, he might be cold."),
    ("yes_no", "Yes, a hat that may be made of wool."),
]
DOUBTED = [
    ("choice", "B. The answer might be C, though."),
    ("choice", "The blue car, which may be wrong."),
    ("choice", "It might be B. The red bus is moving."),
    ("choice", "B. The blue car might be moving."),
    ("number", "7, which might be off by 1."),
    ("number", "If one more lands, there are 7 birds."),
    ("number", "There are 7 birds, but it could be 8."),
    ("number", "There are 7 birds, so 8 with the hidden one."),
    ("quantity", "If the angle were right, AB = 12 cm."),
    ("quantity", "Assuming I misread the figure, AB = 12 cm."),
    ("quantity", "AB = 12 cm, but it is 13 cm."),
    ("yes_no", "Yes, it might be so."),
    ("yes_no", "Yes, perhaps."),
]


def verdict(kind: str, reply: str) -> str:
    answer, category, options, question = GOLDS[kind]
    gold = type_answer(answer, category=category, options=options, question=question)
    return str(verify(gold, f"<think>Looking.</think><answer>{reply}</answer>"))


@pytest.mark.parametrize(("kind", "reply"), ASSERTED)
def test_what_stands_beside_an_answer_may_be_uncertain(kind, reply):
    assert verdict(kind, reply) == "correct"


@pytest.mark.parametrize(("kind", "reply"), DOUBTED)
def test_a_doubt_of_the_answer_is_one_wherever_it_stands(kind, reply):
    assert verdict(kind, reply) in ("hedged", "wrong", "unparseable")


def test_long_replies_are_left_as_they_are():
    text = "7. The bus might be red. " * 40
    assert without_asides(text, "7") == text
