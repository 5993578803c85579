"""VLMEvalKit's numbers: our `vlmevalkit` scorer against what VLMEvalKit itself says of the same replies.

`VLMEVALKIT_PATH` names a checkout that is run beside ours (`VLMEVALKIT_PYTHON` another interpreter for it); without it,
the golden verdicts stand for one.
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.parity import fresh, golden, ours, synthetic, tables
from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME, Benchmark
from wethink_assets.benchmark_sets.tsv import item_row
from wethink_assets.evaluation.families.mmbench import CIRCULAR_BASE
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import request
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS
from wethink_assets.evaluation.scoring import STRICT, VLMEVALKIT
from wethink_assets.settings import EvaluationSettings

GOLDEN = json.loads(golden.FILE.read_text("utf-8"))
CASES = [(name, mode) for name in synthetic.MAKERS for mode in ("judge", "none") if mode in GOLDEN[name]]
CHECKOUT = os.environ.get("VLMEVALKIT_PATH", "")
# Rows on which a verdict may differ from VLMEvalKit's, with the reason: none of the synthetic replies needs one.
EXCEPTIONS: dict[tuple[str, str], str] = {}


def benchmark(name: str) -> Benchmark:
    return BY_NAME.get(name) or Benchmark(name, "academic", "chartqa", "strict_relaxed_accuracy")


@cache
def verdicts(name: str, mode: str, scorer: str = VLMEVALKIT):
    return ours.scored(benchmark(name), scorer, judge=mode == "judge")


def by_key(name: str, mode: str, scorer: str = VLMEVALKIT) -> dict[str, float | None]:
    """Our scores as VLMEvalKit reports them: of MMBench one a question, the worst of its rotations."""
    by_question: dict[str, list[float | None]] = defaultdict(list)
    for item, verdict in verdicts(name, mode, scorer):
        key = str(int(item.item) % CIRCULAR_BASE) if name.startswith("MMBench") else item.item
        by_question[key].append(verdict.score)
    return {key: None if None in scores else min(scores) for key, scores in by_question.items()}


def close(mine: float, theirs: float, name: str) -> bool:
    # We-Math's numbers are published as texts with two decimals
    return abs(mine - theirs) <= (0.005 + 1e-9 if name == "WeMath" else 1e-9)


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_verdicts_and_numbers_are_the_golden_ones(name, mode):
    assert synthetic.digest(name) == GOLDEN[name]["digest"], "the replies changed: make the golden verdicts anew"
    mine = by_key(name, mode)
    kept = GOLDEN[name][mode]
    keys = golden.keys(name, mine)
    assert len(verdicts(name, mode)) >= 300 and len(keys) == len(kept["rows"])
    for key, mark in zip(keys, kept["rows"], strict=True):
        assert mine[key] == golden.SCORES.index(mark) / 10 or (name, key) in EXCEPTIONS, (name, key)
    numbers = tables.ours(benchmark(name), verdicts(name, mode))
    assert kept["numbers"] and set(kept["numbers"]) <= set(numbers)
    for label, value in kept["numbers"].items():
        assert close(numbers[label], value, name), (label, numbers[label], value)


def test_every_set_has_golden_verdicts_of_right_and_wrong_replies():
    assert {b.name for b in BENCHMARKS} <= set(GOLDEN)
    for name, kept in GOLDEN.items():
        for mode in kept.keys() - {"digest"}:
            assert len(set(kept[mode]["rows"])) > 1, (name, mode)


@pytest.mark.parametrize("name", list(synthetic.MAKERS))
def test_every_set_has_three_hundred_replies_of_every_kind(name):
    """Right and wrong are VLMEvalKit's own verdicts; the other kinds are told by their form."""
    replies = [str(row["prediction"]) for row, _ in synthetic.rows(name)]
    assert len(replies) >= 300
    marks = GOLDEN[name]["judge" if "judge" in GOLDEN[name] else "none"]["rows"]
    assert {"0", "T"} <= set(marks)
    assert not [kind for kind, fits in synthetic.KINDS.items() if sum(map(fits, replies)) < 3]


@pytest.mark.parametrize("name", list(synthetic.MAKERS))
@pytest.mark.parametrize("judge", [True, False])
def test_the_strict_scorer_gives_every_reply_a_verdict(name, judge):
    scored = ours.scored(benchmark(name), STRICT, judge=judge)
    needs = name == "MMVet" and not judge
    unusable = {i.item for i, s in scored if s.score is None}
    assert needs or len(unusable) <= 0.05 * len(scored), (name, len(unusable))
    empty = {str(r["index"]) for r, _ in synthetic.rows(name) if r["prediction"] == ""}
    assert all(not s.score for i, s in scored if i.item in empty), "an empty reply is right"


