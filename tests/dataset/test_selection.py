"""The choice of rows: quotas, stability under growth, the split by image."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.dataset.selection import NOT_IN_MIX, OVER_TARGET, Candidate, quotas, select
from wethink_assets.dataset.sides import HELDOUT, split_of

SHARES = {"coco": 50.0, "sam": 30.0, "ai2d": 20.0}


def candidates(counts: dict[str, int], batch: int = 1) -> list[Candidate]:
    return [
        Candidate(f"{s}-{batch}-{i}", f"img-{s}-{batch}-{i // 2}", s, batch)
        for s, n in counts.items()
        for i in range(n)
    ]


def pick(rows, target=100, **options):
    return select(rows, target=target, shares=SHARES, heldout_share=0.25, **options)


def test_quotas_follow_the_shares_and_fill_up_from_others():
    assert quotas({"coco": 900, "sam": 900, "ai2d": 900}, SHARES, 100) == {"ai2d": 20, "coco": 50, "sam": 30}
    assert quotas({"coco": 10, "sam": 900, "ai2d": 900}, SHARES, 100) == {"ai2d": 36, "coco": 10, "sam": 54}
    assert quotas({"coco": 10, "sam": 5, "ai2d": 1}, SHARES, 100) == {"ai2d": 1, "coco": 10, "sam": 5}
    assert quotas({}, SHARES, 100) == {}
    assert sum(quotas({"coco": 9, "sam": 9, "ai2d": 9}, SHARES, 7).values()) == 7


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 500), max_size=8),
    st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1000, allow_nan=False), max_size=8),
    st.integers(0, 3000),
)
def test_quotas_spend_the_whole_target_and_never_more(available, shares, target):
    amounts = quotas(available, shares, target)
    usable = sum(n for s, n in available.items() if shares.get(s, 0) > 0)
    assert sum(amounts.values()) == min(target, usable)
    assert all(0 <= amounts[s] <= n for s, n in available.items())


def test_same_rows_same_release_in_any_order():
    rows = candidates({"coco": 200, "sam": 50, "ai2d": 50})
    assert pick(rows).release_id == pick(list(reversed(rows))).release_id
    assert pick(rows).release_id != pick(rows, target=99).release_id
    assert pick(rows).rows != pick(rows, seed=1).rows


def test_growth_adds_rows_and_loses_none_while_there_is_room():
    first = candidates({"coco": 20, "sam": 10, "ai2d": 10})
    second = first + candidates({"coco": 15, "sam": 10}, batch=2)
    before, after = pick(first), pick(second)
    assert {r.sample_id for r in before.rows} <= {r.sample_id for r in after.rows}
    assert {r.sample_id: r.split for r in before.rows}.items() <= {r.sample_id: r.split for r in after.rows}.items()


def test_at_the_target_old_rows_stay_unless_their_quota_shrinks():
    first = candidates({"coco": 200, "sam": 10, "ai2d": 100})
    before = pick(first)
    after = pick(first + candidates({"coco": 200, "sam": 100}, batch=2))
    kept = {r.sample_id for r in before.rows} & {r.sample_id for r in after.rows}
    shrunk = sum(max(0, before.quotas[s] - after.quotas[s]) for s in SHARES)
    assert len(kept) == len(before.rows) - shrunk


def test_a_batch_that_is_filled_later_pushes_no_released_row_out():
    """Ten rows of coco fit; batch 1 gets twenty more after batch 2 filled the release."""
    first, second = candidates({"coco": 4}), candidates({"coco": 30}, batch=2)
    before = {row.sample_id for row in pick(first + second, target=10).rows}
    held = [replace(c, first_released=7 if c.sample_id in before else None) for c in first + second]
    late = [Candidate(f"late-{i}", f"late-{i}", "coco", 1) for i in range(20)]
    assert before - {row.sample_id for row in pick(first + second + late, target=10).rows}
    assert before == {row.sample_id for row in pick(held + late, target=10).rows}
    grown = [row.sample_id for row in pick(held + late, target=20).rows if row.sample_id not in before]
    assert len(grown) == 10 and all(name.startswith("late") for name in grown)


def test_what_is_left_out_has_its_reason():
    selection = pick(candidates({"coco": 200, "unknown": 3}), target=50)
    assert sorted(set(selection.left_out.values())) == [NOT_IN_MIX, OVER_TARGET]
    assert len(selection.rows) + len(selection.left_out) == 203


def test_the_split_is_by_image_and_near_its_share():
    selection = pick(candidates({"coco": 4000}), target=10_000)
    sides: dict[str, set[str]] = {}
    for row in selection.rows:
        sides.setdefault(row.image_id, set()).add(row.split)
    assert all(len(s) == 1 for s in sides.values())
    assert 0.2 < sum(r.split == HELDOUT for r in selection.rows) / len(selection.rows) < 0.3
    assert split_of("x", 0.0) == "train"


def test_positions_count_within_the_split():
    selection = pick(candidates({"coco": 60, "sam": 40}))
    for split in ("train", "heldout"):
        assert [r.position for r in selection.rows if r.split == split] == list(
            range(sum(r.split == split for r in selection.rows))
        )


def test_a_release_without_a_mix_has_the_id_that_it_had_before_there_were_mixes():
    rows = candidates({"coco": 20, "sam": 10, "ai2d": 10}) + candidates({"coco": 15, "sam": 10}, batch=2)
    assert pick(candidates({"coco": 200, "sam": 50, "ai2d": 50})).release_id == "882b36907828accd"
    assert pick(rows, target=50, seed=3).release_id == "28955b773c909187"
