"""The search finds every close pair, in order, and crowded hashes cost it neither time nor memory."""

from __future__ import annotations

import random
import resource
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.decoding.hashing import distance
from wethink_assets.images import hash_arrays
from wethink_assets.images import near_duplicates as module
from wethink_assets.images.confirmation import Seen
from wethink_assets.images.hash_arrays import BANDS, KEYS, NEAR, SURE, hashes_of, mask_of, wide_distances
from wethink_assets.images.near_duplicates import ALIKE, FAR, Pair, closest, near_duplicates


def row(name: str, small: int, large: int) -> dict:
    return {"image_id": name, "phash": f"{small:016x}", "phash256": f"{large:064x}"}


def flipped(rng: random.Random, value: int, bits: int, most: int) -> int:
    for bit in rng.sample(range(bits), rng.randrange(most)):
        value ^= 1 << bit
    return value


def families(seed: int, count: int, size: int = 5) -> list[dict]:
    """Images in tight families, so that all distances around the limits occur."""
    rng = random.Random(seed)
    members = []
    while len(members) < count:
        small, large = rng.getrandbits(64), rng.getrandbits(256)
        for _ in range(size):
            members.append(
                row(f"{seed}-{len(members)}", flipped(rng, small, 64, 9), flipped(rng, large, 256, 2 * ALIKE[1]))
            )
    rng.shuffle(members)
    return members[:count]


def near(a: dict, b: dict) -> bool:
    return distance(a["phash"], b["phash"]) <= ALIKE[0] and distance(a["phash256"], b["phash256"]) <= ALIKE[1]


def compared_one_by_one(new: list[dict], earlier: list[dict], among_new: bool = True) -> dict[str, Pair]:
    """What the rule says, without any index."""
    stays, dropped = list(earlier), {}
    for image in new:
        pairs = [
            (distance(image["phash256"], o["phash256"]), distance(image["phash"], o["phash"]), place, o["image_id"])
            for place, o in enumerate(stays)
            if near(image, o)
        ]
        if pairs:
            wide, small, _, other = min(pairs)
            dropped[image["image_id"]] = Pair(image["image_id"], other, small, wide)
        elif among_new:
            stays.append(image)
    return dropped


@pytest.fixture(params=["buckets", "all with all"])
def way(request, monkeypatch):
    """Each of the two ways in which pairs are found, whatever the number of images."""
    monkeypatch.setattr(module, "ALL_WITH_ALL", 0 if request.param == "buckets" else 10**9)


@pytest.mark.parametrize("bucket_limit", [500, 3, 0], ids=["joined", "mixed", "all oversized"])
def test_equal_to_comparing_all_with_all(bucket_limit, way):
    new, earlier = families(1, 250), families(2, 200)
    earlier += [{**image, "image_id": f"copy of {image['image_id']}"} for image in new[:80:3]]
    duplicates = near_duplicates(new, earlier, bucket_limit=bucket_limit)
    assert duplicates == compared_one_by_one(new, earlier) and len(duplicates) >= 30
    known = closest(new, earlier, bucket_limit=bucket_limit)
    assert known == compared_one_by_one(new, earlier, among_new=False) and len(known) >= 27


@pytest.mark.parametrize("fewest", [1, 10**6], ids=["thirds", "bands only"])
@pytest.mark.parametrize("bucket_limit", [500, 3])
def test_a_small_batch_against_many(bucket_limit, fewest, way, monkeypatch):
    """Only earlier images that share a third or a bucket with a new one are looked at; none that matters is lost."""
    monkeypatch.setattr(module, "FEWEST", fewest)
    new, earlier = families(1, 30), families(1, 60)[30:] + families(3, 900)
    assert near_duplicates(new, earlier, bucket_limit=bucket_limit) == compared_one_by_one(new, earlier)


