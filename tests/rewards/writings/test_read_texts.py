"""Replies in other writings, by kind: texts read from a picture, a question's own words denied, options of one sign."""

from __future__ import annotations

import pytest

from tests.rewards.writings import grid

KINDS = {
    "codes and addresses to the letter": [
        (
            "What is the captcha code in the image?",
            "aB3xQ9",
            (),
            ("aB3xQ9", "The code is aB3xQ9.", '"aB3xQ9"', "**aB3xQ9**"),
            ("AB3XQ9", "ab3xq9", "The code is ab3xq9.", "aB3xQ8", "aB3xQ"),
        ),
        ("What is the formula of the rust in the diagram?", "Fe2O3", (), ("Fe2O3", "fe2o3"), ("Fe3O4",)),
        (
            "What website is listed on the poster?",
            "www.greenleaf.org",
            (),
            ("www.greenleaf.org", "greenleaf.org", "The website is www.greenleaf.org."),
            ("www.green-leaf.org", "green-leaf.org", "The website is www.green-leaf.org.", "www.greenleaf.com"),
        ),
        (
            "What is the phone number printed at the bottom of the flyer?",
            "0421-7786",
            (),
            ("0421-7786", "0421 7786", "04217786", "The phone number is 0421-7786."),
            ("421-7786", "0421-7768", "0421-778", "from 421 to 7786"),
        ),
        ("Which range of pages does the index give?", "421-786", (), ("421-786", "421 to 786"), ("421-768",)),
    ],
    "signs in a text that is read": [
        (
            "What is written in the image?",
            "CENTRE",
            (),
            ("CENTRE", "Centre", "centre", 'The text reads "CENTRE".'),
            ("CENTER", "Center", "CENTRES", "ENTRE"),
        ),
        (
            "What is the license plate number of the car?",
            "KA 05 MH 7781",
            (),
            ("KA05MH7781", "KA 05 MH 7781", "KA-05-MH-7781", "ka05mh7781", "The license plate is KA05MH7781."),
            ("KA05MH7718", "KA05MH778", "KA 05 HM 7781", "K405MH7781", "KA05NH7781", "KA05HM7781", "KA5MH7781"),
        ),
        (
            "What does the warning label say?",
            "DANGER HIGH VOLTAGE",
            (),
            (
                "Danger: high voltage",
                "DANGER - HIGH VOLTAGE",
                "Danger! High voltage",
                "Danger high voltage",
                "DANGER\nHIGH VOLTAGE",
            ),
            (
                "Danger low voltage",
                "High voltage",
                "Danger high pressure",
                "Danger: low voltage",
                "High voltage: danger",
                "Danger, high-current",
                "No danger: high voltage",
            ),
        ),
        (
            "What is the company name on the letterhead?",
            "Harper & Sons Ltd.",
            (),
            ("Harper and Sons Ltd", "Harper & Sons Ltd", "HARPER & SONS LTD."),
            ("Harper & Son Ltd.", "Harper Sons", "Hooper & Sons Ltd."),
        ),
        (
            "What does the handwritten note say?",
            "Buy milk and bread",
            (),
            ('"buy milk & bread"', "Buy milk & bread", "buy milk and bread", "The note says: Buy milk and bread."),
            (
                "Buy milk",
                "Buy milk or bread",
                "Buy milk and butter",
                "Buy milk & butter",
                "Buy bread & milk",
                "Sell milk & bread",
                "Don't buy milk & bread",
            ),
        ),
        (
            "What is the name of the station?",
            "King's Cross",
            (),
            ("Kings Cross", "King's Cross", "King’s Cross Station", "King's Cross station"),
            (
                "Queen's Cross",
                "King's Lane",
                "Charing Cross",
                "Queen's Cross station",
                "King's station",
                "King's Cross Road",
                "King Cross",
            ),
        ),
        (
            "What is the gate number on the boarding pass?",
            "B22",
            (),
            ("B22", "Gate B22", "gate B22.", "The gate number is B22.", "B-22"),
            ("B2", "B23", "D22", "822", "B-2", "B-222", "D-22"),
        ),
    ],
    "what is denied of a question": [
        (
            "Would the owl population increase if all mice disappeared?",
            "No",
            (),
            (
                "No",
                "The owl population would not increase.",
                "No, it would decrease.",
                "It would not increase.",
                "No, it wouldn't.",
            ),
            (
                "Yes",
                "The owl population would increase.",
                "It would.",
                "Yes, it would increase.",
                "Maybe",
                "It would increase.",
                "No idea",
            ),
        ),
        (
            "Does the contract end before 2020?",
            "No",
            (),
            (
                "No",
                "No, it ends in 2021.",
                "The contract does not end before 2020.",
                "It does not.",
                "No, the contract ends after 2020.",
            ),
            (
                "Yes",
                "Yes, it ends in 2019.",
                "The contract ends before 2020.",
                "It does.",
                "It ends before 2020",
                "The owl population would increase.",
                "It would.",
            ),
        ),
        (
            "Are the two triangles congruent?",
            "No",
            (),
            (
                "They are similar but not congruent.",
                "No, only similar.",
                "not congruent",
                "They aren't congruent.",
                "The triangles are not congruent.",
            ),
            (
                "They are congruent",
                "Yes",
                "They are both similar and congruent.",
                "The owl population would increase.",
                "It would.",
                "The mouse population would not increase.",
                "The owl population would not decrease.",
            ),
        ),
        (
            "Is the sum of the two lowest bars greater than the largest bar?",
            "No",
            (),
            (
                "No",
                "The sum is not greater than the largest bar.",
                "No, it is smaller.",
                "It is not greater.",
                "No, 30 < 40.",
            ),
            (
                "Yes",
                "The sum is greater than the largest bar.",
                "It is greater.",
                "The owl population would increase.",
                "It would.",
                "The mouse population would not increase.",
                "The owl population would not decrease.",
            ),
        ),
        (
            "Is 2 a solution of the equation?",
            "No",
            (),
            (
                "No",
                "No, 2 is not a solution.",
                "2 is not a solution.",
                "2 is not a solution of the equation.",
                "It is not.",
            ),
            (
                "Yes",
                "2 is a solution.",
                "Yes, 2 is a solution of the equation.",
                "The owl population would increase.",
                "It would.",
                "The mouse population would not increase.",
                "The owl population would not decrease.",
            ),
        ),
    ],
    "options of one sign": [
        (
            "Which letter is written on the blue cube?",
            "A",
            ("C", "X", "D", "Y"),
            ("A", "Option A (the letter C)", "A) C", "A. C", "It is C."),
            ("B", "B) A", "D", "The letter D", "Option B"),
        ),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_writing_is_read_and_what_looks_like_it_is_not(kind):
    failed = grid.failures(KINDS[kind])
    assert not failed, failed
