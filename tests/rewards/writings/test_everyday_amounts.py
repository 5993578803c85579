"""Replies in other writings, by kind: amounts as people write them."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "units by the gold's": [
        (
            "How much work is done?",
            "1.2 J",
            (),
            ("1200 mJ", "1.2 J", "0.0012 kJ", "1.2 N·m", "1.2 Nm"),
            ("1200 MJ", "12 mJ", "1.2 mJ", "1.2 kJ", "1.2 W"),
        ),
        (
            "What is the circumference of the circle? Leave your answer in terms of π.",
            "20π cm",
            (),
            ("20 pi cm", "20π cm", "20\\pi cm", "$20\\pi$ cm", "20*pi cm"),
            ("20 cm", "10π cm", "20π m", "20π cm²", "20 pi m", "2π cm", "40 pi cm"),
        ),
        (
            "What is her walking speed?",
            "5 km/h",
            (),
            ("5 km/h", "5 kilometres per hour", "5 kilometers an hour", "5 km per hour", "5 kmph"),
            ("5 m/s", "5 mph", "5 km", "5 h", "5 km an hour later", "5 miles an hour", "5 kilometers a minute"),
        ),
        (
            "What is the current?",
            "250 mA",
            (),
            ("0.25 A", "250 milliamperes", "250 mA", "250 milliamps", "0.25 amperes"),
            ("250 A", "2.5 A", "25 mA", "250 mV", "250 MA", "250 kA", "0.25 mA"),
        ),
        (
            "What is the resistance?",
            "3.5 kΩ",
            (),
            ("3500 Ω", "3.5 kΩ", "3.5 kilohms", "3500 ohms", "3.5 k\\Omega"),
            ("3.5 Ω", "35 kΩ", "3.5 MΩ", "350 ohms"),
        ),
        (
            "At what temperature does the substance melt?",
            "80 °C",
            (),
            ("80 degrees", "80°C", "80 degrees Celsius", "80 ℃", "80 C"),
            ("80 °F", "80 K", "8 °C", "-80 °C", "180 °C", "80 F", "80 degrees F"),
        ),
        (
            "What is the half-life?",
            "8 days",
            (),
            ("8 d", "8 days", "eight days", "192 hours", "8 day"),
            ("8 hours", "8 weeks", "18 days", "8 years", "8 D", "8 h", "8 dd"),
        ),
    ],
    "money": [
        (
            "What does it cost?",
            "$5",
            (),
            ("500 cents", "$5.00", "5 dollars", "5 USD", "US$5"),
            ("5 cents", "€5", "$50", "$0.5", "500 dollars", "50 cents", "5000 cents"),
        ),
        (
            "What is the price?",
            "$3/kg",
            (),
            ("3 dollars per kg", "$3 per kg", "$3/kg", "$3 per kilogram", "3 $/kg"),
            ("$3/g", "€3/kg", "$3 per pound", "$30/kg", "3 dollars per g", "3 euros per kg", "3 dollars per pound"),
        ),
        (
            "What was the revenue in 2019?",
            "$2.4 billion",
            (),
            ("2.4B USD", "$2.4B", "$2.4 bn", "2.4 billion dollars", "US$2.4 billion"),
            ("$2.4 million", "$24 billion", "€2.4 billion", "$2.4"),
        ),
        (
            "What was the budget?",
            "€2.5 million",
            (),
            ("€2.5M", "2.5 million euros", "2,500,000 €", "EUR 2.5 million", "€2,500,000"),
            ("$2.5 million", "€2.5 billion", "€25 million", "€2.5"),
        ),
    ],
    "numbers in sentences": [
        (
            "How many zebras are drinking water?",
            "3",
            (),
            (
                "There are three zebras drinking at the water hole.",
                "There are 3 zebras drinking water.",
                "Three zebras are drinking water.",
                "3 zebras",
                "three",
            ),
            (
                "There are three zebras.  Two are drinking.",
                "4",
                "30",
                "3 or 4",
                "at least 3",
                "There are 3 zebras, of which 2 are drinking.",
                "about 3-4",
            ),
        ),
        (
            "Which number should be written in place of the question mark?",
            "60",
            (),
            (
                "The missing number is 60.",
                "60",
                "The number is 60.",
                "? = 60",
                "The question mark should be replaced by 60.",
            ),
            (
                "50",
                "The missing number is 16.",
                "6",
                "The missing number is not 60.",
                "The first number is 60.",
                "The missing number is 66.",
                "The number before it is 60.",
            ),
        ),
        (
            "Day by day all neighbours turn grey. How many grey cubes are there at the end of the second day?",
            "17",
            (),
            (
                "After the second day there are 17 grey cubes.",
                "17",
                "17 grey cubes",
                "There are 17 grey cubes at the end of the second day.",
                "At the end of the second day, 17 cubes are grey.",
            ),
            (
                "After the first day there are 17 grey cubes.",
                "After the second day there are 16 grey cubes.",
                "There are 17 white cubes.",
                "64 - 17 = 47",
                "After the third day there are 17 grey cubes.",
                "After the second day there are 17 white cubes.",
                "After the second day there are more than 17 grey cubes.",
            ),
        ),
        (
            "How many students chose soccer or basketball in total?",
            "846",
            (),
            (
                "A total of 846 students chose soccer or basketball.",
                "846 students",
                "512 + 334 = 846",
                "In total, 846 students chose soccer or basketball.",
                "846 students chose soccer or basketball.",
            ),
            (
                "A total of 846 students chose tennis or golf.",
                "A total of 864 students chose soccer or basketball.",
                "846 or 864",
                "512 + 334 = 864",
                "A total of 846 students chose soccer or tennis.",
                "846 or 847 students",
                "846 students chose neither soccer or basketball.",
            ),
        ),
        (
            "How many cups of flour are needed?",
            "2 1/2",
            (),
            ("2.5", "2 1/2 cups", "5/2", "two and a half", "2½"),
            ("2", "21/2", "1/2", "2 cups", "3 1/2", "2/2", "2 and 1/3"),
        ),
        (
            "By how much did sales increase from 2010 to 2012?",
            "10",
            (),
            ("10", "Sales increased by 10.", "by 10", "They rose by 10.", "The increase is 10."),
            ("30", "20", "Sales decreased by 10.", "from 20 to 30", "10 to 20", "by a factor of 10"),
        ),
        (
            "By what factor did output rise?",
            "2",
            (),
            ("2", "by a factor of 2", "a factor of two", "It doubled.", "2x"),
            ("3", "It tripled.", "It increased by 200%.", "It halved.", "0.5", "200%", "It rose by 2%."),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
