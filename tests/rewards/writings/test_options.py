"""Replies in other writings, by kind: yes and no, and options."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "briefly yes or no": [
        (
            "Are triangles ABC and DEF in the figure congruent?",
            "yes",
            (),
            ("They are congruent.", "△ABC ≅ △DEF, so they are congruent."),
            ("They are not congruent.", "They aren't congruent.", "They are similar.", "They might be congruent."),
        ),
        (
            "Would removing the hawk increase the number of mice?",
            "yes",
            (),
            ("It would increase.",),
            ("It would not increase.", "It would decrease."),
        ),
        (
            "Is the circuit in the diagram closed?",
            "no",
            (),
            ("The circuit is open", "It's not closed: the switch is open."),
            ("It is closed.", "The circuit is not open."),
        ),
        (
            "Is anybody sitting on the bench?",
            "no",
            (),
            ("Nobody is sitting on the bench.", "No one is sitting on the bench."),
            ("Somebody is sitting on the bench.", "Nobody knows."),
        ),
        (
            "Does the graph show a positive correlation?",
            "yes",
            (),
            ("Indeed, the correlation is positive.",),
            ("The correlation is not positive.", "The correlation is negative."),
        ),
        (
            "Does the form carry a signature?",
            "yes",
            (),
            ("The form has a signature at the bottom right.",),
            ("The form has no signature.", "The form lacks a signature."),
        ),
        ("Does the form lack a signature?", "no", (), ("no",), ("The form lacks a signature.",)),
        ("2014年的出口额是否高于2013年？", "yes", (), ("高于。", "是"), ("不高于。", "低于。", "可能高于")),
        (
            "图中的两条直线平行吗？",
            "no",
            (),
            ("不平行", "两条直线相交，所以不平行，答案是否。"),
            ("平行", "可能不平行"),
        ),
        (
            "Ist das Fenster offen?",
            "yes",
            (),
            ("Es ist offen.", "Das Fenster ist offen."),
            ("Es ist nicht offen.", "Es ist zu.", "Das Fenster ist fast offen."),
        ),
        (
            "Le contrat mentionne-t-il une période d'essai ?",
            "no",
            (),
            ("Le contrat ne mentionne pas de période d'essai.",),
            ("Le contrat mentionne une période d'essai.",),
        ),
    ],
    "complements": [
        (
            "Is the ball inside the box?",
            "no",
            (),
            ("It's outside.", "The ball is outside the box.", "The ball is not inside the box."),
            ("It's inside.", "The ball is not outside the box.", "The box is outside the ball."),
        ),
        ("Do the lines intersect?", "yes", (), ("The lines intersect at (1, 2).",), ("The lines never intersect.",)),
    ],
    "options elsewhere": [
        (
            "What is the ratio PQ : QR?",
            "D",
            ("2 : 1", "√3 : 1", "3 : 2", "√2 : 1"),
            ("$\\sqrt{2}:1$",),
            ("$\\sqrt{3}:1$", "2:1"),
        ),
        (
            "What is the range of the function?",
            "A",
            ("[0, 2]", "[3, 2]", "[2, 4]", "[-3, 4]"),
            ("0 ≤ y ≤ 2",),
            ("2 ≤ y ≤ 4", "0 < y < 2"),
        ),
        (
            "Who is wearing a hat?",
            "A",
            ("the man on the left", "the man on the right", "both men", "neither man"),
            ("the left man", "man on the left"),
            ("the right man", "left of the man"),
        ),
        (
            "Which statement is true?",
            "D",
            ("The cat is black.", "The cat is asleep.", "There are two cats.", "None of the above"),
            ("None of the statements is true.", "none of them"),
            ("All of the statements are true.", "The cat is asleep."),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