def test_large_families(way):
    new, earlier = families(4, 200, size=9), families(5, 100)
    assert near_duplicates(new, earlier) == compared_one_by_one(new, earlier)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 63), st.integers(0, 63), st.integers(0, 255)), max_size=40),
    st.integers(0, 40),
    st.integers(0, 8),
)
def test_any_hashes_in_a_narrow_space(bits, cut, bucket_limit):
    images = [row(str(i), (1 << a) ^ (1 << b), (1 << c) * (a % 2)) for i, (a, b, c) in enumerate(bits)]
    new, earlier = images[cut:], images[:cut]
    for pairs in (0, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "ALL_WITH_ALL", pairs)
            assert near_duplicates(new, earlier, bucket_limit=bucket_limit) == compared_one_by_one(new, earlier)
            assert closest(new, hashes_of(earlier), bucket_limit=bucket_limit) == compared_one_by_one(
                new, earlier, among_new=False
            )


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20),
    st.lists(st.sets(st.integers(0, 63), max_size=SURE), max_size=60),
)
def test_the_thirds_let_everything_near_pass(few, changes):
    many = [few[i % len(few)] ^ sum(1 << bit for bit in bits) for i, bits in enumerate(changes)]
    assert hash_arrays.two_bits_apart(np.array(few, np.uint64), np.array(many, np.uint64)).all()


def test_the_thirds_stop_strangers():
    h = np.random.default_rng(0).integers(0, 2**64, 101_000, dtype=np.uint64)
    assert hash_arrays.two_bits_apart(h[:100], h[1000:]).mean() < 0.05


def test_the_bands_find_every_pair_within_the_distance():
    """Pigeonhole, for every choice of bands that as many different bits can touch."""
    assert sum(width for _, width in BANDS) == 64 and [s for s, _ in BANDS] == list(range(0, 63, 7))
    masks = [mask_of(key) for key in KEYS]
    for touched in combinations([start for start, _ in BANDS], SURE):
        change = 0
        for bit in touched:
            change |= 1 << bit
        assert any(change & mask == 0 for mask in masks)


def test_extreme_hashes():
    edge = [{"image_id": str(i), "phash": h * 16, "phash256": h * 64} for i, h in enumerate("0f")]
    assert near_duplicates(edge, []) == {} and near_duplicates([], edge) == {} and closest(edge, []) == {}
    again = [{**edge[1], "image_id": "again"}]
    assert near_duplicates(again, edge) == closest(again, edge) == {"again": Pair("again", "1", 0, 0)}


def test_only_looking_like_one_that_stays_costs():
    a, b, c, d = (row(n, (1 << bits) - 1, 0) for n, bits in (("a", 0), ("b", 4), ("c", 8), ("d", 12)))
    assert set(near_duplicates([a, b, c, d], [])) == {"b", "d"}  # c looks only like b, which is gone
    assert set(near_duplicates([b, c, d], [a])) == {"b", "d"} and set(near_duplicates([c, d, b, a], [])) == {"d", "b"}


@dataclass
class Looked:
    """Sees which images are copies of one another: those whose names begin alike. `gone` have no picture."""

    gone: tuple[str, ...] = ()
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def expect(self, image_ids):
        assert all(isinstance(image_id, str) for image_id in image_ids)

    def judge(self, image_id, others):
        self.asked.append((image_id, tuple(others)))
        if image_id in self.gone:
            return Seen("unreadable", others[0], "gone", "unreadable")
        for other in others:
            if other[0] == image_id[0] and other not in self.gone:
                return Seen("copy", other, "the same")
        lost = [other for other in others if other in self.gone]
        return Seen("unconfirmed", lost[0], "gone") if lost else Seen("looks_like", others[0])


