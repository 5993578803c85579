"""What each filter is counted for: alone, in the order, left out; and of the bad rows."""

from __future__ import annotations

from wethink_assets.row_filters.counts import FilterCounts
from wethink_assets.row_filters.registry import NAMES

FIRST, SECOND, THIRD = NAMES[:3]
ROWS = [
    ("coco", ("i", "q1", "a"), {FIRST, SECOND}),
    ("coco", ("i", "q2", "a"), {SECOND}),
    ("coco", ("i", "q3", "a"), {SECOND, THIRD}),
    ("coco", ("i", "q4", "a"), set()),
]


def table(*, keep, is_bad=None):
    counts = FilterCounts(keep=keep)
    for row in ROWS:
        counts.add(*row)
    return {row["filter"]: row for row in counts.table("b", is_bad)}


def test_a_row_counts_alone_first_and_only():
    rows = table(keep=False)
    told = {name: tuple(rows[name][f"dropped_{how}"] for how in ("alone", "first", "only")) for name in NAMES[:4]}
    assert told == {FIRST: (1, 1, 0), SECOND: (3, 2, 1), THIRD: (1, 0, 0), NAMES[3]: (0, 0, 0)}
    assert all(row["rows"] == 4 and row["bad_rows"] is None and row["bad_alone"] is None for row in rows.values())


def test_of_known_bad_rows_each_filter_has_its_share():
    rows = table(keep=True, is_bad=lambda place: place[1] in ("q2", "q4"))
    assert (rows[SECOND]["bad_rows"], rows[SECOND]["bad_alone"], rows[SECOND]["bad_only"]) == (2, 1, 1)
    assert rows[FIRST]["bad_alone"] == 0


def test_rows_that_were_not_kept_tell_nothing_of_the_truth():
    assert table(keep=False, is_bad=lambda place: True)[FIRST]["bad_rows"] is None


def test_each_source_is_counted_apart():
    counts = FilterCounts(keep=True)
    counts.add("coco", ("i", "q1", "a"), {FIRST})
    counts.add("ai2d", ("j", "q2", "a"), set())
    rows = counts.table("b", lambda place: place[0] == "i")
    assert [(r["source"], r["filter"], r["rows"]) for r in rows] == [(s, n, 1) for s in ("ai2d", "coco") for n in NAMES]
    told = {r["source"]: (r["dropped_only"], r["bad_rows"], r["bad_only"]) for r in rows if r["filter"] == FIRST}
    assert told == {"ai2d": (0, 0, 0), "coco": (1, 1, 1)}
