"""Questions of the hard truth that nobody needs an image for: general knowledge, with the answers of whoever is blind.

Belongs here: the questions, and what a model guesses that sees nothing. Does not belong here: how often there is one
(faults.py).
"""

from __future__ import annotations

import re

from wethink_assets.demo.pack.scene import Item

SLIPS = 0.1  # of blind answers to what is general knowledge, wrong ones [D]
# question, answer, wrong answer, what is known
_KNOWN = (
    ("How many legs does a spider have?", "8", "6", "Spiders are no insects, whose legs are fewer by two."),
    ("How many days are there in a leap year?", "366", "365", "Every fourth year has one day more than others."),
    ("How many sides does a hexagon have?", "6", "5", "The name comes from the Greek word for this number."),
    ("How many minutes make two hours?", "120", "200", "An hour has sixty of them, and there are two."),
    ("How many wheels does a tricycle have?", "3", "2", "It has one wheel more than a bicycle."),
    ("How many strings does a usual violin have?", "4", "6", "They are tuned in fifths from G to E."),
    ("How many players of one team stand on a football field?", "11", "9", "There are ten and a goalkeeper."),
    ("How many continents are there?", "7", "6", "They are counted from Africa to South America."),
    ("How many planets go round the sun?", "8", "9", "Pluto is not counted among them any more."),
    ("How many teeth does a healthy adult have?", "32", "28", "Wisdom teeth are counted."),
    ("What is the boiling point of water at sea level in degrees Celsius?", "100", "90", "The scale is made by it."),
    ("What is the square root of 144?", "12", "14", "Multiplied by itself it gives the number."),
    ("What gas do plants take from the air to grow?", "carbon dioxide", "oxygen", "They give off another one."),
    ("What is the chemical symbol of gold?", "Au", "Ag", "It comes from the Latin name."),
    ("What is the largest organ of the human body?", "skin", "liver", "It covers all of the body."),
    ("What is the name of the force that makes apples fall?", "gravity", "magnetism", "The earth draws all bodies."),
    ("What is the capital of France?", "Paris", "Lyon", "The city lies on the Seine."),
    ("What is the currency of Japan?", "yen", "won", "It is printed in Tokyo."),
    ("What do bees make from nectar?", "honey", "wax", "They store it in combs for the winter."),
    ("What is frozen water called?", "ice", "steam", "It forms below the freezing point."),
    ("What animal is known as the king of the jungle?", "lion", "tiger", "It is said of a large cat with a mane."),
    ("What is the tallest animal on land?", "giraffe", "elephant", "Its neck is two metres long."),
    ("What season follows winter?", "spring", "summer", "Then the days become longer than the nights."),
    ("What instrument measures temperature?", "thermometer", "barometer", "It holds mercury or alcohol."),
)
ITEMS = tuple(
    Item(
        key=f"blind_{n}",
        question=question,
        answer=answer,
        category="FIB",
        abilities=("reasoning", "knowledge"),
        options=(),
        answer_type="number" if answer.isdigit() else "text",
        wrong=wrong,
        chain=f"I think of what is known. {known} So I settle on it. The answer is {answer}",
        short_chain=f"{known} The answer is {answer}",
    )
    for n, (question, answer, wrong, known) in enumerate(_KNOWN)
)
_COLOURS = ("red", "blue", "green", "yellow", "black", "white", "brown", "orange")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_LETTERED = re.compile(r"^([A-Z])\. ", re.MULTILINE)


def find(text: str) -> Item | None:
    """The question of general knowledge that a text holds."""
    return next((item for item in ITEMS if item.question in text), None)


def guesses(text: str) -> tuple[str, ...]:
    """What a model chooses from that does not see the image: option letters, colours, small numbers, or ()."""
    if letters := _LETTERED.findall(text):
        return tuple(letters)
    folded = text.casefold()
    return _COLOURS if "colour" in folded else _NUMBERS if "how many" in folded else ()
