"""The growth policy: quotas from evidence, within limits, with reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.growth.plan import Evidence, plan

COCO = Evidence("coco", 24, share=60, images=100, samples=300, untaken=5000)
SAM = Evidence("sam", 24, share=30, images=100, samples=50, untaken=5000)
AI2D = Evidence("ai2d", 24, share=10, images=100, samples=200, untaken=5000)
ALL = [COCO, SAM, AI2D]


def quotas(sources, **options):
    options = {"policy": "targets", "target": 2000, "batch": "b", "limit": 100} | options
    return {one.evidence.source: one.quota for one in plan(sources, **options)}


def reasons(sources, **options):
    options = {"policy": "targets", "target": 2000, "batch": "b", "limit": 100} | options
    return {one.evidence.source: one.reason for one in plan(sources, **options)}


def test_what_is_lacking_decides_by_what_an_image_gives():
    """coco lacks 900 rows at nearly 3 an image, sam 550 at about a half: sam needs more images. ai2d has its rows."""
    amounts = quotas(ALL)
    assert sum(amounts.values()) == 100 and amounts["ai2d"] == 0 and amounts["sam"] > amounts["coco"] > 0
    told = reasons(ALL)
    assert told["sam"].startswith("50 of 600 rows; an image gives 0.7") and "images are lacking" in told["sam"]
    assert told["ai2d"] == "has its 200 rows: 200 samples"


def test_before_anything_is_known_the_shares_decide():
    fresh = [replace(s, images=0, samples=0) for s in ALL]
    assert quotas(fresh) == {"coco": 60, "sam": 30, "ai2d": 10}


def test_weakness_shifts_a_batch_and_few_answers_hardly_do():
    def seen(answers: int) -> list[Evidence]:
        return [replace(s, accuracy=0.9 if s is COCO else 0.2, answers=answers) for s in ALL]

    plain = quotas(ALL)["sam"]
    assert plain < quotas(seen(2))["sam"] < quotas(seen(2000))["sam"] <= 100
    assert quotas(seen(2000), weak_boost=0.0)["sam"] == plain
    assert "held-out accuracy 20% of 2000: x" in reasons(seen(2000))["sam"]


def test_rows_that_are_always_solved_lower_a_source_by_half_at_most():
    def rated(learnable: int, rows: int = 1000) -> list[Evidence]:
        return [replace(s, rated=rows, learnable=learnable if s is SAM else rows // 2) for s in ALL]

    plain = quotas(ALL)["sam"]
    assert quotas(rated(0))["sam"] < quotas(rated(0, rows=4))["sam"] <= plain, "few rows say little"
    assert plain / 2 <= quotas(rated(0))["sam"] and quotas(rated(500))["sam"] == plain < quotas(rated(1000))["sam"]
    assert "; 0 of 1,000 rated rows are solved neither always nor never: x0.50" in reasons(rated(0))["sam"]
    for policy in ("fixed", "random"):
        assert quotas(rated(0), policy=policy) == quotas(ALL, policy=policy)
        assert reasons(rated(0), policy=policy) == reasons(ALL, policy=policy)


def test_limits_of_images_of_money_and_of_what_is_left():
    assert sum(quotas(ALL, limit=None).values()) == 72, "what the sources' own quotas add up to"
    assert sum(quotas(ALL, cost=3.0, cost_per_image=0.1).values()) == 30
    assert sum(quotas(ALL, cost=3.0, cost_per_image=None).values()) == 100
    scarce = [replace(COCO, untaken=7), replace(SAM, untaken=0), replace(AI2D, quota=0)]
    assert quotas(scarce) == {"coco": 7, "sam": 0, "ai2d": 0}
    told = reasons(scarce)
    assert told["sam"].startswith("no image is left") and told["ai2d"] == "paused"
    assert "the batch has room for" in reasons(ALL, limit=10)["sam"]


def test_what_an_exhausted_source_cannot_give_is_wanted_of_the_others():
    sources = [replace(COCO, share=50, samples=100, untaken=0), replace(AI2D, share=50, samples=500)]
    amounts = quotas(sources, target=1000)
    assert amounts["coco"] == 0 and 80 < amounts["ai2d"] <= 100


def test_a_source_that_gives_nothing_neither_stops_growth_nor_eats_it():
    nothing = [replace(s, samples=0) for s in ALL]
    assert sum(quotas(nothing).values()) == 100
    hopeless = [replace(s, share=1, images=1000, samples=0 if s is SAM else 1500) for s in ALL]
    amounts = quotas(hopeless, target=6000, limit=1000)
    assert 0 < amounts["sam"] < amounts["coco"]
    assert "its images give hardly anything" in reasons(hopeless, target=6000, limit=1000)["sam"]


def test_images_under_way_and_taken_without_a_plan_count():
    busy = [replace(s, coming=5000) for s in ALL]
    assert quotas(busy) == {"coco": 0, "sam": 0, "ai2d": 0} and "under way" in reasons(busy)["coco"]
    begun = [replace(COCO, taken=60), SAM, AI2D]
    assert quotas(begun)["coco"] == 60 and sum(quotas(begun).values()) == 100
    assert reasons(begun)["coco"] == "has taken 60 before there was a plan"
    fixed = quotas([replace(s, taken=30 if s is COCO else 0) for s in ALL], policy="fixed", limit=40)
    assert fixed == {"coco": 30, "sam": 5, "ai2d": 5}


def test_fixed_is_what_the_settings_say_and_keeps_the_limit():
    own = [replace(COCO, quota=24), replace(SAM, quota=0), replace(AI2D, quota=None)]
    assert quotas(own, policy="fixed", limit=None) == {"coco": 24, "sam": 0, "ai2d": None}
    cut = quotas(own, policy="fixed", limit=10)
    assert sum(cut.values()) == 10 and cut["sam"] == 0 and cut["ai2d"] >= cut["coco"] > 0
    assert (
        reasons(own, policy="fixed", limit=10)["coco"] == "as the settings say, cut to the batch's limit of 10 images"
    )


def test_chance_spends_the_same_and_is_decided_by_the_batch():
    one, other = quotas(ALL, policy="random"), quotas(ALL, policy="random", batch="c")
    assert sum(one.values()) == sum(other.values()) == 100 and one != other
    assert one == quotas(ALL, policy="random")
    assert quotas([replace(COCO, untaken=3), replace(SAM, quota=0)], policy="random") == {"coco": 3, "sam": 0}


def test_a_batch_without_an_end_is_refused():
    with pytest.raises(ValueError, match=r"\[growth\] images"):
        quotas([replace(COCO, quota=None)], limit=None)


evidence = st.builds(
    Evidence,
    source=st.text("abcdef", min_size=1, max_size=3),
    quota=st.integers(0, 50),
    share=st.floats(0, 100),
    images=st.integers(0, 10_000),
    samples=st.just(0) | st.integers(0, 30_000),
    coming=st.integers(0, 100),
    untaken=st.none() | st.integers(0, 1000),
    accuracy=st.none() | st.floats(0, 1),
    answers=st.integers(0, 1000),
    rated=st.integers(20, 40),
    learnable=st.integers(0, 20),
)


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(
    st.lists(evidence, min_size=1, max_size=8, unique_by=lambda s: s.source),
    st.sampled_from(["fixed", "targets", "random"]),
    st.integers(1, 500),
    st.integers(0, 5000),
)
def test_no_plan_asks_for_more_than_it_may_or_than_there_is(sources, policy, limit, target):
    planned = plan(sources, policy=policy, target=target, batch="b", limit=limit)
    assert [one.evidence for one in planned] == sources and all(one.reason for one in planned)
    assert sum(one.quota for one in planned) <= limit
    for one in planned:
        assert one.quota >= 0 and not (one.evidence.quota == 0 and one.quota)
        if policy != "fixed" and one.evidence.untaken is not None:
            assert one.quota <= one.evidence.untaken
