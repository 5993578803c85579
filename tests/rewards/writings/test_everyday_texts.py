"""Replies in other writings, by kind: words, names and texts as people write them."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "ratios, decades and ranks": [
        (
            "What is the ratio of boys to girls?",
            "3:2",
            (),
            ("3:2", "3 to 2", "3/2", "3 : 2", "The ratio is 3:2."),
            ("2:3", "3:5", "2/3", "The ratio of girls to boys is 3:2.", "2 to 3", "3:2:1", "32"),
        ),
        (
            "What is the ratio of the three angles, from smallest to largest?",
            "1:2:3",
            (),
            ("1:2:3", "1 : 2 : 3", "2:4:6", "30:60:90", "The ratio is 1:2:3."),
            ("3:2:1", "1:3:2", "1:2", "1:2:4", "2:4:7", "30:60:91", "2:3:4"),
        ),
        (
            "When was the receipt printed?",
            "12/25/2019",
            (),
            ("December 25, 2019", "12/25/19", "25 December 2019", "Dec 25, 2019", "2019-12-25"),
            ("12/26/2019", "12/25/2018", "12/25/18", "November 25, 2019", "12/26/19", "11/25/19", "25/11/19"),
        ),
        (
            "In which decade was the highest growth?",
            "1980s",
            (),
            ("the 1980s", "1980s", "in the 1980s", "1980-1989", "the eighties"),
            ("1990s", "1980", "1970s", "the nineties", "the 1880s", "1981-1990", "1990-1999"),
        ),
        (
            "In which place did Tom finish?",
            "3rd",
            (),
            ("third", "3rd", "third place", "in third place", "He finished third."),
            ("second", "2nd", "33rd", "thirteenth", "fourth"),
        ),
    ],
    "names with a description": [
        (
            "Who is the author of this book?",
            "Stephen King",
            (),
            ("Stephen King", "King, Stephen", "The author is Stephen King.", "STEPHEN KING", "by Stephen King"),
            (
                "Stephen Kind",
                "Stephen Ring",
                "Steven King",
                "Stephen",
                "Stephen Hawking",
                "King Stephen's son",
                "Stephen Kings",
            ),
        ),
        (
            "What is the name of this dish?",
            "pad thai",
            (),
            (
                "Pad Thai",
                "pad thai, a stir-fried rice noodle dish",
                "This dish is pad thai.",
                "It's pad thai.",
                "Pad Thai.",
            ),
            (
                "pho",
                "pad see ew",
                "green curry, a dish like pad thai",
                "thai",
                "This looks like pho, not pad thai.",
                "pad thai sauce",
                "pad see ew, a Thai dish",
            ),
        ),
        (
            "What is the organelle labelled X?",
            "mitochondrion",
            (),
            ("mitochondria", "Mitochondrion", "The mitochondrion", "It is the mitochondrion.", "mitochondria."),
            ("nucleus", "chloroplast", "mitochondrial DNA", "ribosomes", "nuclei", "mitochondrial", "bacteria"),
        ),
        (
            "What is the woman doing?",
            "playing tennis",
            (),
            (
                "She is playing tennis.",
                "playing tennis",
                "The woman is playing tennis.",
                "Playing tennis on a court.",
                "She's playing tennis.",
            ),
            (
                "playing golf",
                "watching tennis",
                "She is playing table tennis.",
                "The man is playing tennis.",
                "running",
                "She is watching tennis.",
                "She plays golf.",
            ),
        ),
        (
            "What type of triangle is ABC?",
            "isosceles triangle",
            (),
            (
                "isosceles",
                "isosceles triangle",
                "an isosceles triangle",
                "ABC is an isosceles triangle.",
                "It is isosceles.",
            ),
            (
                "equilateral",
                "scalene",
                "not isosceles",
                "isosceles trapezoid",
                "right",
                "isosceles or scalene",
                "It is an isosceles trapezoid",
            ),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
