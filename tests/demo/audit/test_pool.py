"""The audit of the image pool counts what was planted, found, missed and wrongly dropped."""

from __future__ import annotations

from typing import Any

import pytest

from wethink_assets.demo.audit.pool import Measured, in_words, measure, read_planted


def uri(number: int) -> str:
    return f"coco/train2017/{number}.jpg"


def pool_of(kept: set[int], dropped: dict[int, str], failed: dict[int, str]) -> dict[str, Any]:
    """A pool that keeps some of the taken files and stops the others for these reasons."""
    return {
        "taken": [uri(n) for n in sorted({*kept, *dropped, *failed})],
        "kept": [uri(n) for n in sorted(kept)],
        "dropped": {uri(n): reason for n, reason in dropped.items()},
        "failed": {uri(n): reason for n, reason in failed.items()},
    }


def planted(kind: str, number: int, of: int | str | None = None) -> dict:
    return {"kind": kind, "image_uri": uri(number), "of": uri(of) if isinstance(of, int) else of}


def measured(record: list[dict], pool: dict[str, Any], **others: bool) -> dict[str, Measured]:
    return {m.kind: m for m in measure(record, **pool, others=others)}


def test_near_duplicates_against_the_truth():
    pool = pool_of({0, 2, 3}, {1: "near_duplicate"}, {})
    record = [
        planted("near_duplicate", 0, 1),
        planted("near_duplicate", 2, 3),
        planted("near_duplicate", 2, 99),  # not taken yet
    ]
    near = measured(record, pool)["near_duplicate"]
    assert (near.recall, near.precision, near.missed) == (0.5, 1.0, (uri(2),))
    nothing = measured([], pool)["near_duplicate"]
    assert nothing.recall is None and nothing.precision == 0.0 and nothing.wrong == (uri(1),)


def test_a_copy_of_a_copy_is_rightly_dropped():
    pool = pool_of({0}, {2: "exact_duplicate"}, {1: "truncated"})
    record = [planted("exact_duplicate", 1, 0), planted("exact_duplicate", 2, 1)]
    exact = measured(record, pool)["exact_duplicate"]
    assert (exact.planted, exact.recall, exact.precision) == (2, 1.0, 1.0)


def test_a_pair_over_two_batches_is_missed_where_the_pool_holds_both():
    pool = pool_of({0}, {}, {})
    record = [{"kind": "exact_duplicate", "image_uri": uri(0), "of": "other"}]
    assert measured(record, pool, other=True)["exact_duplicate"].missed == (uri(0),)
    assert measured(record, pool, other=False)["exact_duplicate"].recall == 1.0
    assert measured(record, pool)["exact_duplicate"].recall is None  # the other file was never taken


def test_benchmark_images_questions_and_broken_files():
    pool = pool_of({0, 1}, {2: "benchmark_image", 3: "benchmark_question"}, {4: "truncated", 5: "not_an_image"})
    record = [
        planted("benchmark_image", 0, "MMStar:1"),
        planted("benchmark_image", 2, "MMStar:2"),
        planted("unreadable", 4),
        planted("unreadable", 1),
    ]
    kinds = measured(record, pool)
    assert (kinds["benchmark_image"].recall, kinds["benchmark_image"].precision) == (0.5, 1.0)
    assert (kinds["benchmark_question"].recall, kinds["benchmark_question"].wrong) == (None, (uri(3),))
    broken = kinds["unreadable"]
    assert (broken.missed, broken.wrong, broken.recall, broken.precision) == ((uri(1),), (uri(5),), 0.5, 0.5)
    assert f"unreadable: 1 of 2 found, 1 of 2 drops right; missed {uri(1)}" in in_words(list(kinds.values()))


def test_a_look_alike_is_to_be_kept():
    pool = pool_of({0, 1, 4}, {2: "near_duplicate", 3: "benchmark_question"}, {})
    record = [planted("look_alike", n, 0) for n in (1, 2, 3)] + [planted("look_alike", 4, 99)]
    kinds = measured(record, pool)
    alike = kinds["look_alike"]
    assert (alike.planted, alike.detected, alike.missed, alike.precision) == (3, 2, (uri(2),), None)
    assert kinds["near_duplicate"].wrong == (uri(2),)


@pytest.mark.parametrize(
    ("kind", "planted", "found", "dropped", "right", "good"),
    [
        ("exact_duplicate", 10, 10, 10, 10, True),
        ("exact_duplicate", 20, 18, 18, 18, True),
        ("exact_duplicate", 10, 8, 8, 8, False),
        ("exact_duplicate", 10, 10, 20, 10, False),
        ("exact_duplicate", 3, 2, 2, 2, False),
        ("near_duplicate", 3, 2, 2, 2, True),
        ("near_duplicate", 3, 1, 1, 1, False),
        ("benchmark_image", 0, 0, 0, 0, True),
    ],
)
def test_what_is_good_enough(kind, planted, found, dropped, right, good):
    assert Measured(kind, planted, found, dropped, right).good_enough is good


def test_the_record_of_planted_defects(tmp_path):
    assert read_planted(None) == [] and read_planted(tmp_path) == []
    (tmp_path / "planted.jsonl").write_text('{"kind": "unreadable"}\n\n', "utf-8")
    assert read_planted(tmp_path) == [{"kind": "unreadable"}]
    (tmp_path / "planted.jsonl").write_text("{", "utf-8")
    with pytest.raises(ValueError, match="Expecting property name"):
        read_planted(tmp_path)
