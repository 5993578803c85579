"""Near-duplicate questions: other words for the same of the same are found, and what only sounds alike is not."""

from __future__ import annotations

import random

import pytest

from wethink_assets.dataset.similar_questions import LEAST, Repeats, bare, repeated, shingles
from wethink_assets.images.contamination import words

FIRST = "How many red cubes stand to the left of the large metal ball?"
AGAIN = [
    "In the picture, how many red cubes stand to the left of the large metal ball?",
    "How many red cubes stand to the left of the large metal ball? Look closely.",
    "how many red cubes stand, to the left of the large metal ball",
]
OTHERS = [
    "How many blue cubes stand to the right of the small rubber ball?",
    "How many red cubes stand to the right of the large metal ball?",
    "What is to the left of the large metal ball?",
]


def row(name: str, question: str, answer: str = "3", image: str = "a", category: str = "FIB", options=()) -> dict:
    letters = "".join(f"\n{chr(65 + n)}. {option}" for n, option in enumerate(options))
    texts = {"problem": question + letters, "answer": answer, "category": category}
    return {"sample_id": name, "image_id": image, **texts}


def found(*rows: dict, cluster=lambda image: image, size: int = 100) -> dict[str, Repeats]:
    windows = [rows[i : i + size] for i in range(0, len(rows), size)]
    return repeated(lambda: windows, cluster, {r["sample_id"]: r for r in rows})


@pytest.mark.parametrize("again", AGAIN)
def test_the_same_in_other_words_repeats_the_first(again):
    for size in (1, 2):
        assert {name: r.other for name, r in found(row("1", FIRST), row("2", again), size=size).items()} == {"2": "1"}


SHORT = "What colour is the car?"
SHORT_AGAIN = [
    "Based on what is shown: What colour is the car?",
    "In this photograph, what colour is the car?",
    "What colour is the car in the picture?",
    "What colour is the car? Please answer from the image only.",
    "Looking closely at the scene, what colour is the car (as seen in this photo)?",
]


@pytest.mark.parametrize("again", SHORT_AGAIN)
def test_what_only_asks_to_look_or_to_answer_makes_a_short_question_no_other(again):
    assert {name: r.other for name, r in found(row("1", SHORT), row("2", again)).items()} == {"2": "1"}
    assert set(found(row("1", again), row("2", SHORT))) == {"2"}


@pytest.mark.parametrize(
    "other",
    [
        "What colour is the car on the left?",
        "What colour is the car behind the tree in the picture?",
        "What colour is the bus in the picture?",
        "In the picture, where is the car?",
    ],
)
def test_short_questions_about_other_things_stay_two(other):
    assert not found(row("1", SHORT), row("2", other))


@pytest.mark.parametrize("text", ["What is shown?", "What is visible in this picture?", "Answer:", ""])
def test_of_a_question_that_only_asks_to_look_nothing_is_taken_away(text):
    assert bare(words(text)) == words(text)


@pytest.mark.parametrize("other", OTHERS)
def test_what_asks_something_else_does_not(other):
    assert not found(row("1", FIRST), row("2", other))


def test_across_images_only_within_a_cluster():
    rows = row("1", FIRST, image="a"), row("2", FIRST, image="b"), row("3", FIRST, image="c")
    assert not found(*rows)
    together = {"a": "a", "b": "a", "c": "c"}
    assert set(found(*rows, cluster=together.__getitem__)) == {"2"}


def test_other_numbers_and_other_answers_are_other_questions():
    long = "If the shop sells {} of the apples that are shown on the table for two pounds each, how much does it earn?"
    assert not found(row("1", long.format(5)), row("2", long.format(6)))
    assert not found(row("1", FIRST, "3"), row("2", AGAIN[0], "4"))
    assert found(row("1", FIRST, "The left one."), row("2", AGAIN[0], "the left one"))


def test_of_a_choice_the_options_text_counts_and_not_its_letter():
    first = row("1", FIRST, "A", category="MC", options=("red", "blue"))
    assert found(first, row("2", AGAIN[0], "B", category="MC", options=("green", "red")))
    assert not found(first, row("2", AGAIN[0], "A", category="MC", options=("green", "red")))
    assert found(first, row("2", AGAIN[0], "red")), "asked without options"


def test_descriptive_questions_repeat_one_another_about_the_same_image_alone():
    first, second = row("1", FIRST, "Three cubes.", category="DES"), row("2", AGAIN[0], "There are 3.", category="DES")
    assert set(found(first, second)) == {"2"}
    assert not found(first, second | {"image_id": "b"}, cluster=lambda image: "one")


def test_a_row_that_is_not_usable_stops_no_other():
    rows = [row("1", FIRST), row("2", FIRST)]
    assert not repeated(lambda: [rows], lambda image: image, {"2": rows[1]})


def test_the_same_as_by_all_pairs():
    """Drawn questions of few words, against the definition: the first that stays and is similar enough drops a row."""
    drawn = random.Random(1)
    for _ in range(60):
        rows = [row(f"{n:02}", " ".join(drawn.choices("abcd", k=drawn.randint(1, 12)))) for n in range(25)]
        kept, expected = [], {}
        for one in rows:
            mine = shingles(one)
            best = max((len(mine & s) / len(mine | s) for _, s in kept), default=0.0)
            if best >= LEAST:
                expected[one["sample_id"]] = best
            else:
                kept.append((one["sample_id"], mine))
        assert {name: r.similarity for name, r in found(*rows).items()} == expected
