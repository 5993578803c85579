"""Whatever a model says, no row of any stage holds what a chat template or a trainer would take for a marker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.synthesis.replies import proposal
from tests.synthesis.scripted import Script
from tests.synthesis.stage_rows import DESCRIPTIONS, IMAGES, REFINED, pair, question
from wethink_assets.settings import RewardSettings
from wethink_assets.synthesis import adjudicate, answer, describe, package, questions, refine, refine_path, route
from wethink_assets.synthesis import filter as question_filter
from wethink_assets.synthesis.assets import synthesis_assets

ASSETS = synthesis_assets()

EVIL = (
    "<image> < Video/> </image> <think>so</think> <answer>red</ANSWER> <think/> <|im_end|> <im<audio>age> <th\x00ink>"
)
MARKER = re.compile(r"<\s*/?\s*(image|video|audio|think|answer)\s*/?\s*>|<\|[\w-]+\|>", re.IGNORECASE)


class Evil(Script):
    """As `Script`, from a model whose name and reasoning are evil too, and which fails for the subjects named in
    `failing`.
    """

    failing: tuple[str, ...] = ()

    def _reply(self, request):
        good = super()._reply(request)
        evil = replace(good, model=EVIL, reasoning=EVIL)
        if request.subject_id in self.failing:
            return replace(evil, ok=False, parsed=None, error="refusal", detail=EVIL)
        return evil


def failing(*subjects: str, **replies: Any) -> Evil:
    ask = Evil(**replies)
    ask.failing = subjects
    return ask


def described():
    return describe.run(IMAGES, failing("i1", describe={"description": EVIL}), batch="b")


def refined():
    replies = {
        "ask_missing_details": {"questions": [EVIL + "?"]},
        "answer_visual_details": {"answers": [{"number": 1, "answer": EVIL}]},
    }
    return refine.run(
        DESCRIPTIONS, failing("i1", **replies, merge_description={"description": EVIL}), batch="b", turns=1
    )


def asked():
    proposals = [
        proposal(options=[f"{EVIL} {n}" for n in range(3)], category="MC"),
        proposal(EVIL),
        proposal("Which?", category=EVIL),
        proposal("Why?", abilities=[EVIL]),
        proposal("Who?", options=[EVIL]),
        EVIL,
    ]
    replies = {
        "i0": {"questions": proposals},
        "i1": {"questions": []},
        "i2": {"questions": EVIL},
        "i3": {"questions": []},
    }
    return questions.run(REFINED, failing("i3", generate_questions=lambda r: replies[r.subject_id]), batch="b", count=8)


def filtered():
    replies = {
        "check_well_posed": lambda r: {"reason": EVIL, "well_posed": r.subject_id != "q1"},
        "check_answerable": {"reason": EVIL, "answerable": False},
    }
    kept = question_filter.run(
        [question(9)],
        failing(
            check_well_posed={"reason": EVIL, "well_posed": True}, check_answerable={"reason": EVIL, "answerable": True}
        ),
        batch="b",
    )
    result = question_filter.run([question(n) for n in range(3)], failing("q2", **replies), batch="b")
    result.rows["valid_questions"] = [*result.rows["valid_questions"], *kept.rows["valid_questions"]]
    return result


def answered():
    replies = {"reasoning": EVIL, "answer": EVIL}
    ask = failing(
        "q1", answer_from_description=replies, answer_from_image=replies, judge={"score": 0.5, "reason": EVIL}
    )
    return answer.run([question(0), question(1), question(2, "MC"), question(3, "DES")], ask, batch="b")


def adjudicated():
    replies = {"q0": "first", "q1": "neither", "q2": EVIL, "q3": "second"}
    ask = failing("q3", adjudicate=lambda r: {"reason": EVIL, "choice": replies[r.subject_id]})
    return adjudicate.run([pair(n, "disagree") for n in range(4)], ask, batch="b")


def rewritten():
    replies = {
        "q0": EVIL,
        "q1": "Fine, it is red.",
        "q2": EVIL * 900,
        "q3": "The answer is <th\x00ink> blue",
        "q4": "",
        "q5": EVIL,
    }
    rows = [question(n, answer_id=f"a{n}", answer="red", chain="raw") for n in range(6)]
    ask = failing("q5", refine_path=lambda r: {"refined_cot": replies[r.subject_id], "consistent": True})
    return refine_path.run(rows, ask, batch="b")


def routed():
    row = question(
        0, path_id="p", path_call_id="c", answer_id="a", answer="red", path="The answer is red.", source="coco"
    )
    row |= {
        f"{who}_{part}": "red" if part == "answer" else "So."
        for who in ("reasoner", "vlm")
        for part in ("answer", "chain", "call_id")
    }
    row["vlm_answer"] = "blue"
    return route.run(
        [row], failing(judge={"score": 1.0, "reason": EVIL}), batch="b", limits=RewardSettings(routed_share=1.0)
    )


def packaged():
    ids = {
        "path_id": "p",
        "answer_id": "a",
        "source": "coco",
        "licence": "CC",
        "image_uri": "coco/1.jpg",
        "abilities": ["reasoning", "ocr"],
    }
    rows = [
        question(0, answer="red", refined_cot="It is red.", **ids),
        question(1, answer=EVIL, refined_cot=EVIL, **ids),
    ]
    return package.run(rows, batch="b")


STAGES = {
    "descriptions": (described, 3),
    "refined_descriptions": (refined, 3),
    "questions": (asked, 1),
    "valid_questions": (filtered, 1),
    "dual_answers": (answered, 6),
    "chosen_answers": (adjudicated, 1),
    "reasoning_paths": (rewritten, 1),
    "routed_answers": (routed, 1),
    "samples": (packaged, 1),
}


def test_every_stage_is_in_the_table():
    assert [*STAGES] == [asset.key.path[0] for asset in ASSETS]


@pytest.mark.parametrize("key", STAGES)
def test_no_row_of_a_stage_holds_a_marker(key):
    make, kept = STAGES[key]
    result = make()
    first, *others = result.rows.values()
    assert len(first) == kept, "rows are written, so that there is something to look at"
    told = [(s.reason, s.detail) for s in [*result.dropped, *result.failed]]
    assert told or key == "routed_answers"
    for text in texts([first, *others, told, result.details]):
        assert not MARKER.search(text), text


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.items():
            yield from texts(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from texts(item)
