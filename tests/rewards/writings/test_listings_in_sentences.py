"""Replies in other writings, by kind: lists that a sentence gives, and labels in any order."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "sets typed as texts": [
        (
            "What are the appliances in the kitchen?",
            "oven, dishwasher",
            (),
            (
                "dishwasher, oven",
                "dishwasher and oven",
                "oven and dishwasher",
                "Oven and dishwasher.",
                "- Dishwasher\n- Oven",
            ),
            (
                "oven",
                "dishwasher",
                "oven and fridge",
                "oven, dishwasher and fridge",
                "fridge, dishwasher",
                "oven or dishwasher",
                "oven, not dishwasher",
            ),
        ),
        (
            "What elements does the molecule contain?",
            "hydrogen, oxygen",
            (),
            (
                "oxygen, hydrogen",
                "oxygen and hydrogen",
                "hydrogen and oxygen",
                "Hydrogen and oxygen.",
                "- Oxygen\n- Hydrogen",
            ),
            (
                "hydrogen",
                "oxygen",
                "hydrogen and carbon",
                "hydrogen, oxygen and carbon",
                "carbon, oxygen",
                "hydrogen or oxygen",
                "hydrogen, not oxygen",
            ),
        ),
        (
            "What are the appliances in the kitchen in this floorplan?",
            "oven, dishwasher",
            (),
            (
                "The kitchen has an oven and a dishwasher.",
                "An oven and a dishwasher",
                "The appliances in the kitchen are an oven and a dishwasher.",
                "There is an oven and a dishwasher in the kitchen.",
                "the oven and the dishwasher",
            ),
            (
                "The kitchen has an oven and a fridge.",
                "The kitchen has an oven.",
                "The kitchen has no oven and no dishwasher.",
                "The kitchen has an oven, a dishwasher and a fridge.",
                "The bathroom has an oven and a dishwasher",
                "The kitchen has an oven but not a dishwasher.",
            ),
        ),
    ],
    "labels of a list": [
        (
            "Give the values for Q1, Q2 and Q3, in this order.",
            "[120, 95, 80]",
            (),
            (
                "Q1: 120, Q2: 95, Q3: 80",
                "Q1 = 120, Q2 = 95, Q3 = 80",
                "Q1: 120; Q2: 95; Q3: 80",
                "Q1: 120\nQ2: 95\nQ3: 80",
                "Q3: 80, Q2: 95, Q1: 120",
            ),
            (
                "Q1: 95, Q2: 120, Q3: 80",
                "Q1: 120, Q2: 95",
                "Q1: 120, Q2: 95, Q3: 80, Q4: 70",
                "Q1: 120, Q2: 95, Q3: 88",
                "Q2: 120, Q1: 95, Q3: 80",
                "Q1 is 95, Q2 is 120 and Q3 is 80.",
                "80 (Q1), 95 (Q2), 120 (Q3)",
            ),
        ),
        (
            "How many cars, buses and trucks are there, respectively?",
            "12, 15, 9",
            (),
            (
                "12 cars, 15 buses and 9 trucks",
                "cars: 12, buses: 15, trucks: 9",
                "Cars: 12, Buses: 15, Trucks: 9",
                "12, 15 and 9",
                "There are 12 cars, 15 buses and 9 trucks.",
            ),
            (
                "15 cars, 12 buses and 9 trucks",
                "cars: 15, buses: 12, trucks: 9",
                "12, 9, 15",
                "12 cars and 15 buses",
                "There are 12 cars, 15 buses and 8 trucks.",
            ),
        ),
        (
            "Which fruits have the highest and the lowest bar, in this order?",
            "Apple, Pear",
            (),
            (
                "The highest bar is Apple and the lowest is Pear.",
                "Apple is the highest and Pear the lowest.",
                "Highest: Apple, lowest: Pear",
                "Highest: Apple; Lowest: Pear",
                "Apple and Pear",
            ),
            (
                "The highest bar is Pear and the lowest is Apple.",
                "Pear, Apple",
                "Highest: Pear, lowest: Apple",
                "Apple",
                "Apple and Plum",
                "Apple (lowest), Pear (highest)",
                "Apple is the lowest and Pear the highest.",
            ),
        ),
    ],
    "points with their names": [
        (
            "Give the y-intercept and then the x-intercept of the line as points.",
            "(0, 4), (2, 0)",
            (),
            (
                "y-intercept: (0, 4); x-intercept: (2, 0)",
                "The y-intercept is (0, 4) and the x-intercept is (2, 0).",
                "(0, 4) and (2, 0)",
                "(0,4), (2,0)",
                "$(0, 4)$ and $(2, 0)$",
            ),
            (
                "(0, 4)",
                "(2, 0)",
                "(2, 0), (0, 4)",
                "(4, 0), (0, 2)",
                "(0, 4), (2, 1)",
                "x-intercept: (0, 4); y-intercept: (2, 0)",
                "The y-intercept is (0, 4) and the x-intercept is (3, 0).",
            ),
        ),
        (
            "What are the coordinates of point P?",
            "(3, -2)",
            (),
            ("(3, -2)", "P(3, -2)", "x = 3, y = -2", "(3,−2)", "The coordinates of P are (3, -2)."),
            ("(-2, 3)", "(3, 2)", "(-3, 2)", "Q(3, -2)", "x = -2, y = 3", "P(-2, 3)", "Q = (3, -2)"),
        ),
    ],
    "sentences around a set": [
        (
            "In which years was the unemployment rate below 5%?",
            "2015, 2017",
            (),
            (
                "The unemployment rate was below 5% in 2015 and in 2017.",
                "The unemployment rate was below 5% in 2015 and 2017.",
                "In 2015 and 2017",
                "2015 and 2017",
                "In the years 2015 and 2017, the rate was below 5%.",
            ),
            (
                "2015",
                "2015 and 2016",
                "It was below 5% in 2015.",
                "The rate was above 5% in 2015 and 2017.",
                "2015 to 2017",
                "2015-2017",
                "2015, 2016 and 2017",
            ),
        ),
        (
            "Which of the marked points lie on the circle?",
            "{A, C}",
            (),
            (
                "A and C",
                "Points A and C",
                "A, C",
                "The points on the circle are A and C.",
                "A and C lie on the circle.",
            ),
            (
                "A and B",
                "A",
                "A, B and C",
                "Points A and B lie on the circle.",
                "A and C do not lie on the circle.",
                "Only A lies on the circle.",
                "All but A and C",
            ),
        ),
        (
            "Which platforms are used by more than 60% of adults?",
            "Facebook, YouTube",
            (),
            (
                "Only Facebook and YouTube exceed 60%.",
                "Facebook and YouTube",
                "Facebook and YouTube are used by more than 60% of adults.",
                "The platforms are YouTube and Facebook.",
                "YouTube (73%), Facebook (68%)",
            ),
            (
                "Facebook",
                "Only Facebook exceeds 60%.",
                "Facebook, YouTube and Instagram",
                "Facebook and YouTube are below 60%.",
                "Facebook and Twitter",
                "Neither Facebook nor YouTube",
                "Less than 60% of adults use Facebook and YouTube.",
            ),
        ),
    ],
    "ranks in a sentence": [
        (
            "Rank the countries from the highest to the lowest value.",
            "Norway, Sweden, Finland",
            (),
            (
                "1. Norway 2. Sweden 3. Finland",
                "1. Norway\n2. Sweden\n3. Finland",
                "Norway > Sweden > Finland",
                "Norway, then Sweden, then Finland",
                "The ranking is Norway, Sweden, Finland.",
            ),
            (
                "Sweden, Norway, Finland",
                "Norway < Sweden < Finland",
                "1. Finland 2. Sweden 3. Norway",
                "Norway, Sweden",
                "Norway has the highest value, followed by Finland and Sweden.",
                "From lowest to highest: Norway, Sweden, Finland",
            ),
        ),
    ],
    "systems and sizes": [
        (
            "Fill in the blanks: The ____ of 7 and 8 is ____.",
            "sum; 15",
            (),
            ("sum; 15", "sum, 15", "sum and 15", "(1) sum (2) 15", "1. sum 2. 15"),
            ("product; 15", "sum; 16", "15; sum", "sum", "15 and sum", "1. 15 2. sum"),
        ),
        (
            "What are the dimensions of the grid?",
            "3 × 4",
            (),
            ("3 by 4", "3×4", "3 x 4", "3 rows and 4 columns", "The grid is 3 by 4."),
            ("4 by 4", "3", "12", "3 by 5", "7", "3 + 4"),
        ),
        (
            "Solve the system of equations.",
            "x = 3, y = 2",
            (),
            ("x = 3, y = 2", "(3, 2)", "x=3 and y=2", "y = 2, x = 3", "$x = 3$, $y = 2$"),
            ("x = 2, y = 3", "(2, 3)", "x = 3", "x = 3, y = -2", "x = 3 or y = 2", "y = 3, x = 2", "(3, -2)"),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
