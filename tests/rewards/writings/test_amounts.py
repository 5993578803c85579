"""Replies in other writings, by kind: numbers and quantities."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "ordinals of the question": [
        (
            "How many toothpicks does she add to the 30th pattern to make the 31st?",
            "124",
            (),
            ("She adds 124 toothpicks to the 30th pattern to make the 31st.", "124 toothpicks"),
            ("She adds 31 toothpicks to get 124 in total"),
        ),
    ],
    "amounts in words": [
        (
            "How long does the film last?",
            "1 h 30 min",
            (),
            ("an hour and a half", "90 minutes"),
            ("an hour and a quarter", "two hours and a half"),
        ),
        (
            "How much milk is needed?",
            "250 ml",
            (),
            ("a quarter of a litre",),
            ("half a litre", "three quarters of a litre"),
        ),
        (
            "What is the lowest temperature?",
            "-40 °C",
            (),
            ("40 degrees Celsius below zero", "minus 40 °C"),
            ("40 degrees Celsius above zero", "40 degrees Celsius"),
        ),
        ("What resistance is given?", "4.7 kΩ", (), ("4.7 kilo-ohms", "4.7 kiloohms"), ("4.7 mega-ohms", "4.7 ohms")),
        (
            "How much wheat was produced?",
            "2.4 million tonnes",
            (),
            ("2.4 million metric tons",),
            ("2.4 billion metric tons", "2.4 metric tons"),
        ),
        (
            "By how many percentage points did the rate rise?",
            "4.5",
            (),
            ("4.5 percentage points", "4.5 pp", "12.3 % − 7.8 % = 4.5 percentage points"),
            ("4.6 percentage points", "12.3 % − 7.8 % = 4.6 percentage points"),
        ),
        (
            "What is the ratio of the bars?",
            "1.538461538",
            (),
            ("about 1.54", "1.538", "1.5385"),
            ("1.53", "1.5", "1.539", "2"),
        ),
        ("What is the number in the image?", "5743", (), ("5 7 4 3",), ("5 4 7 3", "5 7 4")),
        (
            "What is the smallest number of jumps needed?",
            "8",
            (),
            ("最少需要8次", "at least 8"),
            ("最少需要9次", "at most 8"),
        ),
    ],
    "one number abroad": [
        (
            "How many carbon atoms does the molecule have?",
            "6",
            (),
            ("Es sind 6 Kohlenstoffatome.", "sechs", "Il y a six atomes.", "Hay 6 átomos."),
            (
                "Es sind nicht 6 Atome.",
                "Es sind doppelt so viele wie 6.",
                "mehr als 6",
                "Il y a plus de 6 atomes.",
                "Es sind 6 oder 7.",
                "Es sind 6 Millionen Atome.",
                "sieben",
            ),
        ),
        (
            "How long is the notice period?",
            "3 weeks",
            (),
            ("Drei Wochen", "trois semaines"),
            ("Drei Monate", "trois jours", "vier Wochen"),
        ),
        (
            "How much does the lunch menu cost?",
            "€12.50",
            (),
            ("El menú cuesta 12,50 euros.",),
            ("El menú cuesta 12,50 dólares.", "El menú no cuesta 12,50 euros.", "El menú cuesta 15,20 euros."),
        ),
        (
            "What is the mass of the bag?",
            "1.5 kg",
            (),
            ("La masa es de 1,5 kg.",),
            ("La masa es de 1.5 g.", "La masa no es de 1,5 kg."),
        ),
        (
            "Combien de pays ont signé l'accord ?",
            "95",
            (),
            ("quatre-vingt-quinze",),
            ("quatre-vingt-cinq", "quatre-vingts"),
        ),
        ("Wie viele Einwohner hat das Dorf?", "1250", (), ("1.250 Einwohner",), ("1.520 Einwohner", "125 Einwohner")),
        ("小票上的合计金额是多少？", "58元", (), ("人民币五十八元", "RMB 58元"), ("人民币五十六元", "五十八美元")),
    ],
    "made of the variable": [
        (
            "What is the value of x?",
            "-4",
            (),
            ("x = -4", "x equals -4", "x is -4, since 2x = -8"),
            ("-x = -4", "|x| = -4", "√x = -4", "sin x = -4", "x/2 = -4", "-y = -4", "2x = -4"),
        ),
        ("What is sin x?", "0.6", (), ("sin x = 0.6", "0.6"), ("cos x = 0.6",)),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
