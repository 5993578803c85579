"""Two releases or two policies side by side (diff, error analysis): what changed, with the rows behind each count.

Belongs here: which two, and what the pages are given. Does not belong here: the comparison of releases (dataset/),
scores (evaluation/), HTML (templates/).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from starlette.requests import Request
from starlette.responses import Response

from resources.lake.store import LakeStore
from resources.scratch import scratch_folder
from wethink_assets.dataset.catalogue import UnknownReleaseError, release_named
from wethink_assets.dataset.difference import CHANGES, Difference, difference
from wethink_assets.explorer.current import Current
from wethink_assets.explorer.items import Items
from wethink_assets.explorer.pictures import Pictures
from wethink_assets.explorer.responses import message_of, page_of

PAGE = 20  # items with both replies
WINDOW = 10_000  # rows of a comparison at a time
HELDOUT = "heldout"
WAYS = ("gained", "lost", "both_right", "both_wrong", "unscored")

Row = dict[str, Any]


class ComparePages:
    """The two pages. `scratch`: where compared rows lie for a moment."""

    def __init__(self, lake: LakeStore, current: Current, pictures: Pictures, scratch: Path) -> None:
        self._lake, self._current, self._pictures, self._scratch = lake, current, pictures, scratch
        self._difference = lru_cache(16)(self._compared)

    def releases(self, request: Request) -> Response:
        state = self._current.state()
        known = state.overview.releases
        if len(known) < 2:
            told = (
                "Two releases are needed to compare them. A growth batch and another run of the asset release make one."
            )
            return page_of("compare_releases.html", here="/compare/releases", known=known, told=told, found=None)
        try:
            new = release_named(self._lake, request.query_params.get("new") or known[0]["release_id"])["release_id"]
            earlier = next((r["release_id"] for r in known if r["release_id"] != new), new)
            old = release_named(self._lake, request.query_params.get("old") or earlier)["release_id"]
        except UnknownReleaseError as error:
            return message_of(404, "No such release", str(error)[:500])
        found = self._difference(old, new, self._lake.rows("lineage/select_snapshot")[0]["snapshot_id"])
        examples = [(change, self._pictured(state.items, rows)) for change, rows in found.examples.items()]
        return page_of(
            "compare_releases.html",
            here="/compare/releases",
            snapshot=state.items.snapshot,
            known=known,
            told="",
            found=found,
            changes=[(change, found.counts[change]) for change in CHANGES],
            parts={part: sorted(values.items()) for part, values in found.by_part.items()},
            examples=examples,
        )

    def policies(self, request: Request) -> Response:
        state = self._current.state()
        known = [row for row in state.overview.policies if row["answered"]]
        names = [row["policy_id"] for row in known]
        asked = request.query_params
        new = asked.get("new") or next((r["policy_id"] for r in reversed(known) if r["kind"] == "rl"), "")
        base = asked.get("base") or next((r["policy_id"] for r in known if r["policy_id"] != new), "")
        if missing := [name for name in (new, base) if name and name not in names]:
            return message_of(404, "No such policy", f"{missing[0][:80]} answered no items.")
        sets = self._lake.rows("explorer/count_changes", base=base, new=new) if new and base else []
        benchmark = asked.get("set", "")
        if benchmark and benchmark not in {row["benchmark"] for row in sets}:
            return message_of(404, "No such set", f"These two policies share no answers to {benchmark[:80]!r}.")
        return page_of(
            "compare_policies.html",
            here="/compare/policies",
            snapshot=state.items.snapshot,
            known=known,
            base=base,
            new=new,
            sets=sets,
            ways=WAYS,
            benchmark=benchmark,
            **self._items(state.items, base, new, benchmark, asked.get("change", ""), asked.get("page", "1")),
        )

    def _items(self, items: Items, base: str, new: str, benchmark: str, change: str, page: str) -> Row:
        """A page of the items of a set, with both replies."""
        rows = (
            self._lake.rows("explorer/compare_policies", base=base, new=new, benchmark=benchmark) if benchmark else []
        )
        if change in WAYS:
            rows = [row for row in rows if row["change"] == change]
        pages = max(1, -(-len(rows) // PAGE))
        number = min(int(page), pages) if page.isascii() and page.isdigit() and 0 < len(page) < 9 else 1
        number = max(1, number)
        shown = rows[(number - 1) * PAGE : number * PAGE]
        ids = [row["item"] for row in shown]
        replies = (
            self._lake.rows("explorer/select_replies", base=base, new=new, benchmark=benchmark, ids=ids) if ids else []
        )
        by_item = {(reply["policy_id"], reply["item"]): reply for reply in replies}
        texts = _samples(items, ids) if benchmark == HELDOUT else {}
        for row in shown:
            row["name"] = row["item"] if benchmark == HELDOUT else f"{benchmark}:{row['item']}"
            own = texts.get(row["item"], {})
            row["question"], row["gold"] = row["question"] or own.get("question"), row["gold"] or own.get("answer")
            row["image_id"] = row["image_id"] or own.get("image_id")
            row["replies"] = [
                {
                    "policy_id": policy,
                    "verdict": row[f"{side}_verdict"],
                    "extracted": row[f"{side}_extracted"],
                    "reply": by_item.get((policy, row["item"]), {}).get("reply"),
                }
                for side, policy in (("base", base), ("new", new))
            ]
        self._pictures.expect(row["image_id"] for row in shown if row["image_id"])
        return {"rows": shown, "total": len(rows), "change": change, "page": number, "pages": pages}

    def _compared(self, old: str, new: str, _snapshot: int) -> Difference:
        """Two releases by their rows, which a repaired run may have written again under the same id."""
        with scratch_folder(self._scratch, "explorer") as folder:
            windows = self._lake.windows("dataset/compare_releases", folder, size=WINDOW, old=old, new=new)
            return difference(old, new, windows.files)

    def _pictured(self, items: Items, rows: Iterable[Row]) -> list[Row]:
        """Example rows with their pictures' ids."""
        shown = [dict(row) for row in rows]
        images = _samples(items, [row["sample_id"] for row in shown])
        for row in shown:
            row["image_id"] = images.get(row["sample_id"], {}).get("image_id")
        self._pictures.expect(row["image_id"] for row in shown if row["image_id"])
        return shown


def _samples(items: Items, ids: list[str]) -> dict[str, Row]:
    """Rows of the table by the ids of their samples."""
    rows = items.frame.filter(pl.col("sample_id").is_in(ids)).select("sample_id", "image_id", "question", "answer")
    return {row["sample_id"]: row for row in rows.iter_rows(named=True)}
