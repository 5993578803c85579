"""Which abilities a batch asks for: by what is behind in the mix, weak, learnable and let through; with reasons."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from wethink_assets.growth.abilities import HARDLY, LEAST_BEHIND, AbilityEvidence, ask_for
from wethink_assets.synthesis.schemas import ABILITIES

# 1,000 tags: knowledge and math are behind their fifth, and the gates let all pass alike.
KNOWN = [
    AbilityEvidence(name, 1.0, samples=samples, proposed=2 * samples)
    for name, samples in zip(ABILITIES, (455, 230, 20, 195, 100), strict=True)
]


def planned(known=KNOWN, **options):
    options = {"policy": "targets", "most": 2} | options
    return {one.evidence.ability: one for one in ask_for(known, **options)}


def asked(known=KNOWN, **options):
    return [name for name, one in planned(known, **options).items() if one.asked]


def but(ability, **changes):
    return [replace(one, **changes) if one.ability == ability else one for one in KNOWN]


def test_what_is_furthest_behind_its_share_is_asked_for():
    assert asked() == ["knowledge", "math"] and asked(most=1) == ["knowledge"] and asked(most=0) == []
    told = {name: one.reason for name, one in planned(most=1).items()}
    assert told["knowledge"] == "20 of 1,000 tags of samples (2%), 20% are wanted; asked for"
    assert told["math"].endswith("; not asked for: 1 are at most, and others are further behind")
    assert told["ocr"] == "230 of 1,000 tags of samples (23%), 20% are wanted; not behind"
    assert told["spatial"].endswith("not behind"), "a fortieth of its aim is no reason to ask"


def test_the_mix_of_the_settings_decides_what_is_behind():
    assert asked(but("knowledge", mix=0.0)) == ["spatial", "math"], "a quarter of each of the others"
    assert planned(but("knowledge", mix=0.0))["knowledge"].reason.startswith("has no weight in [growth] abilities")
    assert asked([replace(one, mix=one.samples) for one in KNOWN]) == [], "the mix is as it is wanted"
    assert asked([replace(one, mix=0.0) for one in KNOWN]) == []


def test_only_targets_asks_for_any_and_only_once_something_was_made():
    for policy in ("fixed", "random"):
        assert asked(policy=policy) == []
        assert planned(policy=policy)["math"].reason.endswith(f"; [growth] policy {policy} asks for none")
    nothing = [AbilityEvidence(name, 1.0) for name in ABILITIES]
    assert asked(nothing) == [] and {one.weight for one in planned(nothing).values()} == {0.0}
    assert planned(nothing)["ocr"].reason == "no sample was made yet, 20% of their tags are wanted; not behind"
    few = [replace(one, samples=one.samples // 100, proposed=one.proposed // 100) for one in KNOWN]
    assert planned(few)["knowledge"].weight < planned()["knowledge"].weight / 4, "ten tags say little"


def test_what_the_policy_is_weak_at_is_asked_for_although_its_share_is_there():
    def seen(answers):
        return [replace(one, accuracy=0.2 if one.ability == "spatial" else 0.9, answers=answers) for one in KNOWN]

    assert asked(seen(500), most=5) == ["knowledge", "spatial", "math"]
    assert asked(seen(1), most=5) == asked(most=5), "one answer says little"
    assert asked(seen(500), most=5, weak_boost=0.0) == asked(most=5)
    assert "; held-out accuracy 20% of 500: x" in planned(seen(500))["spatial"].reason


def test_rows_that_are_always_or_never_solved_lower_an_ability():
    def rated(math):
        return [replace(one, rated=200, learnable=math if one.ability == "math" else 100) for one in KNOWN]

    assert planned(rated(0))["math"].weight < planned(rated(100))["math"].weight == planned()["math"].weight
    assert "math" in asked(rated(100), most=5) and "math" not in asked(rated(0), most=5), "its lower aim is reached"
    assert "0 of 200 rated rows are solved neither always nor never: x0.50" in planned(rated(0))["math"].reason
    assert asked([replace(one, rated=200, learnable=0) for one in KNOWN]) == asked(), "nothing to compare"


def test_what_the_gates_let_hardly_through_is_not_asked_for():
    hopeless = but("knowledge", samples=1, proposed=2000)
    assert asked(hopeless) == ["math"] and planned(hopeless)["knowledge"].weight == 0
    assert planned(hopeless)["knowledge"].reason.endswith(
        "not asked for: 1 of 2,000 questions with it passed the gates"
    )
    assert asked(but("knowledge", samples=0, proposed=30)) == ["knowledge", "math"], "30 questions say little"


EVIDENCE = st.tuples(
    *(
        st.builds(
            AbilityEvidence,
            ability=st.just(name),
            mix=st.floats(0, 10),
            samples=st.integers(0, 5000),
            proposed=st.integers(5000, 20_000),
            accuracy=st.none() | st.floats(0, 1),
            answers=st.integers(0, 500),
            rated=st.integers(100, 500),
            learnable=st.integers(0, 100),
        )
        for name in ABILITIES
    )
)
PLACES = st.integers(0, len(ABILITIES) - 1)
ROUNDING = 1e-12


@settings(max_examples=200, deadline=None)
@given(EVIDENCE, st.integers(0, 5), st.permutations(ABILITIES))
def test_a_plan_is_decided_by_its_evidence_and_asks_for_a_few_that_are_behind(known, most, order):
    plan = planned(known, most=most)
    other = planned(sorted(known, key=lambda one: order.index(one.ability)), most=most)
    assert plan == planned(known, most=most) and list(plan) == [*ABILITIES]
    assert {a for a in plan if plan[a].asked} == {a for a in other if other[a].asked} or _tied(plan)
    chosen = [one for one in plan.values() if one.asked]
    assert len(chosen) <= most
    for one in plan.values():
        assert 0 <= one.weight <= 1 and one.gives > 0 and one.reason
        assert not one.asked or (one.weight >= LEAST_BEHIND * one.aim and one.evidence.mix and one.share < one.aim)


def _tied(plan):
    """Weights that differ by rounding alone: sums in another order."""
    weights = sorted(one.weight for one in plan.values())
    edges = [abs(one.weight - LEAST_BEHIND * one.aim) for one in plan.values()]
    return min(edges) < ROUNDING or any(b - a < ROUNDING for a, b in pairwise(weights))


@pytest.mark.long
@settings(max_examples=200, deadline=None)
@given(EVIDENCE, PLACES, st.integers(0, 5000) | st.floats(0.01, 10))
def test_what_lacks_more_never_weighs_less(known, place, more):
    """Fewer samples, or a larger share that is wanted, all else equal; unless the gates let hardly any pass."""
    one = known[place]
    changed = (
        replace(one, samples=max(0, one.samples - more)) if isinstance(more, int) else replace(one, mix=one.mix + more)
    )
    before, after = planned(known), planned([*known[:place], changed, *known[place + 1 :]])
    assume(all(p[one.ability].weight or p[one.ability].share >= p[one.ability].aim for p in (before, after)))
    assert after[one.ability].weight >= before[one.ability].weight - ROUNDING
    for name in {*ABILITIES} - {one.ability}:
        assume(before[name].weight or before[name].share >= before[name].aim)
        assert after[name].weight <= before[name].weight + ROUNDING, "and the others gain nothing by it"


def test_hardly_is_measured_against_the_mean_ability():
    assert 0 < HARDLY < 1
    all_poor = [replace(one, proposed=50 * one.samples) for one in KNOWN]
    assert asked(all_poor) == asked(), "where the gates let little pass of anything, the mix still decides"
