"""Sentences around lists and labels, by the way in which a right one is spoilt: no spoilt one is right."""

from __future__ import annotations

import random

import pytest

from tests.rewards.writings import grid

THINGS = "oven dishwasher fridge sofa lamp piano guitar bicycle helmet umbrella ladder bucket".split()
SENTENCES = (
    "The kitchen has {}.",
    "There are {} in the kitchen.",
    "I can see {}.",
    "{}",
    "The items in the kitchen are {}.",
    "{} are in the kitchen.",
)
LABELS = (("Q1", "Q2", "Q3"), ("cars", "buses", "trucks"), ("2010", "2012", "2014"), ("January", "May", "July"))
LABELLED = ("{label}: {value}", "{label} = {value}", "{label} is {value}", "{value} ({label})")


def _joined(items):
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else items[0]


@pytest.mark.parametrize("seed", range(8))
def test_a_sentence_gives_its_set_and_no_other(seed):
    draw = random.Random(seed)
    *items, other = draw.sample(THINGS, 3 + seed % 2)
    sentence = draw.choice(SENTENCES)
    plain = sentence.format(_joined(items)).rstrip(".")
    spoilt = (
        sentence.format(_joined(items[:-1])),
        sentence.format(_joined([*items[:-1], other])),
        sentence.format(_joined([*items, other])),
        sentence.format(_joined([other, *items])),
        sentence.format(f"no {_joined(items)}"),
        sentence.format(f"{_joined(items)} but not {items[0]}"),
        sentence.format(f"{_joined(items)} or {other}"),
        f"{plain}, and {other} too.",
        f"{plain}, and also a {other}.",
        f"Not {plain}",
        f"All except {_joined(items)}",
        f"Maybe {plain}",
    )
    question = draw.choice(("What are the appliances in the kitchen?", "Which items are in the kitchen?"))
    rows = [(question, ", ".join(items), (), (plain, sentence.format(_joined(items[::-1]))), spoilt)]
    assert not (failed := grid.failures(rows)), failed


@pytest.mark.parametrize("seed", range(8))
def test_values_go_with_their_labels_in_any_order(seed):
    draw = random.Random(seed)
    labels, form = LABELS[seed % len(LABELS)], draw.choice(LABELLED)
    values = draw.sample(range(30, 400), 3)
    orders = ((0, 1, 2), (2, 0, 1))

    def said(given, order, separator):
        return separator.join(form.format(label=labels[i], value=given[i]) for i in order)

    turned = (values[1], values[2], values[0])
    almost = (*values[:2], values[2] + 1)
    rows = [
        (
            f"Give the values for {labels[0]}, {labels[1]} and {labels[2]}, in this order.",
            str(values),
            (),
            tuple(said(values, order, separator) for order in orders for separator in (", ", "; ")),
            (
                *(said(given, order, ", ") for given in (turned, almost) for order in orders),
                said(values, (0, 1), ", "),
                f"{said(values, (0, 1, 2), ', ')}, {form.format(label='D', value=7)}",
            ),
        )
    ]
    assert not (failed := grid.failures(rows)), failed
