"""The sides of the split: clusters stay whole, what was released stays where it was, and what would join both goes."""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from wethink_assets.dataset import sides as module
from wethink_assets.dataset.sides import HELDOUT, TRAIN, Sides, sides, split_of
from wethink_assets.dataset.straddling import straddling

SHARE = 0.25
TEXTS = ("image_id", "phash", "phash256", "document", "split", "cluster_id")
SCHEMA = {**dict.fromkeys(TEXTS, pl.String), "batch_order": pl.Int64, "first_released": pl.Int64}


def image(name: str, bits: int | None = None, **more) -> dict:
    """`bits`: the number that its hash is; None: one that is like no other."""
    own = hashlib.sha256(name.encode()).hexdigest()
    hashes = (own[:16], own) if bits is None else (f"{bits:016x}", "0" * 64)
    return {"image_id": name, "phash": hashes[0], "phash256": hashes[1], "batch_order": 1} | more


def of(*rows: dict) -> Sides:
    return sides(frame(*rows), heldout_share=SHARE)


def frame(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA)


def released(row: dict, split: str, at: int = 1, **more) -> dict:
    return row | {"split": split, "first_released": at, "cluster_id": row["image_id"]} | more


def test_one_image_alone_takes_the_side_of_its_own_hash():
    rows = [image(f"image{n}") for n in range(200)]
    found = of(*rows)
    assert found.split == {row["image_id"]: split_of(row["image_id"], SHARE) for row in rows} and not found.bridges
    assert found.cluster == {row["image_id"]: row["image_id"] for row in rows}
    assert 0.15 < sum(side == HELDOUT for side in found.split.values()) / 200 < 0.35


def test_look_alikes_and_pages_of_one_document_go_together():
    """A chain: b is like a and c, which are not alike; d is a page of c's document; e has no hash, and f's document."""
    rows = [
        image("a", 0),
        image("b", 0xF),
        image("c", 0xFF, document="ucsf:abcd0001"),
        image("d", document="ucsf:abcd0001"),
        image("e", document="ai2d:7") | {"phash": None, "phash256": None},
        image("f", document="ai2d:7"),
        image("g") | {"phash": None, "phash256": None},
    ]
    found = of(*rows)
    assert found.cluster == {**dict.fromkeys("abcd", "a"), "e": "e", "f": "e", "g": "g"}
    assert {found.split[name] for name in "abcd"} == {split_of("a", SHARE)}


def test_a_new_image_takes_the_side_of_the_cluster_that_was_released():
    for side in (TRAIN, HELDOUT):
        for name in ("new", "older", "a new one"):
            found = of(released(image("zz", 0), side), image(name, 1, batch_order=0))
            assert found.split == {"zz": side, name: side} and found.cluster == {"zz": "zz", name: "zz"}


def test_a_new_image_that_would_join_both_sides_is_dropped_and_moves_nobody():
    old = [released(image("trains", 0), TRAIN), released(image("heldout", 0xFF), HELDOUT, at=2)]
    new = [image("bridge", 0xF), image("with the first", 0x100), image("with the second", 0xFF00000000000000 | 0xFF)]
    found = of(*old, *new)
    assert found.split == {
        "trains": TRAIN,
        "heldout": HELDOUT,
        "with the first": TRAIN,
        "with the second": split_of("with the second", SHARE),
    }
    assert (list(found.bridges) == ["bridge"] and "trains" in found.bridges["bridge"]) or "heldout" in found.bridges[
        "bridge"
    ]
    # A chain of two: one of them has to go, and it is always the same.
    chain = [image("n1", 0x7), image("n2", 0x7F)]
    found = of(*old, *chain)
    assert set(found.bridges) == {"n2"} and found.split["n1"] == TRAIN


