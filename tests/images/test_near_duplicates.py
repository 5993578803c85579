"""The search is exact, incremental and ordered."""

from __future__ import annotations

import random

from wethink_assets.images.hashing import distance
from wethink_assets.images.near_duplicates import FAR, NEAR, Pair, near_pairs, to_drop


def rows(seed: int, count: int) -> list[dict]:
    """Images in tight families, so that all distances around the limits occur."""
    rng = random.Random(seed)
    made = []
    while len(made) < count:
        small, large = rng.getrandbits(64), rng.getrandbits(256)
        for _ in range(5):
            a, b = small, large
            for bit in rng.sample(range(64), rng.randrange(9)):
                a ^= 1 << bit
            for bit in rng.sample(range(256), rng.randrange(2 * FAR)):
                b ^= 1 << bit
            made.append({"image_id": f"{seed}-{len(made)}", "phash": f"{a:016x}", "phash256": f"{b:064x}"})
    return made


def near(a: dict, b: dict) -> bool:
    return distance(a["phash"], b["phash"]) <= NEAR and distance(a["phash256"], b["phash256"]) <= FAR


def test_equal_to_comparing_all_with_all():
    new, earlier = rows(1, 120), rows(2, 100)
    copies = [{**row, "image_id": f"copy of {row['image_id']}"} for row in new[:40:3]]
    earlier += copies
    found = {(p.image_id, p.other_id) for p in near_pairs(new, earlier)}
    assert found == {
        (a["image_id"], b["image_id"])
        for place, a in enumerate(new)
        for b in [*earlier, *new[:place]]
        if near(a, b)
    }
    assert len(found) >= 20
    only = {(p.image_id, p.other_id) for p in near_pairs(new, earlier, among_new=False)}
    assert only == {pair for pair in found if pair[1] in {b["image_id"] for b in earlier}}


def test_extreme_hashes():
    edge = [{"image_id": str(i), "phash": h * 16, "phash256": h * 64} for i, h in enumerate("0f")]
    assert near_pairs(edge, []) == [] and near_pairs([], edge) == []
    again = [{**edge[1], "image_id": "again"}]
    assert near_pairs(again, edge) == [Pair("again", "1", 0, 0)]


def test_only_looking_like_one_that_stays_costs():
    chain = [Pair("b", "a", 2, 9), Pair("c", "b", 2, 9), Pair("d", "c", 0, 3), Pair("d", "x", 1, 5)]
    assert set(to_drop(chain)) == {"b", "d"}  # c looks only like b, which is gone
    assert set(to_drop(chain, gone={"a"})) == {"c", "d"}
