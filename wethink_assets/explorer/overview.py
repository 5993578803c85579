"""The front page's figures (dashboard): the funnel, growth batches, releases, policies and scores of one lake.

Belongs here: which statements and counts it shows. Does not belong here: how it looks (templates/), any arithmetic on
scores (evaluation/).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from resources.lake.store import LakeStore
from wethink_assets.dataset import catalogue
from wethink_assets.explorer.facets import narrow
from wethink_assets.explorer.items import OUTCOMES, Items

REASONS = 5  # of a stage

Row = dict[str, Any]


@dataclass(frozen=True)
class Overview:
    """`stages`: with `stops`, (address value, reason, rows) of each; `sources`: rows by outcome, most rows first."""

    counts: Row
    stages: list[Row]
    sources: list[Row]
    batches: list[Row]
    releases: list[Row]
    policies: list[Row]
    board: list[Row]


def overview(lake: LakeStore, items: Items) -> Overview:
    """Read it; a second or two on a lake of a million calls."""
    why = narrow(items.facets, {}, len(items)).counts["why"]
    stages = lake.rows("explorer/select_stages")
    for stage in stages:
        own = [(value, value.partition(": ")[2], rows) for value, rows in why.items()]
        own = [one for one in own if one[0].partition(": ")[0] == stage["stage"] or _of_sources(stage, one[0])]
        stage["stops"], stage["more"] = own[:REASONS], len(own[REASONS:])
    accounts = {row["batch"]: row for row in lake.rows("growth/select_batch_accounts")}
    batches = lake.rows("growth/select_batches")
    for batch in batches:
        account = accounts.get(batch["batch"], {})
        batch["images"], batch["samples"] = account.get("images", 0), account.get("samples", 0)
    return Overview(
        counts=lake.rows("explorer/count_lake")[0],
        stages=stages,
        sources=_sources(items),
        batches=batches,
        releases=catalogue.releases(lake)[::-1],
        policies=lake.rows("explorer/select_policies"),
        board=lake.rows("summary/select_scoreboard"),
    )


def _of_sources(stage: Row, why: str) -> bool:
    return stage["stage"] == "sources" and why.startswith("sources/")


def _sources(items: Items) -> list[Row]:
    """Rows of each source by outcome."""
    counts: dict[str, Counter[str]] = {}
    pairs = items.frame.group_by("source", "outcome").len().drop_nulls("source")
    for source, outcome, rows in pairs.iter_rows():
        counts.setdefault(source, Counter())[outcome] = rows
    found = [
        {"source": source, "rows": own.total(), "parts": [(o, own[o]) for o in OUTCOMES if own[o]]}
        for source, own in counts.items()
    ]
    return sorted(found, key=lambda row: (-row["rows"], row["source"]))
