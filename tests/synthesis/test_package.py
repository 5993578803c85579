"""Packaging: what the record's guards refuse is dropped."""

from __future__ import annotations

from tests.synthesis.stage_rows import question
from wethink_assets.synthesis import package


def test_packaging_drops_what_the_record_refuses():
    def part(n, **more):
        ids = {"path_id": f"p{n}", "answer_id": f"a{n}", "source": "coco", "licence": "CC", "image_uri": "coco/1.jpg"}
        return question(n, abilities=["reasoning", "ocr"], answer="red", refined_cot="It is red.", **ids) | more

    rows = [
        part(0),
        part(1, category="DES"),
        part(2, refined_cot="<think>"),
        part(3, image_uri="../x.jpg"),
        part(4, category="MC", options=["red", "blue"]),
        part(5, category="MC", options=["green", "blue"]),
    ]
    result = package.run(rows, batch="b")
    result.check()
    samples = {s["question_id"]: s for s in result.rows["samples"]}
    assert {q: s["reward"] for q, s in samples.items()} == {"q0": "rule", "q1": "model", "q4": "rule"}
    assert samples["q4"]["answer"] == "A" and samples["q4"]["problem"].endswith("A. red\nB. blue")
    assert len(result.dropped) == 3 and all(s.reason and s.detail for s in result.dropped)
