"""Building a release: from all accepted samples to deduplicated, selected and split rows.

Belongs here: setting unusable samples aside, and the rows of a release's tables and export.
Does not belong here: the choice itself (selection.py), files (export.py), Dagster (assets.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wethink_assets.accounting import Stopped
from wethink_assets.dataset.selection import NOT_IN_MIX, Candidate, Selection, select
from wethink_assets.rewards.normalise import fold

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """A versioned data set: `rows` are samples with `split` and `position`, training rows first, as exported."""

    release_id: str
    rows: list[dict[str, Any]]
    selection: Selection
    dropped: list[Stopped]
    failed: list[Stopped]

    def split(self, name: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["split"] == name]

    def counts(self, column: str) -> dict[str, int]:
        """Rows per value of a column, most frequent first; a list counts once for each of its values."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            value = row[column]
            counts.update(value if isinstance(value, (list, tuple)) else [value])
        return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def build(
    samples: Sequence[Row],
    *,
    target: int,
    shares: Mapping[str, float],
    heldout_share: float,
    seed: int,
    find_image: Callable[[str], Path],
) -> Release:
    """Deduplicate, select and split the samples of a release.

    A sample without its image file failed; one that repeats a question, or is over its source's quota, is dropped.
    """
    dropped: list[Stopped] = []
    failed: list[Stopped] = []
    usable: dict[str, Row] = {}
    missing: dict[str, str] = {}
    path_of: dict[str, str] = {}
    asked: dict[tuple[str, str], str] = {}
    for row in sorted(samples, key=lambda r: (r["batch_order"], r["sample_id"])):
        sample_id, image_id = row["sample_id"], row["image_id"]
        if image_id not in missing:
            missing[image_id] = _why_missing(image_id, find_image)
        if missing[image_id]:
            failed.append(Stopped(sample_id, "missing_image", f"{row['image_path']}: {missing[image_id]}", image_id))
        elif path_of.setdefault(row["image_path"], image_id) != image_id:
            detail = f"{row['image_path']} names two different images: the file changed between growth batches"
            failed.append(Stopped(sample_id, "image_path_clash", detail, path_of[row["image_path"]]))
        elif (first := asked.setdefault((image_id, fold(row["problem"])), sample_id)) != sample_id:
            dropped.append(Stopped(sample_id, "repeated_question", "the same question about the same image", first))
        else:
            usable[sample_id] = row
    selection = select(
        (Candidate(r["sample_id"], r["image_id"], r["source"], r["batch_order"]) for r in usable.values()),
        target=target,
        shares=shares,
        heldout_share=heldout_share,
        seed=seed,
    )
    for sample_id, reason in selection.left_out.items():
        source = usable[sample_id]["source"]
        detail = (
            f"source {source} has no share"
            if reason == NOT_IN_MIX
            else f"source {source} gives {selection.quotas[source]} of {target} rows"
        )
        dropped.append(Stopped(sample_id, reason, detail))
    rows = [{**usable[s.sample_id], "split": s.split, "position": s.position} for s in selection.rows]
    rows.sort(key=lambda r: (r["split"] != "train", r["position"]))
    return Release(selection.release_id, rows, selection, dropped, failed)


def _why_missing(image_id: str, find_image: Callable[[str], Path]) -> str:
    try:
        path = Path(find_image(image_id))
        return "" if path.is_file() else f"{path} is no file: restore it, or materialise its source again"
    except Exception as error:  # noqa: BLE001 - one image that cannot be found is one failed row
        return f"{type(error).__name__}: {error}"
