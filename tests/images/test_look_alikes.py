"""Clusters of look-alikes: against all pairs, in full buckets, and in time that grows with the images."""

from __future__ import annotations

import time

import numpy as np
import polars as pl
import pytest

from wethink_assets.images import look_alikes
from wethink_assets.images.hash_arrays import Hashes
from wethink_assets.images.look_alikes import are_alike, components
from wethink_assets.images.near_duplicates import ALIKE


def hashes(h: np.ndarray, wide: np.ndarray | None = None) -> Hashes:
    wide = np.zeros((4, len(h)), np.uint64) if wide is None else wide
    return Hashes(pl.Series(map(str, range(len(h))), dtype=pl.String), h.astype(np.uint64), wide.astype(np.uint64))


def chained(rng: np.random.Generator, n: int) -> Hashes:
    """Hashes of which most are one to six bits away from an earlier one."""
    h = rng.integers(0, 1 << 63, n, np.uint64)
    wide = rng.integers(0, 1 << 63, (4, n), np.uint64)
    for image in range(1, n):
        if rng.random() < 0.8:
            other = rng.integers(image)
            h[image] = h[other]
            for bit in rng.choice(64, rng.integers(1, 7), replace=False):
                h[image] ^= np.uint64(1) << np.uint64(bit)
            wide[:, image] = wide[:, other] if rng.random() < 0.9 else ~wide[:, other]
    return hashes(h, wide)


def by_all_pairs(of: Hashes, ties=()) -> np.ndarray:
    first = np.arange(len(of))
    changed = True
    while changed:
        changed = False
        for image in range(len(of)):
            like = are_alike(of, np.arange(len(of)), image)
            for tie in ties:
                like |= (tie == tie[image]) & (tie[image] >= 0)
            least = first[like].min(initial=first[image])
            changed = changed or bool((first[like] != least).any())
            first[like] = first[image] = least
    return first


@pytest.mark.parametrize("full", [2, 64])
def test_the_same_as_by_all_pairs(monkeypatch, full):
    """With every bucket full, and with none."""
    monkeypatch.setattr(look_alikes, "FULL", full)
    rng = np.random.default_rng(full)
    for n in (1, 2, 40, 300):
        of = chained(rng, n)
        ties = [np.where(rng.random(n) < 0.9, -1, rng.integers(0, 5, n))]
        assert components(of).tolist() == by_all_pairs(of).tolist()
        assert components(of, ties).tolist() == by_all_pairs(of, ties).tolist()


def test_the_radius_is_that_of_look_alikes():
    bits = [(1 << n) - 1 for n in (0, ALIKE[0], 2 * ALIKE[0] + 1)]
    assert components(hashes(np.array(bits))).tolist() == [0, 0, 2]
    far = np.zeros((4, 3), np.uint64)
    far[0, 1], far[0, 2] = (1 << ALIKE[1]) - 1, (1 << (ALIKE[1] + 1)) - 1
    apart = hashes(np.zeros(3), far)
    assert components(apart).tolist() == [0, 0, 0], "the second and third are one bit apart"
    assert components(hashes(np.zeros(2), far[:, [0, 2]])).tolist() == [0, 1]


def test_what_has_no_hash_looks_like_none():
    seen = np.array([True, False, False, True])
    assert components(hashes(np.zeros(4)), (), seen).tolist() == [0, 1, 2, 0]
    assert components(hashes(np.zeros(4)), [np.array([-1, 7, 7, -1])], seen).tolist() == [0, 1, 1, 0]
    assert components(hashes(np.zeros(0))).tolist() == []


def test_many_pages_of_one_look_cost_no_square():
    """20,000 like pages and 20,000 strangers take some times what 40,000 strangers take, not thousands of times."""
    rng = np.random.default_rng(1)
    spread = rng.integers(0, 1 << 63, 40_000, np.uint64) << np.uint64(1)
    crowded = np.concatenate([np.zeros(20_000, np.uint64), spread[:20_000]])
    crowded[:20_000] |= np.uint64(1) << rng.integers(0, 64, 20_000, np.uint64)
    spent = []
    for h in (spread, crowded):
        began = time.process_time()
        first = components(hashes(h))
        spent.append(time.process_time() - began)
    assert (first[:20_000] == 0).all() and (first[20_000:] >= 20_000).all()
    assert spent[1] < 10 * spent[0]
