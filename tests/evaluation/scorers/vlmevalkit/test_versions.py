"""VLMEvalKit's versions: a scorer each, chosen by a setting, and what the later one reads in a reply."""

from __future__ import annotations

import typing

import pytest

from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.evaluation.families.registry import FAMILIES, family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.metrics import metric_name
from wethink_assets.evaluation.scorers.vlmevalkit.options import infer, infer_with_statement
from wethink_assets.evaluation.scorers.vlmevalkit.versions import INFERENCES, VERSIONS
from wethink_assets.evaluation.scoring import SCORERS, STRICT, Scored
from wethink_assets.evaluation.set_numbers import numbers_of
from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set
from wethink_assets.settings import EvaluationSettings

NOTHING = Scored(None, "wrong", 0.0)
OPTIONS = {"A": "a red bus", "B": "two dogs", "C": "an oak", "D": "a map"}
LONG = " because the picture shows it in the middle, as one sees when one looks for some time at all that stands there"


@pytest.mark.parametrize(
    ("reply", "earlier", "later"),
    [
        ("B", "B", "B"),
        (f"The answer is B{LONG}", None, "B"),
        (f"The correct answer is **B**. {LONG}", None, "B"),
        (f"ANSWER  IS\nb{LONG}", None, "B"),
        (f"The answer is definitely B{LONG}", None, "D"),  # its defect: a word's first letter
        (f"The answer is B. No, the answer is A{LONG}", None, "B"),  # the first counts
        (f"The answer is E{LONG}", None, None),
        (f"The answer is (B){LONG}", None, None),
        ("Failed to obtain answer via API: the answer is B", None, None),
        ("Cannot determine the answer: the answer is B", "Z", "Z"),
        (f"A dog. The answer is B{LONG}", None, "B"),
        ("two dogs", "B", "B"),
    ],
)
def test_what_each_version_reads(reply, earlier, later):
    assert (infer(reply, OPTIONS), infer_with_statement(reply, OPTIONS)) == (earlier, later)


def test_a_statement_of_a_letter_that_is_no_option_counts_for_nothing():
    two = {"A": "yes", "B": "no"}
    assert infer_with_statement(f"The answer is D{LONG}", two) is None


def test_the_setting_has_every_version_and_each_is_a_scorer_of_its_own():
    assert set(typing.get_args(EvaluationSettings.model_fields["vlmevalkit"].annotation)) == set(VERSIONS)
    scorers = [version.scorer for version in VERSIONS.values()]
    assert (STRICT, *scorers) == SCORERS and set(INFERENCES) == set(scorers)
    assert len({metric_name("strict_accuracy", scorer) for scorer in SCORERS}) == len(SCORERS)


def test_every_family_has_a_rule_by_every_version():
    for name, own in FAMILIES.items():
        for version in VERSIONS.values():
            if own.vlmevalkit is not None:
                assert own.scorers(version.scorer) == (STRICT, version.scorer), name
                assert own.rule(version.scorer, judge=True) and own.rule(version.scorer, judge=False)


def item(name: str, answer: str, **extra: str) -> Item:
    row = {"benchmark": name, "item": extra.pop("index", "7"), "position": 0, "question": "Which?", "answer": answer}
    options = extra.pop("options", None)
    return Item.of({**row, "options": list(OPTIONS.values()) if options else [], "extra": extra, "image_ids": []})


def scored(name: str, one: Item, reply: str, version: str) -> list[dict]:
    benchmark = BY_NAME[name]
    kit = VERSIONS[version]
    predictions = [{"benchmark": name, "item": one.item, "policy_id": "p", "reply": reply}]
    answers = verdicts_by_set({name: [one]}, predictions, [benchmark], None, kit)
    result, _ = score_set(benchmark, answers[name], {"p": "base"}, n_set=1, resamples=10, seed=0, kit=kit)
    (row,) = result.rows["item_scores"]
    assert row["vlmevalkit_version"] == version
    return result.rows["scores"]


def test_another_version_is_another_number_with_its_name_in_the_notes():
    reply = f"The answer is B{LONG}"
    earlier, later = (scored("MMStar", item("MMStar", "B", options="yes"), reply, v) for v in VERSIONS)
    by_metric = {row["metric"]: row for row in [*earlier, *later]}
    assert by_metric["vlmevalkit_accuracy"]["value"] == 0.0
    assert by_metric["vlmevalkit_2026_11_accuracy"]["value"] == 100.0
    assert {row["scorer"] for row in later} == {STRICT, "vlmevalkit_2026_11"}
    assert "VLMEvalKit of 2026-05" in by_metric["vlmevalkit_accuracy"]["notes"]
    assert "answer is A" in by_metric["vlmevalkit_2026_11_accuracy"]["notes"]


@pytest.mark.parametrize(
    ("name", "one", "told"),
    [
        (
            "MathVista_MINI",
            item("MathVista_MINI", "0", question_type="free_form", answer_type="integer"),
            "the gold is 0",
        ),
        ("LogicVista", item("LogicVista", "3"), "the gold '3' is no letter"),
        ("OCRBench", item("OCRBench", "['planed']", index="181"), "looks misspelt"),
        ("OCRBench", item("OCRBench", "['.', 'a']"), "no letter or digit"),
    ],
)
def test_golds_that_cannot_be_scored_as_meant_are_told_with_the_numbers(name, one, told):
    policy = {"policy_id": "p", "policy_kind": "base"}
    rows = numbers_of(BY_NAME[name], STRICT, [(one, NOTHING)], **policy, n_set=1, resamples=10, seed=0)
    assert rows and all(row["notes"].startswith("1 x ") and told in row["notes"] for row in rows)


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("MathVista_MINI", item("MathVista_MINI", "10", question_type="free_form", answer_type="integer")),
        ("MathVista_MINI", item("MathVista_MINI", "0", question_type="multi_choice", answer_type="text")),
        ("LogicVista", item("LogicVista", "B, D")),
        ("OCRBench", item("OCRBench", "['planed']", index="182")),
        ("OCRBench", item("OCRBench", "['a.b']")),
    ],
)
def test_other_golds_are_not(name, one):
    assert family(BY_NAME[name].rule).peculiar(one) is None
