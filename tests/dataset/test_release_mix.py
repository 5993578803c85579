"""A release towards a mix, from the lake to its card: rows, reasons, record, check, difficulty by pass rates."""

from __future__ import annotations

import json

import pytest

from resources.lake.resource import Commit, Write
from tests.dataset.house import SOURCES
from tests.dataset.test_part import POLICY, rate
from wethink_assets.dataset import manifest
from wethink_assets.dataset.gates import RELEASE_GATES
from wethink_assets.gates import Scope
from wethink_assets.settings import ReleaseSettings, SynthesisSettings

# The same of each source of the house, and next to nothing of all others.
EQUAL = dict.fromkeys(SOURCES, 1e9)


def towards(target: int, keep_released: bool = True, shares=EQUAL, **mix) -> ReleaseSettings:
    return ReleaseSettings(target=target, mix=mix, keep_released=keep_released, shares=shares)


def categories(house, release_id: str) -> dict[str, int]:
    query = "SELECT category, count(*) AS n FROM release_rows WHERE release_id = $r GROUP BY 1"
    return dict(house.lake.store.sql(query, r=release_id).rows())


def latest(house) -> str:
    return house.lake.rows("dataset/select_latest_release")[0]["release_id"]


def told(house) -> dict[tuple[str, str], dict]:
    mix = manifest.read(house.settings.releases_dir / latest(house))["release"]["mix"]
    return {(record["dimension"], record["value"]): record for record in mix}


def test_a_mix_is_met_and_what_it_left_out_says_which_value_was_full(house):
    """Of 12 rows of each category there are to be 9 FIB, 6 MC and 3 DES, six of each source."""
    house.materialise(release=towards(18, category={"FIB": 0.5, "MC": 1 / 3, "DES": 1 / 6}))
    assert categories(house, latest(house)) == {"FIB": 9, "MC": 6, "DES": 3}
    stops = house.lake.store.sql("SELECT reason, detail FROM verdicts WHERE asset = 'release'").rows()
    assert len(stops) == 18 and {reason for reason, _ in stops} == {"over_mix"}
    assert any("gives 6 of 18 rows, and category DES has 3 where 3 are wanted" in detail for _, detail in stops)
    lines = (house.settings.releases_dir / latest(house) / "dropped.jsonl").read_text("utf-8").splitlines()
    assert "over_mix" in {json.loads(line)["reason"] for line in lines}
    assert told(house)["category", "DES"] == {
        "dimension": "category",
        "value": "DES",
        "wanted": 3,
        "got": 3,
        "available": 12,
        "why": {},
        "bound_by": [],
    }
    (gate,) = (gate for gate in RELEASE_GATES if gate.name == "mix_met")
    assert gate.judge(Scope(house.lake, house.settings, "release", "")).metadata["asked"] == 3


def test_what_was_not_met_is_told_on_the_page_in_the_card_and_by_a_check_that_warns(house):
    """Every row has math, and a third of each source is DES; one row is taken of ai2d."""
    result = house.materialise(release=towards(24, shares={}, category={"DES": 0.75}, ability={"math": 0.5}))
    short = "| DES | 18 | 9 | -9 | 12 | 6: too few rows with it; 3: the sources' quotas leave no room for more "
    over = "| ability | math | 12 | 24 | +12 | 36 | 12: too few rows without it |"
    source = "| source | coco | 5 | 12 | +7 | 12 | in place of sources that have too few |"
    card = (house.settings.releases_dir / latest(house) / "README.md").read_text("utf-8")
    page = result.asset_materializations_for_node("release")[0].metadata["wanted_and_got"].value
    for line in (short, over, source, "| source | textvqa | 5 | 0 | -5 | 0 | 0 rows are there |"):
        assert line in card and line in page
    (check,) = (c for c in result.get_asset_check_evaluations() if c.check_name == "mix_met")
    assert not check.passed and not check.blocking and check.severity.name == "WARN"
    assert "category DES has 9 rows of 18 wanted (6: too few rows with it;" in check.description
    accounted = house.lake.store.sql("SELECT details FROM materializations WHERE asset = 'release'").rows()[0][0]
    assert json.loads(accounted)["mix"] == list(told(house).values())


@pytest.mark.long
def test_the_rows_do_not_depend_on_the_size_of_windows(house):
    release = towards(20, category={"FIB": 0.5}, answer_type={"number": 0.4})
    ids = set()
    for size in (3, 4_096):
        house.materialise(release=release, synthesis=SynthesisSettings(window_rows=size))
        ids.add(latest(house))
    assert len(ids) == 1


@pytest.mark.long
def test_a_release_keeps_what_an_earlier_one_held_unless_it_is_let_go(house):
    house.materialise(release=towards(18))
    before = categories(house, first := latest(house))
    asked = {"category": {"DES": 2 / 3}}
    house.materialise(release=towards(18, **asked))
    assert latest(house) == first and told(house)["category", "DES"]["got"] == before["DES"]
    (gate,) = (gate for gate in RELEASE_GATES if gate.name == "mix_met")
    verdict = gate.judge(Scope(house.lake, house.settings, "release", ""))
    assert not verdict.passed and "held by an earlier release" in verdict.description
    house.materialise(release=towards(18, keep_released=False, **asked))
    assert categories(house, latest(house))["DES"] == 12 and told(house)["category", "DES"]["why"] == {}
    sides = "SELECT count(DISTINCT split) AS n FROM release_rows GROUP BY image_id"
    assert {n for (n,) in house.lake.store.sql(sides).rows()} == {1}, "the split stays"


@pytest.mark.parametrize("policy", [POLICY, "base-of-yesterday"])
def test_difficulty_is_the_pass_rate_of_the_base_policy_of_now(house, policy):
    samples = [row[0] for row in house.lake.store.sql("SELECT sample_id FROM samples ORDER BY sample_id").rows()]
    rates = [rate(sample_id, n % 5) for n, sample_id in enumerate(samples[:30])]  # 6 each of 0, 1/4 … 1; 6 without one
    held = {
        "asset": "base_policy",
        "batch": "",
        "run_id": "t",
        **dict.fromkeys(("rows_in", "continued", "dropped", "failed", "rows_written"), 0),
        "seconds": 0.0,
        "committed_at": "2026-11-30T00:00:00+00:00",
        "details": {"policy_id": policy},
    }
    base = {"policy_id": policy, "kind": "base", "path": "p", "config": {}, "seconds": 0.0, "run_id": "t"}
    house.lake.write(
        Commit("t"),
        [
            Write("pass_rates", rates, replace={}),
            Write("policies", [base], replace={}),
            Write("materializations", [held]),
        ],
    )
    house.materialise(release=towards(12, difficulty={"hard": 0.5, "unknown": 0.5}))
    known = {key[1]: record for key, record in told(house).items() if key[0] == "difficulty"}
    if policy == POLICY:
        assert [(known[name]["available"], known[name]["wanted"]) for name in ("hard", "unknown")] == [(6, 6), (6, 6)]
        taken = house.lake.store.sql("SELECT p.rate FROM release_rows LEFT JOIN pass_rates p USING (sample_id)").rows()
        assert sum(r == 0.25 for (r,) in taken) == known["hard"]["got"] >= 4
    else:
        assert known["hard"]["available"] == 0 and known["unknown"]["available"] == 36
        assert known["hard"]["why"] == {"too_few_rows": 6}