def test_of_a_release_that_straddles_the_heldout_image_goes():
    old = [released(image("a", 0), HELDOUT), released(image("b", 1), TRAIN, at=2), released(image("c"), HELDOUT)]
    for rows in (old, old[::-1]):
        found = of(*rows)
        assert set(found.bridges) == {"a"} and found.split == {"b": TRAIN, "c": HELDOUT}


def test_a_cluster_keeps_its_name_and_side_when_the_image_that_joined_it_goes():
    first = of(image("a", 0), image("b", 0xF), image("c", 0xFF))
    kept = [released(image(name, bits), first.split[name], cluster_id="a") for name, bits in (("b", 0), ("c", 0xFF))]
    found = of(*kept, image("d", 0xFE))
    assert found.cluster == dict.fromkeys("bcd", "a") and set(found.split.values()) == {first.split["a"]}


def test_a_new_cluster_of_many_trains(monkeypatch):
    name = next(f"image{n}" for n in range(50) if split_of(f"image{n}", SHARE) == HELDOUT)
    rows = [image(name, 0), *(image(f"z{n}", 1 << n) for n in range(3))]
    assert set(of(*rows).split.values()) == {HELDOUT}
    monkeypatch.setattr(module, "LARGE", 3)
    assert set(of(*rows).split.values()) == {TRAIN}
    assert set(of(released(rows[0], HELDOUT), *rows[1:]).split.values()) == {HELDOUT}, "what was released stays"


IMAGES = st.lists(st.tuples(st.integers(0, 15), st.sampled_from([None, "d:1", "d:2", "d:3"])), min_size=1, max_size=16)


@settings(max_examples=25, deadline=None)
@given(IMAGES, st.integers(0, 1 << 30))
def test_whatever_grows_nothing_straddles_and_nothing_released_moves(drawn, seed):
    """Four releases over images that come in any order, whose hashes lie on a chain of neighbours."""
    rng = np.random.default_rng(seed)
    rows = [
        image(f"{n:02}", (1 << 4 * place) - 1 & 2**64 - 1, document=document)
        for n, (place, document) in enumerate(drawn)
    ]
    release_of = rng.integers(1, 5, len(rows))
    history: dict[str, tuple[str, int, str]] = {}
    for at in range(1, 5):
        known = []
        for row, number in zip(rows, release_of, strict=True):
            if number <= at:
                told = dict(
                    zip(("split", "first_released", "cluster_id"), history.get(row["image_id"], ()), strict=False)
                )
                known.append(row | told | {"batch_order": int(number)})
        found = of(*known)
        assert found.split.keys() | found.bridges.keys() == {row["image_id"] for row in known}
        assert not found.bridges.keys() & (found.split.keys() | history.keys())
        assert all(found.split[name] == held[0] for name, held in history.items())
        for name, held in history.items():  # the name of the first of the clusters that grew together stays
            assert found.cluster[name] in {held[2], *(other[2] for other in history.values())}
        assert found.split == of(*known[::-1]).split
        told = frame(
            *(row | {"split": found.split[row["image_id"]]} for row in known if row["image_id"] in found.split)
        )
        assert straddling(told) == []
        for name, side in found.split.items():
            if rng.random() < 0.7:  # its samples may not be taken
                history.setdefault(name, (side, at, found.cluster[name]))


def test_the_check_finds_every_way_to_straddle():
    rows = [
        image("a", 0, split=TRAIN),
        image("b", 0xF, split=HELDOUT),
        image("c", split=TRAIN, document="ucsf:abcd0001"),
        image("d", split=HELDOUT, document="ucsf:abcd0001"),
        image("e", split=HELDOUT),
        image("f", split=HELDOUT) | {"phash": None, "phash256": None},
    ]
    found = straddling(frame(*rows))
    assert [(pair.heldout, pair.train) for pair in found] == [("b", "a"), ("d", "c")]
    assert "4 of 64" in found[0].why and "ucsf:abcd0001" in found[1].why
    assert not straddling(frame(*(row | {"split": TRAIN} for row in rows))) and not straddling(frame())
