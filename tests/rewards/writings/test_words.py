"""Replies in other writings, by kind: words and texts read from a picture."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "machine-read texts": [
        (
            "Which web address is printed at the bottom of the leaflet?",
            "https://www.example.org/help",
            (),
            ("https://www.example.org/help", "www.example.org/help", "The leaflet gives https://www.example.org/help"),
            ("https://www.example.org/hepl", "https://www.example.com/help", "not https://www.example.org/help"),
        ),
        (
            "Which e-mail address is printed on the card?",
            "info@museum-bonn.de",
            (),
            ("info@museum-bonn.de",),
            ("info@museum-bon.de", "imfo@museum-bonn.de"),
        ),
        (
            "What is the serial number on the plate?",
            "A4-7719B",
            (),
            ("Serial no.: A4-7719B", "A4 - 7719B", "The serial number is A4-7719B."),
            ("Serial no.: A4-7719D", "A4-7719", "The serial number is not A4-7719B."),
        ),
        (
            "When was this receipt issued? Copy the date as printed.",
            "07/12/2017",
            (),
            ("The receipt was issued on 07/12/2017.", "07 / 12 / 2017"),
            ("The receipt was issued on 12/07/2017.", "The receipt expires on 07/12/2017."),
        ),
        (
            "What is the name over the entrance?",
            "Café Zürich",
            (),
            ("Der Name ist „Café Zürich“.", "Le nom est « Café Zürich ».", 'It reads "Café Zürich".'),
            (
                "Der Name ist nicht „Café Zürich“.",
                "Le nom est « Café Luzern ».",
                'below "Café Zürich" it says something else and more',
            ),
        ),
        (
            "What time is shown on the board for Lyon?",
            "10:35",
            (),
            ("10 h 35", "10:35 Uhr", "10.35 Uhr"),
            ("10 h 53", "10.35", "10.35 hours"),
        ),
    ],
    "words in sentences": [
        (
            "Which colour stands for China?",
            "pink",
            (),
            ("China is drawn in pink.",),
            ("Japan is drawn in pink.", "China is not drawn in pink."),
        ),
        (
            "Who signed the letter?",
            "John H. Smith",
            (),
            ("John H Smith", "The letter was signed by Mr. John H. Smith.", "Smith, John H."),
            ("John K. Smith", "The letter was signed for John H. Smith by Ann Lee.", "Smith, Jane H."),
        ),
        (
            "Which country does the red line show?",
            "Georgia",
            (),
            ("The red line is Georgia and the blue line is Armenia.",),
            ("The blue line is Georgia and the red line is Armenia.",),
        ),
        ("合同的乙方是谁？", "李明", (), ("李明先生",), ("李先生", "王明先生")),
        (
            "Where is the phone?",
            "behind the vase",
            (),
            ("The phone lies right behind the vase.",),
            ("The phone lies right beside the vase.", "The vase is behind the phone."),
        ),
        (
            "Which law of motion does the figure illustrate?",
            "Newton's third law",
            (),
            ("Newton's 3rd law of motion", "Newton's 3rd law"),
            ("Newton's 2nd law of motion", "Newton's first law"),
        ),
        (
            "Is the trend increasing or decreasing after 2010?",
            "decreasing",
            (),
            ("It decreases.", "It has decreased."),
            ("It increases.", "It does not decrease."),
        ),
        (
            "小女孩的裙子是什么颜色？",
            "红色",
            (),
            ("红色的裙子", "小女孩穿的是红色裙子，不是粉色。"),
            ("粉色的裙子", "小女孩穿的是粉色裙子，不是红色。", "红色的帽子"),
        ),
    ],
    "closed classes abroad": [
        ("Which colour stands for China?", "pink", (), ("rosa", "粉色", "粉红色"), ("rojo", "红色", "rose oder rot")),
        ("On which side is the car?", "left", (), ("左边", "links", "à gauche"), ("右边", "rechts", "à droite")),
        (
            "On which days is it closed?",
            "{Monday, Thursday}",
            (),
            ("lundi et jeudi", "Montag und Donnerstag", "星期一和星期四"),
            ("lundi et vendredi", "Montag", "星期一和星期五"),
        ),
        (
            "Name the colours of the books from left to right.",
            "[red, green, blue]",
            (),
            ("红色、绿色、蓝色", "rot, grün, blau", "rouge, vert, bleu"),
            ("绿色、红色、蓝色", "rot, blau, grün", "rouge, vert"),
        ),
        ("In which direction does the gear turn?", "clockwise", (), ("顺时针", "im Uhrzeigersinn"), ("逆时针",)),
        ("What word is on the sign?", "RED", (), ("RED",), ("ROT", "红")),
        ("Which month is the wettest?", "B", ("June", "July", "May"), ("七月", "juillet"), ("五月", "juin")),
    ],
    "trends": [
        (
            "What happens to the volume when the pressure rises?",
            "it decreases",
            (),
            ("The volume decreases.", "It goes down.", "The volume falls."),
            ("The pressure decreases.", "It goes up.", "no change", "It doesn't decrease."),
        ),
        (
            "Which trend does the graph show?",
            "C",
            ("increasing", "constant", "decreasing", "oscillating"),
            ("It decreases.", "downward", "falling", "a declining trend"),
            ("It goes up.", "it does not decrease", "no change", "falling, then rising"),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
