"""Groups without variance: which they are, equal shares of the ranks, and other rows that a resumed run asks too."""

from __future__ import annotations

from math import nan

from wethink_assets.training.flat_groups import SpareRows, asked_again, flat_groups


def test_a_group_is_flat_whose_scored_completions_all_earn_the_same():
    rewards = [[1.0, 1.0], [0.0, 1.0], [0.0, 1.0], [0.0, 1.0], [nan, nan], [1.0, 0.0], [nan, nan], [nan, nan]]
    assert flat_groups(rewards, [0.7, 0.3], 2, apart=False) == [1, 2, 3]


def test_terms_that_are_normalised_apart_vary_where_their_sum_does_not():
    rewards = [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.5, 0.5]]
    assert flat_groups(rewards, [0.5, 0.5], 2, apart=False) == [0, 1]
    assert flat_groups(rewards, [0.5, 0.5], 2, apart=True) == [1]
    near = [[0.1 + 0.2, 0.0], [0.3, 0.0]]
    assert flat_groups(near, [1.0, 1.0], 2, apart=False) == [0], "equal but for the last digit"


def test_every_process_asks_equally_many_also_one_without_a_flat_group():
    assert asked_again([0], 2, 3, 2) == [[0, 1], [None, None]]
    assert asked_again([1, 2], 2, 3, 2) == [[2, None, None], [3, 4, 5]], "a group that lies on two processes"
    assert asked_again([0, 1], 2, 4, 1) == [[0, 1, 2, 3]]


def test_other_rows_are_asked_and_the_same_ones_after_a_resume():
    ids = [f"s{n % 40}" for n in range(160)]
    spare = SpareRows(ids.__getitem__, len(ids), 8, seed=3)
    first = spare.take(5, 1, [0, 2, 7])
    again = spare.take(5, 2, [2])
    asked = [ids[place] for place in (*first.values(), *again.values())]
    assert first.keys() == {0, 2, 7} and len({*asked, *ids[40:48]}) == 12, "no row of the step, none twice"
    resumed = SpareRows(ids.__getitem__, len(ids), 8, seed=3)
    assert resumed.take(5, 1, [0, 2, 7]) == first and resumed.take(6, 1, [0, 2, 7]) != first
    assert SpareRows(ids.__getitem__, len(ids), 8, seed=4).take(5, 1, [0, 2, 7]) != first


def test_without_another_row_a_group_keeps_its_own():
    assert SpareRows(["a", "b"].__getitem__, 2, 2, seed=0).take(0, 1, [0, 1]) == {}


def test_other_rows_lie_near_the_step_in_the_order_of_the_run():
    spare = SpareRows(lambda place: f"s{place}", 100_000, 8, seed=0)
    assert all(50_000 - 6_250 <= place < 50_008 + 6_250 for place in spare.take(6_250, 1, range(8)).values())
