"""The registry of families: what the sets' rows name, and which of them need a judge."""

from __future__ import annotations

import pytest

from tests.evaluation.parity import ours
from wethink_assets.benchmark_sets.registry import ALL_SETS, BENCHMARKS
from wethink_assets.evaluation.families.registry import BUILT_IN, FAMILIES, family, unregister
from wethink_assets.evaluation.scoring import STRICT, VLMEVALKIT


@pytest.mark.parametrize("benchmark", ALL_SETS, ids=lambda b: b.name)
def test_the_headline_number_of_a_set_is_its_familys(benchmark):
    assert benchmark.metric == family(benchmark.rule).metric


@pytest.mark.parametrize("benchmark", BENCHMARKS, ids=lambda b: b.name)
def test_a_family_needs_the_judge_where_vlmevalkits_rule_scores_nothing_without_one(benchmark):
    scores = [verdict.score for _, verdict in ours.scored(benchmark, VLMEVALKIT, judge=False)]
    assert family(benchmark.rule).needs_judge == (set(scores) == {None})


def test_every_family_has_a_strict_rule_and_all_but_the_held_out_ones_vlmevalkits():
    scorers = {name: known.scorers() for name, known in FAMILIES.items()}
    assert scorers.pop("heldout") == (STRICT,)
    assert set(scorers.values()) == {(STRICT, VLMEVALKIT)}
    with pytest.raises(KeyError, match="heldout has no rule by 'vlmevalkit'"):
        family("heldout").rule(VLMEVALKIT, judge=True)


def test_a_built_in_family_cannot_be_taken_away():
    with pytest.raises(KeyError, match="choice is a built-in family"):
        unregister("choice")
    assert FAMILIES["choice"] is BUILT_IN["choice"]
