"""Replies in other writings, by kind: lists and sets in sentences."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "spans and labelled counts": [
        (
            "In which years were the medals equal?",
            "{2000, 2012}",
            (),
            ("2000 and 2012", "2012, 2000"),
            ("2000-2012", "2000–2012", "from 2000 to 2012"),
        ),
        ("Which points lie on the circle?", "{A, C}", (), ("A and C", "C, A"), ("A-C", "A–C")),
        (
            "On which days is it closed?",
            "{Monday, Thursday}",
            (),
            ("Monday and Thursday",),
            ("Monday-Thursday", "Monday–Thursday"),
        ),
        (
            "How many red, blue and green balls are there, in this order?",
            "[5, 3, 2]",
            (),
            ("5 red, 3 blue, 2 green", "2 green, 5 red and 3 blue", "5, 3, 2"),
            ("5 red, 3 green, 2 blue", "5 blue, 3 red, 2 green", "5 red balls, 3 green balls, 2 blue balls"),
        ),
    ],
    "others denied": [
        (
            "Which of the tested materials conduct electricity?",
            "{copper, silver}",
            (),
            (
                "Copper and silver conduct; wood and glass do not.",
                "Copper and silver, but not wood.",
                "copper and silver, not glass or wood",
                "Only copper and silver; the others are insulators.",
            ),
            (
                "Copper and silver conduct; wood does too.",
                "Copper, silver and wood, but not glass.",
                "Copper conducts; silver does not.",
                "Copper and silver, and not only those: glass",
                "Copper and silver; wood also conducts",
            ),
        ),
        (
            "Welche Städte haben mehr als 1,5 Millionen Einwohner?",
            "{Berlin, Hamburg}",
            (),
            ("Hamburg und Berlin", "Berlin und Hamburg, nicht aber München"),
            ("Berlin und Hamburg, aber auch München", "Berlin, nicht aber Hamburg"),
        ),
        (
            "On which weekdays is the library closed?",
            "{Monday, Thursday}",
            (),
            ("It is closed on Monday and Thursday and open on all other days.",),
            ("It is open on Monday and Thursday and closed on all other days.",),
        ),
        (
            "哪些科目的平均分超过90？",
            "{语文, 英语}",
            (),
            ("语文和英语，数学没有超过90", "语文、英语两科"),
            ("语文，英语没有超过90", "语文、英语三科", "语文和英语，数学也超过90"),
        ),
    ],
    "items in sentences": [
        (
            "Which fruits are in the bowl?",
            "{apple, banana, pear}",
            (),
            ("an apple, two bananas and a pear", "The bowl contains an apple as well as a banana and a pear."),
            ("an apple, two bananas and a plum", "an apple and two bananas", "no apple, a banana and a pear"),
        ),
        (
            "Which departments are affected?",
            "{HR, Finance}",
            (),
            ("HR department, Finance department", "the HR and Finance departments"),
            ("HR department, Sales department",),
        ),
        (
            "In which quarters did costs exceed revenue?",
            "{Q2, Q4}",
            (),
            ("In the second and fourth quarters", "the 2nd and 4th quarter"),
            ("In the first and fourth quarters", "In the second and third quarters"),
        ),
        (
            "Which substances enter the leaf?",
            "{CO2, H2O}",
            (),
            ("water (H2O), carbon dioxide (CO2)", "carbon dioxide and water"),
            ("water (H2O), oxygen (O2)",),
        ),
        (
            "At which points do the line and the parabola meet?",
            "{(0, 0), (2, 4)}",
            (),
            ("They meet at the origin and at (2, 4).", "(2, 4) and the origin"),
            ("They meet at the origin and at (4, 2).", "only at the origin", "They meet at (0, 0), (2, 4) and (3, 9)."),
        ),
        ("图片里有哪些动物？", "{猫, 狗}", (), ("一只猫和一只狗", "两只猫、一只狗"), ("一只猫和一只鸟", "一只猫")),
    ],
    "orders in sentences": [
        (
            "Which turns do you take on the map, in order?",
            "[left, right, left]",
            (),
            (
                "left, then right, then left again",
                "First turn left, next right, and finally left.",
                "turn left, then right and finally left",
            ),
            (
                "right, then left, then right",
                "First left, then left, then right",
                "left, then right",
                "left after right, then left",
            ),
        ),
        (
            "In which order does the recipe give the four steps?",
            "[mix, bake, cool, serve]",
            (),
            (
                "First mix, then bake, next cool and last serve.",
                "mixing, baking, cooling, serving",
                "Mix\nBake\nCool\nServe",
            ),
            (
                "First bake, then mix, next cool and last serve.",
                "mixing, cooling, baking, serving",
                "Mix\nCool\nBake\nServe",
            ),
        ),
        (
            "Rank the three countries from highest to lowest.",
            "[Norway, Sweden, Finland]",
            (),
            (
                "Norway is highest, Sweden second and Finland lowest.",
                "Finland is lowest, Norway is highest and Sweden second.",
            ),
            (
                "Norway is lowest, Sweden second and Finland highest.",
                "Sweden is highest, Norway second and Finland lowest.",
            ),
        ),
        (
            "Read off the bars for Monday, Tuesday and Wednesday.",
            "[12, 15, 9]",
            (),
            ("Mon: 12\nTue: 15\nWed: 9", "Wed: 9, Mon: 12, Tue: 15"),
            ("Mon: 15\nTue: 12\nWed: 9", "Tue: 12, Mon: 15, Wed: 12"),
        ),
        (
            "What are the values of x and y, as (x, y)?",
            "[4, 6]",
            (),
            (r"\begin{cases}x=4\\y=6\end{cases}",),
            (r"\begin{cases}x=6\\y=4\end{cases}",),
        ),
        (
            "What are the coordinates of the vertex?",
            "(2, -5)",
            (),
            (r"$V\left(2,-5\right)$",),
            (r"$V\left(-5,2\right)$",),
        ),
    ],
    "nothing to list": [
        (
            "For which x do the two curves meet?",
            "\\emptyset",
            (),
            (
                "There is no such x; the solution set is empty.",
                "no real solution",
                "The curves never meet.",
                "keine Lösung",
                "无实数解",
            ),
            ("x = 0", "There is no such x but 3", "the set is not empty", "There is one solution"),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