@pytest.mark.parametrize("bucket_limit", [500, 0], ids=["joined", "oversized"])
def test_a_candidate_counts_where_it_is_a_copy(bucket_limit, way):
    """Of a crowd of one template the copies go, each as the copy of the one that stays, and all others stay."""
    names = ["a1", "b1", "c1", "a2", "b2", "d1", "a3"]
    new = [row(name, 1 << i % 3, 1 << i) for i, name in enumerate(names)]
    looks = Looked()
    pairs = near_duplicates(new, [], bucket_limit=bucket_limit, looks=looks)
    assert {i: (p.other_id, p.how) for i, p in pairs.items()} == {
        "a2": ("a1", "copy"),
        "b2": ("b1", "copy"),
        "a3": ("a1", "copy"),
    }
    assert pairs["a3"].distance == 0 and pairs["a3"].distance256 == 2
    assert looks.asked[-1] == ("a3", ("a1", "b1", "c1", "d1"))
    known = closest(new[3:], new[:3], bucket_limit=bucket_limit, looks=Looked())
    assert {i: p.how for i, p in known.items()} == {"a2": "copy", "b2": "copy", "a3": "copy", "d1": "looks_like"}


@pytest.mark.parametrize("bucket_limit", [500, 0], ids=["joined", "oversized"])
@pytest.mark.parametrize("bits", [SURE, NEAR])
def test_candidates_within_the_radius(bits, bucket_limit, way):
    """All within `SURE` bits in either way, and within `NEAR` where all are compared; by chance most of these too."""
    rng = random.Random(bits)
    first = [row(f"{i:03}", rng.getrandbits(64), rng.getrandbits(256)) for i in range(300)]
    again = []
    for image in first:
        small, large = int(image["phash"], 16), int(image["phash256"], 16)
        small ^= sum(1 << bit for bit in rng.sample(range(64), bits))
        large ^= sum(1 << bit for bit in rng.sample(range(256), FAR))
        again.append(row(image["image_id"] + " again", small, large))

    class Same(Looked):
        def judge(self, image_id, others):
            same = [other for other in others if image_id.startswith(other)]
            return Seen("copy", same[0]) if same else Seen("looks_like", others[0])

    found = near_duplicates(again, first, bucket_limit=bucket_limit, looks=Same())
    assert all(pair.distance == bits and pair.distance256 == FAR for pair in found.values())
    assert len(found) == 300 or (bits == NEAR and module.ALL_WITH_ALL == 0 and len(found) > 100)


def test_only_what_is_very_close_is_set_aside_unseen():
    """A picture that is gone can have a copy far off; a new image that is not alike is not lost for it."""
    far = row("a2", (1 << ALIKE[0] + 1) - 1, 0)
    assert near_duplicates([far], [row("a1", 0, 0)], looks=Looked(gone=("a1",))) == {}
    assert closest([far], [row("a1", 0, 0)], looks=Looked(gone=("a1",)))["a2"].is_alike is False


def test_what_cannot_be_looked_at_is_told():
    new = [row("a1", 0, 0), row("b1", 1, 0), row("a2", 2, 0), row("c1", 3, 0)]
    pairs = near_duplicates(new[1:], new[:1], looks=Looked(gone=("a1", "b1")))
    assert {i: (p.other_id, p.how) for i, p in pairs.items()} == {
        "b1": ("a1", "unreadable"),
        "a2": ("a1", "unconfirmed"),
        "c1": ("a1", "unconfirmed"),
    }


def test_only_the_closest_of_a_crowd_are_looked_at(monkeypatch, way):
    monkeypatch.setattr(module, "CLOSEST", 5)
    earlier = [row(f"x{i:02}", 0, (1 << i) - 1) for i in range(30)]
    looks = Looked()
    assert near_duplicates([row("a", 0, 0)], earlier, bucket_limit=0, looks=looks) == {}
    assert looks.asked == [("a", tuple(f"x{i:02}" for i in range(5)))]


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        ("12", "not 16 hex digits"),
        ("0" * 15 + "g", "is no hex number"),
        ("0" * 14 + "  ", "is no hex number"),
        (None, "not 16 hex digits"),
    ],
)
def test_a_broken_hash_is_named(bad, what):
    with pytest.raises(ValueError, match=f"image x: phash .*{what}"):
        hashes_of(
            [
                {"image_id": "w", "phash": "0" * 16, "phash256": "0" * 64},
                {"image_id": "x", "phash": bad, "phash256": "0" * 64},
            ]
        )


