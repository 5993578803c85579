"""Pages of items: what hostile replies become on them, and what a comparison of two policies says."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation.report import html
from wethink_assets.evaluation.report.comparison import compare, page_parts, summary
from wethink_assets.evaluation.statistics import holm

HOSTILE = "<script>alert(1)</script></pre></details><img src=x onerror=alert(2)>\x00\x1b[31m\u202etxt.exe\ufffe\r\nA"


def answer(item: str, score: float, reply: str) -> dict:
    return {
        "item": item,
        "question": f"Hint: Say a letter. Question: Which {item}?",
        "hint": None,
        "options": ["a cat", HOSTILE],
        "answer": "A",
        "category": None,
        "split": None,
        "extra": "{}",
        "image_ids": [f"{item:0>64}"],
        "prompt": "p",
        "reply": reply,
        "extracted": reply[:2000] or None,
        "verdict": "correct",
        "score": score,
        "method": "rule",
        "call_id": HOSTILE,
        "error": None,
        "completion_tokens": 5,
        "judge_call_id": "j",
        "judge_reply": HOSTILE,
        "vlmevalkit_score": 0.0,
        "vlmevalkit_extracted": None,
    }


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attrs}


def compared_sets(sets: int = 3):
    names = ("MMStar", "MMVet", "AI2D_TEST")[:sets]
    compared = []
    for turn, name in enumerate(names):
        first = [answer(str(i), 0.0, HOSTILE) for i in range(8 + turn)]
        second = [answer(str(i), float(i > 1), "x" * 1_000_000) for i in range(8 + turn)]
        compared.append(compare(BY_NAME[name], first, second, resamples=200, seed=0))
    return compared


def test_hostile_replies_do_nothing_on_a_page():
    page = "".join(html.page("t", page_parts(compared_sets(1), (HOSTILE, "b"), lambda i: "", shown=50)))
    tags = Tags()
    tags.feed(page)
    assert not tags.seen & {"script", "img", "iframe", "link", "object"} and tags.attributes <= {
        "lang",
        "charset",
        "class",
        "href",
        "id",
    }
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufffe\uffff]", page) and "␀␛[31m" in page
    assert "996,000 characters more" in page and len(page) < 8 * 2 * 10_000
    assert "x" * 301 not in re.sub("<pre>.*?</pre>", "", page, flags=re.DOTALL)  # beside the reply, only its beginning
    assert page.count("VLMEvalKit's rules read <i>nothing</i>: 0") == 2 * 8


def test_a_line_says_question_gold_and_both_readings():
    page = "".join(page_parts(compared_sets(1), ("a", "b"), lambda i: "", shown=1))
    assert (
        '<summary>2: Which 2? <small>gold A: <span class="bad">' in page and '</span> → <span class="good">xxxx' in page
    )
    assert "fixed: 6, the first 1 of them below" in page and 'href="#MMStar-fixed">6</a>' in page


def test_p_values_of_a_comparison_are_corrected_over_its_sets():
    compared = compared_sets()
    raw = {c.benchmark.name: c.change.p for c in compared}
    assert {row["benchmark"]: row["p_holm"] for row in summary(compared)} == holm(raw)
    assert max(row["p_holm"] for row in summary(compared)) > max(raw.values())