def our_messages(name: str) -> list[list[list[str]]]:
    """What the profile `wethink` asks, without the system prompt, as parity/upstream.py gives it."""
    messages = []
    for row in synthetic.prompt_rows(name):
        item = Item.of(item_row(name, 0, "0", row) | {"image_ids": row["image_path"]})
        (*_, user) = request(BY_NAME[name], item, EvaluationSettings(profile="wethink")).messages()
        messages.append([[p["type"], p.get("image_id") or p["text"]] for p in user["content"]])
    return messages


def without_empty(asked: list[list[list[str]]]) -> list[list[list[str]]]:
    return [[part for part in parts if part[1] != ""] for parts in asked]


@pytest.mark.parametrize("name", list(synthetic.PROMPTS))
def test_the_papers_profile_asks_what_vlmevalkit_asks(name):
    assert our_messages(name) == without_empty(json.loads(golden.PROMPTS.read_text("utf-8"))[name])


def test_every_set_has_golden_prompts():
    assert set(synthetic.PROMPTS) == {b.name for b in BENCHMARKS}


def told(compared: list[fresh.Compared]) -> None:
    """Tell how the nearest of our versions and the checkout differ: a change of theirs is news, no fault of ours."""
    best = compared[0]
    assert best.verdicts >= 300 * len(synthetic.MAKERS) and best.numbers
    if best.lines:
        warnings.warn(f"VLMEvalKit has moved. Nearest to {best.report(20)}", stacklevel=2)


@pytest.mark.skipif(not CHECKOUT, reason="VLMEVALKIT_PATH names no checkout of VLMEvalKit")
def test_a_checkout_says_the_same_row_by_row_or_what_differs_is_told():
    upstream = golden.run(Path(CHECKOUT), os.environ.get("VLMEVALKIT_PYTHON") or sys.executable)
    if other := [n for n, asked in upstream["prompts"].items() if our_messages(n) != without_empty(asked)]:
        warnings.warn(f"VLMEvalKit has moved: it asks the items of {', '.join(other)} in other words", stacklevel=1)
    told(fresh.nearest(upstream["scores"]))


@pytest.mark.skipif(not CHECKOUT, reason="VLMEVALKIT_PATH names no checkout of VLMEvalKit")
def test_a_checkout_is_held_against_replies_that_nobody_saw_before():
    seed = os.environ.get("VLMEVALKIT_SEED") or os.urandom(4).hex()
    told(fresh.compare(Path(CHECKOUT), seed, os.environ.get("VLMEVALKIT_PYTHON") or sys.executable))


def golden_as_upstream() -> dict[str, Any]:
    """The golden verdicts, as a checkout of that version gives them."""
    return {
        name: {
            mode: {
                "rows": {
                    key: golden.SCORES.index(mark) / 10
                    for key, mark in zip(golden.keys(name, by_key(name, mode)), kept["rows"], strict=True)
                },
                "numbers": {},
            }
            for mode, kept in GOLDEN[name].items()
            if mode != "digest"
        }
        for name in synthetic.MAKERS
    }


def test_the_golden_replies_are_scored_alike_by_both_versions():
    compared = fresh.nearest(golden_as_upstream())
    assert [c.version.name for c in compared] == ["2026-05", "2026-11"] and not any(c.lines for c in compared)


@pytest.mark.parametrize("version", VERSIONS.values(), ids=list(VERSIONS))
def test_the_version_of_a_checkout_is_recognised_by_fresh_replies(monkeypatch, version):
    """The other one differs on few verdicts, and in option inference alone."""
    monkeypatch.setattr(synthetic, "SEED", "7")
    verdicts.cache_clear()
    names = ("MMStar", "AI2D_TEST", "OCRBench")
    said = {name: {"none": {"rows": by_key(name, "none", version.scorer), "numbers": {}}} for name in names}
    first, second = fresh.nearest(said)
    verdicts.cache_clear()
    assert first.version == version and not first.lines
    assert 0 < second.differ < 0.05 * second.verdicts and {r.split()[0] for r in second.rules} == {"choice"}


def test_a_moved_upstream_is_one_readable_report():
    moved = golden_as_upstream()
    rows = moved["MMStar"]["none"]["rows"]
    for key in list(rows)[:7]:
        rows[key] = 1.0 - rows[key]
    best = fresh.nearest(moved)[0]
    text = best.report(20)
    assert "7 of" in text.splitlines()[0] and "choice (MMStar), without a judge: 7 verdicts" in text
    assert text.count("theirs") == 7