# -- oversized buckets --------------------------------------------------------------------------------------

MANY = 16_000


def frame(h: np.ndarray, wide: np.ndarray) -> pl.DataFrame:
    small, large = h.astype(">u8").tobytes().hex(), wide.astype(">u8").tobytes().hex()
    return pl.DataFrame(
        {
            "image_id": [str(i) for i in range(len(h))],
            "phash": [small[i : i + 16] for i in range(0, len(small), 16)],
            "phash256": [large[i : i + 64] for i in range(0, len(large), 64)],
        }
    )


def brute_force(h: np.ndarray, wide: np.ndarray) -> tuple[dict[int, int], list[int]]:
    """The rule on arrays, by comparing each image with all that stay."""
    dropped, stays = {}, np.zeros(len(h), np.int64)
    count = 0
    for i in range(len(h)):
        kept = stays[:count]
        small = np.bitwise_count(h[kept] ^ h[i])
        close = kept[small <= ALIKE[0]]
        bits = np.bitwise_count(wide[close] ^ wide[i]).sum(axis=1)
        if len(close) and bits.min() <= ALIKE[1]:
            dropped[i] = int(close[bits <= ALIKE[1]][0])
        else:
            stays[count] = i
            count += 1
    return dropped, stays[:count].tolist()


@pytest.mark.long
@pytest.mark.parametrize("free", [0x0, 0x3F000000003F], ids=["identical", "12 bits"])
def test_a_crowd_in_the_same_buckets(free):
    """Joined with one another they would be 128 million pairs; kept ones are compared, and nothing else."""
    rng = np.random.default_rng(7)
    h = rng.integers(0, 2**64, MANY, dtype=np.uint64) & np.uint64(free)
    wide = np.where(rng.random((MANY, 1)) < 0.98, np.uint64(0), np.uint64(2**64 - 1)) * np.ones((1, 4), np.uint64)
    wide[::1000] = rng.integers(
        0, 2**64, (MANY // 1000, 4), dtype=np.uint64
    )  # strangers that only the wide hash tells apart
    images = frame(h, wide)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    duplicates = near_duplicates(images, images.head(0))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    dropped, stays = brute_force(h, wide)
    assert {int(i) for i in duplicates} == set(dropped)
    assert not {int(p.other_id) for p in duplicates.values()} - set(stays)
    assert len(duplicates) > MANY - 1_000
    assert grown < 400 * 1024  # KiB; the pairs alone would be 2 GB


def test_a_crowd_that_is_all_different_is_still_exact():
    """The worst case: equal buckets, nothing alike, so that everything is compared and kept."""
    rng = np.random.default_rng(8)
    count = 6_000
    h = rng.integers(0, 2**64, count, dtype=np.uint64) & np.uint64(0xFFFFFF)
    wide = rng.integers(0, 2**64, (count, 4), dtype=np.uint64)
    wide[count // 2 :: 7] = wide[: count // 2 : 7][: len(wide[count // 2 :: 7])]
    h[count // 2 :: 7] = h[: count // 2 : 7] ^ np.uint64(0x11)
    duplicates = near_duplicates(frame(h, wide), frame(h, wide).head(0))
    dropped, _ = brute_force(h, wide)
    assert {int(i): int(p.other_id) for i, p in duplicates.items()} == dropped and len(dropped) > 400


def test_distances_are_those_of_the_hex_digits():
    a, b = families(9, 2)
    one, two = hashes_of([a]), hashes_of([b])
    assert hash_arrays.distances(one.h, two.h)[0] == distance(a["phash"], b["phash"])
    assert wide_distances(one.wide, two.wide)[0] == distance(a["phash256"], b["phash256"])
