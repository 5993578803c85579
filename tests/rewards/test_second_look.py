"""Every answer in every frame: what asserts it is right, what doubts, denies, replaces or bounds it is not.

A grid of answers of all types by frames of both verdicts; a failing pair is named by its frame.
"""

from __future__ import annotations

import pytest

from wethink_assets.rewards import math_pool
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

# question, gold, options, right writings, another answer
FRUIT = ("apple", "banana", "cherry", "grape")
ANSWERS = [
    ("Which fruit is most popular?", "B", FRUIT, ("B", "banana", "(B)"), "cherry"),
    ("Which fruit is most popular?", "C", FRUIT, ("C", "cherry", "C. cherry"), "A"),
    ("What is the measure of angle ABC?", "C", ("30°", "45°", "60°", "90°"), ("C", "60°"), "90°"),
    ("How many squares are shaded?", "9", (), ("9", "nine"), "8"),
    ("What is the value of x?", "-3", (), ("-3", "x = -3"), "7"),
    ("What is the mass of the block?", "14 kg", (), ("14 kg", "14 kilograms", "14000 g"), "17 kg"),
    ("How long is the pencil?", "12 cm", (), ("12 cm", "12 centimetres"), "15 cm"),
    ("What share of the chart is blue?", "25%", (), ("25%", "25 percent"), "40%"),
    ("What is the capital marked on the map?", "Lima", (), ("Lima",), "Quito"),
    ("Which gas is shown in the pie chart?", "nitrogen", (), ("nitrogen", "Nitrogen"), "oxygen"),
    ("What is the domain of the function?", "[0, 5]", (), ("[0, 5]", "[0,5]"), "[1, 5]"),
    ("Solve for x.", "{2, 3}", (), ("{2, 3}", "x = 2, x = 3"), "{2, 4}"),
    ("What is the derivative?", "2x+1", (), ("2x+1", "1+2x"), "2x+5"),
]

RIGHT = [
    "{r}",
    "{r}.",
    " {r} ",
    "The answer is {r}.",
    "the answer is {r}",
    "So the answer is {r}.",
    "Answer: {r}",
    "Final answer: {r}",
    "The final answer is {r}.",
    "The correct answer is {r}.",
    "Therefore, the answer is {r}.",
    "Thus the answer is {r}",
    "My answer is {r}.",
    "I think the answer is {r}.",
    "Answer: {r}.",
    "**{r}**",
    "答案是{r}",
]

