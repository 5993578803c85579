"""What the standalone evaluation writes: numbers by another version of VLMEvalKit's rules stay."""

from __future__ import annotations

from resources.lake.store import Write
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS
from wethink_assets.evaluation.standalone import _by_scorer


def test_numbers_replace_those_of_their_own_scorer_alone():
    rows = [{"metric": "strict_accuracy", "scorer": "strict"}, {"metric": "x", "scorer": "vlmevalkit_2026_11"}]
    write = Write("scores", rows, replace={"policy_id": "p", "benchmark": "MMStar"})
    strict, kit = _by_scorer(write, VERSIONS["2026-11"])
    assert (strict.rows, kit.rows) == (rows[:1], rows[1:])
    assert [w.replace["scorer"] for w in (strict, kit)] == ["strict", "vlmevalkit_2026_11"]
    assert all(w.replace["policy_id"] == "p" for w in (strict, kit))
