"""Stratified sample of a release's rows: by source and category, in proportion, the same for the same seed.

Belongs here: how many rows of each stratum, and which. Pure. Does not belong here: what becomes of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

Stratum = tuple[str, str]  # source, category
Row = Mapping[str, Any]


def allocation(strata: Mapping[Stratum, int], rows: int) -> dict[Stratum, int]:
    """Rows of each stratum (proportional allocation, largest remainders), at least one where `rows` suffice.

    No stratum gives more than it has; with fewer rows than strata the largest strata come first.
    """
    total = sum(strata.values())
    rows = min(rows, total)
    given = dict.fromkeys(strata, 0)
    by_size = sorted(strata, key=lambda stratum: (-strata[stratum], stratum))
    for stratum in by_size[:rows]:
        given[stratum] = 1
    while (left := rows - sum(given.values())) > 0:
        open_ = [stratum for stratum in by_size if given[stratum] < strata[stratum]]
        missing = {stratum: rows * strata[stratum] / total - given[stratum] for stratum in open_}
        for stratum in sorted(open_, key=lambda s: (-missing[s], s))[:left]:
            given[stratum] += 1
    return given


def draw(
    windows: Iterable[Sequence[Row]],
    strata: Mapping[Stratum, int],
    rows: int,
    *,
    seed: int,
    judged: Collection[str] = (),
    again: float = 0.0,
) -> list[Row]:
    """Rows of a release to judge, in the order of the draw.

    Rows in `judged` come only as the share `again` of each stratum, to be judged by a second person. A larger sample
    with the same seed holds the smaller one, as long as nothing was judged between.
    """
    wanted = allocation(strata, rows)
    best: dict[tuple[Stratum, bool], list[tuple[str, Row]]] = {}
    for window in windows:
        for row in window:
            key = (stratum_of(row), row["sample_id"] in judged)
            kept = best.setdefault(key, [])
            kept.append((order(seed, row["sample_id"]), row))
            if len(kept) > 2 * wanted.get(key[0], 0) + 64:
                kept.sort(key=lambda pair: pair[0])
                del kept[wanted.get(key[0], 0) :]
    drawn: list[tuple[str, Row]] = []
    for stratum, count in wanted.items():
        new, old = (sorted(best.get((stratum, known), ()), key=lambda pair: pair[0]) for known in (False, True))
        seconds = min(len(old), round(count * again))
        seconds = max(seconds, min(len(old), count - len(new)) if again else 0)
        drawn += new[: count - seconds] + old[:seconds]
    return [row for _, row in sorted(drawn, key=lambda pair: pair[0])]


def stratum_of(row: Row) -> Stratum:
    return row["source"] or "", row["category"] or ""


def order(seed: int, sample_id: str) -> str:
    """A random key of a sample that the seed decides, of 24 hex digits: rows are drawn in its order."""
    return hashlib.blake2b(f"{seed}|{sample_id}".encode(), digest_size=12).hexdigest()
