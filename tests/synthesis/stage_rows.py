"""Input rows of stages, for tests with scripted models."""

from __future__ import annotations

from tests.synthesis.scripted import FAIL

IMAGES = [{"image_id": f"i{n}", "context": "{}"} for n in range(4)]
DESCRIPTIONS = [{"description_id": f"d{n}", "image_id": f"i{n}", "text": f"Scene {n}."} for n in range(4)]
REFINED = [{"refined_id": f"r{n}", "image_id": f"i{n}", "text": f"Fine scene {n}.", "abilities": []} for n in range(4)]


def question(n: int, category: str = "FIB", **more):
    options = ["red", "blue"] if category == "MC" else []
    base = {
        "question_id": f"q{n}",
        "image_id": f"i{n}",
        "question": f"What is {n}?",
        "category": category,
        "source": "coco",
    }
    return {**base, "options": options, "text": f"Fine scene {n}.", **more}


def pair(n: int, agreement: str):
    answers = {
        "reasoner_answer": "red",
        "reasoner_answer_id": f"a{n}r",
        "vlm_answer": "blue",
        "vlm_answer_id": f"a{n}v",
    }
    return question(n, agreement=agreement, **answers)


def only(*bad):
    """A scripted reply of its argument, which fails for the subjects in `bad`."""
    return lambda good: lambda request: FAIL if request.subject_id in bad else good
