"""The judge's calibration set, its agreement, and the asset with the real sample teacher over HTTP."""

from __future__ import annotations

from collections import Counter

import dagster as dg
import pytest

from resources.lake.store import LakeStore
from tests.rewards.suite import model_reply
from wethink_assets.graph import build_resources
from wethink_assets.rewards import calibration, judge
from wethink_assets.rewards.assets import reward_assets
from wethink_assets.rewards.gates import check_names, trusted
from wethink_assets.settings import EndpointSettings, RewardSettings

LIMITS = RewardSettings()


def test_the_set_is_large_enough_and_every_tier_is_in_it():
    pairs = calibration.pairs()
    tiers = Counter(pair.tier for pair in pairs)
    assert len(pairs) >= 60 and set(tiers) == set(judge.TIERS) and min(tiers.values()) >= 10
    assert len({(p.question, p.reply) for p in pairs}) == len(pairs)


def test_no_fair_reply_of_the_set_is_refused_unasked():
    refused = [(p.reply, judge.refused(p.question, p.reply)) for p in calibration.pairs() if p.tier > 0]
    assert not [r for r in refused if r[1]]


@pytest.mark.parametrize(
    ("known", "given", "kappa"),
    [
        ([0, 1], [0, 1], 1.0),
        ([0, 1], [1, 0], -1.0),
        ([0, 0, 1, 1], [0, 1, 0, 1], 0.0),
        ([0, 0.5, 1], [0, 0.5, 0.5], 0.6666667),
        ([], [], None),
        ([1, 1], [1, 1], None),
    ],
)
def test_weighted_kappa(known, given, kappa):
    measured = calibration.weighted_kappa(known, given)
    assert measured is None if kappa is None else measured == pytest.approx(kappa, abs=1e-6)


@pytest.mark.parametrize("score", [0, 0.25, 0.5, 0.75, 1])
def test_a_judge_that_gives_everybody_the_same_does_not_agree(score):
    pairs = calibration.pairs()
    measured = calibration.agreement(pairs, [model_reply(parsed={"score": score}) for _ in pairs])
    assert (
        measured.scored == len(pairs)
        and measured.kappa == pytest.approx(0.0, abs=0.5)
        and measured.kappa < LIMITS.least_kappa
    )


def test_a_judge_without_clear_tiers_counts_as_disagreement():
    pairs = calibration.pairs()
    measured = calibration.agreement(pairs, [model_reply("no json") for _ in pairs])
    assert (measured.scored, measured.kappa, measured.exact) == (0, None, 0.0)


@pytest.mark.parametrize(("silent", "passes"), [(0, True), (1, True), (6, True), (7, False), (66, False)])
def test_a_few_refusals_do_not_stop_the_graph_and_many_do(silent, passes):
    pairs = calibration.pairs()
    replies = [
        model_reply("no json") if n < silent else model_reply(parsed={"score": p.tier}) for n, p in enumerate(pairs)
    ]
    assert trusted(calibration.agreement(pairs, replies), LIMITS) is passes


def test_one_worthless_reply_that_is_rewarded_stops_the_graph():
    pairs = calibration.pairs()
    worthless = next(n for n, pair in enumerate(pairs) if pair.tier == 0)
    replies = [model_reply(parsed={"score": 0.5 if n == worthless else p.tier}) for n, p in enumerate(pairs)]
    assert not trusted(calibration.agreement(pairs, replies), LIMITS)


def test_the_asset_measures_the_sample_judge_and_a_second_run_costs_nothing(tiny_settings):
    settings = tiny_settings
    instance = dg.DagsterInstance.ephemeral()
    assets = reward_assets(settings.endpoints_of("judge"))
    for _ in range(2):
        result = dg.materialize(assets, instance=instance, resources=build_resources(settings))
        (check,) = [
            c for c in result.get_asset_check_evaluations() if c.check_name == "judge_agrees_sample_teacher_judge"
        ]
        assert result.success and check.passed, check.description
    lake = LakeStore(settings.lake_catalog, settings.lake_data_path)
    (row,) = lake.sql("SELECT model, pairs, scored, kappa, too_high FROM judge_calibrations").rows()
    assert row[:3] == ("sample-teacher-judge", 66, 66) and LIMITS.least_kappa <= row[3] < 1 and row[4] == 0
    assert lake.sql("SELECT count(*) AS n FROM calls")["n"][0] >= 66


def test_every_judge_has_a_check_of_its_own():
    names = check_names(["deepseek-ai/DeepSeek-R1", "deepseek-ai/DeepSeek.R1", "评分-1 {'top_p': 0.5}"])
    assert len(set(names.values())) == 3 and names["deepseek-ai/DeepSeek-R1"] == "judge_agrees_deepseek_ai_deepseek_r1"
    ends = tuple(EndpointSettings(model=model) for model in names)
    (asset,) = reward_assets(ends)
    assert {key.name for key in asset.check_keys} == {"rows_conserved", *names.values()}