TAKEN_BACK = [
    "{r}. Actually, {o}.",
    "{r}. Actually, it is {o}.",
    "{r}. Wait, it is {o}.",
    "{r}. Wait, no: {o}.",
    "{r}... no, {o}",
    "{r}? No, {o}.",
    "{r}; no, {o}",
    "{r}. Correction: {o}.",
    "{r}. Scratch that, {o}.",
    "{r}. Sorry, {o}.",
    "{r}. Oops, {o}.",
    "{r}. Hold on, it is {o}.",
    "{r}. On reflection, {o}.",
    "{r}. On second thought, {o}.",
    "{r}, or rather {o}.",
    "{r}, I mean {o}.",
    "{r}. I meant {o}.",
    "{r}. Not quite: {o}.",
    "{r}. That is wrong: {o}.",
    "{r}. My mistake: {o}.",
    "{r}, corrected to {o}.",
    "{r} (should be {o})",
    "{r}. Final answer: {o}.",
    "{r}. Answer: {o}.",
    "{r}. The answer is {o}.",
    "{r}. The real answer is {o}.",
    "{r}. The correct answer is {o}.",
    "{r}, but the answer is {o}.",
    "{r}, yet the correct answer is {o}.",
    "{r}. So the answer is {o}.",
    "The answer is {r}. The answer is {o}.",
    "{r}. 更正:{o}",
    "{r}. 答案是{o}",
]
DOUBTED = [
    "Maybe {r}",
    "Perhaps {r}.",
    "Possibly {r}",
    "Probably {r}.",
    "{r}, probably",
    "{r} perhaps",
    "{r}, maybe",
    "{r} (not sure)",
    "Not sure, {r}",
    "It might be {r}.",
    "It may be {r}.",
    "It could be {r}.",
    "I doubt that it is {r}.",
    "I suppose {r}.",
    "{r}, I guess.",
    "I don't think it is {r}.",
    "I would not say {r}.",
    "{r} or so",
    "{r}, give or take",
    "{r}, if I remember correctly.",
    "{r}, unless I am mistaken.",
    "{r}, if the scale is right.",
    "{r}, assuming the figure is to scale.",
    "{r}, provided that the labels are right.",
    "If it were turned, {r}.",
    "If the labels were swapped, it would be {r}.",
    "It would be {r} if the scale were different.",
    "Only if it were larger, {r}.",
    "{r}, just kidding.",
    "{r}? It depends.",
    "{r}, although {o} is also possible.",
    "{r}, but {o} is also correct.",
    "{r}, but it could be {o}.",
    "Either {r} or {o}.",
    "{r} or {o}",
    "{o} or {r}",
    "Some would say {r}.",
    "One might think {r}.",
    "Many students say {r}.",
    "My first guess was {r}.",
    "At first I thought {r}, but it is {o}.",
    "A common mistake is {r}.",
    "The wrong answer is {r}.",
    "It used to be {r}.",
    "It is no longer {r}.",
    "It is not true that it is {r}.",
    "It is unlikely that it is {r}.",
    "{r}(?)",
]
DENIED = [
    "Not {r}",
    "not {r}.",
    "It is not {r}.",
    "The answer is not {r}.",
    "It isn't {r}.",
    "It cannot be {r}.",
    "{r} is wrong.",
    "{r} is incorrect.",
    "{r}, which is wrong.",
    "{r} is not the answer.",
    "{o}, not {r}",
    "{o} (not {r})",
    "{o} rather than {r}",
    "{o} instead of {r}",
    "Neither {o} nor {r}.",
    "Anything but {r}",
    "Everything except {r}",
    "Unlike {r}",
    "The opposite of {r}",
    "Far from {r}",
    "Hardly {r}",
    "{o}, pas {r}",
    "nicht {r}, sondern {o}",
    "不是{r}",
]
RIVALS = [
    "{r} and {o}",
    "{r} / {o}",
    "{r}, so {o}.",
    "{r}; therefore {o}.",
    "{r}, hence {o}",
    "{r}, that is {o}.",
    "{r}, i.e. {o}.",
    "{r} → {o}",
    "{r}, making it {o}.",
    "{r}. However, it is {o}.",
    "{r}. In fact it is {o}.",
    "{r} is shown, but it is {o}.",
    "{r} was expected, but it is {o}.",
    "It would be {r} for the other one; here it is {o}.",
]
AMOUNTS = [
    "almost {r}",
    "nearly {r}",
    "at least {r}",
    "at most {r}",
    "more than {r}",
    "less than {r}",
    "over {r}",
    "under {r}",
    "up to {r}",
    "twice {r}",
    "half of {r}",
    "every {r}",
    "one of {r}",
    "{r} or more",
    "{r} too many",
    "{r} short",
    "{r} more",
    "{r} fewer",
    "{r} each",
    "{r} ago",
    "between {r} and {o}",
    "from {r} to {o}",
]


@pytest.fixture(autouse=True)
def no_mathematics(monkeypatch):
    """math-verify would take its own number out of a sentence, and costs seconds."""
    monkeypatch.setattr(math_pool.POOL, "check", lambda gold, reply: math_pool.DIFFERENT)


def judged(frames):
    """(frame, reply, verdict) of every answer and writing in every frame."""
    for question, raw, options, writings, other in ANSWERS:
        gold = type_answer(raw, category="MC" if options else "FIB", options=options, question=question)
        for frame in frames:
            for right in writings:
                reply = frame.format(r=right, o=other)
                yield frame, reply, gold, verify(gold, reply, extracted=True)


def test_a_frame_that_asserts_is_right():
    wrong = [(frame, reply, verdict) for frame, reply, _, verdict in judged(RIGHT) if verdict is not Verdict.CORRECT]
    assert not wrong, (len(wrong), wrong)


@pytest.mark.parametrize(
    "frames", [TAKEN_BACK, DOUBTED, DENIED, RIVALS], ids=["taken back", "doubted", "denied", "rivals"]
)
def test_a_frame_that_does_not_assert_is_never_right(frames):
    accepted = [(gold.type, reply) for _, reply, gold, verdict in judged(frames) if verdict is Verdict.CORRECT]
    assert not accepted, (len(accepted), accepted)


def test_an_amount_that_is_changed_is_never_right():
    accepted = [
        (gold.type, reply)
        for _, reply, gold, verdict in judged(AMOUNTS)
        if gold.type in ("number", "quantity") and verdict is Verdict.CORRECT
    ]
    assert not accepted, (len(accepted), accepted)
