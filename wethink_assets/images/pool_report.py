"""Report of the image pool: contact sheets of what a batch kept and rejected, hash distances, counts by reason.

Belongs here: choosing what is shown, as markdown. Pure. Does not belong here: drawing (presentation/contact_sheet.py,
presentation/plots.py), rules (pool.py), Dagster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from resources.storage.places import Located
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.images.hash_arrays import NEAR
from wethink_assets.images.near_duplicates import FAR
from wethink_assets.presentation import contact_sheet, plots
from wethink_assets.presentation.thumbnails import thumbnails

SHOWN = 40  # images of a sheet
PAIRS = 20
WITH_PARTNER = ("near_duplicate", "benchmark_image")  # shown beside the image that they look like

Locate = Callable[[str], Located | None]  # of an image id; None where no file is known or it lies outside its root


def pictures(
    taken: Sequence[Mapping[str, Any]], result: StageResult, partners: Mapping[str, str], locate: Locate
) -> dict[str, str]:
    """Markdown by metadata name. `partners` gives the image id behind a verdict's related item."""
    ids = {row["image_uri"]: row["image_id"] for row in taken}
    kept = _spread(result.rows["images"])
    pairs = [s for s in result.dropped if s.reason in WITH_PARTNER][:PAIRS]
    rejected = _by_turns(s for s in result.dropped if s.reason not in (*WITH_PARTNER, "exact_duplicate"))
    both = [(s, ids[s.subject_id], partners.get(s.related_id or "", s.related_id or "")) for s in pairs]
    image_ids = [*kept, *(i for _, *two in both for i in two), *(ids[s.subject_id] for s in rejected)]
    files = {image_id: file for image_id in dict.fromkeys(image_ids) if (file := locate(image_id)) is not None}
    shown = thumbnails(files, contact_sheet.CELL)
    return {
        "contact_sheet": contact_sheet.sheet([shown[i] for i in kept if i in shown], title="image pool"),
        "look_alikes": contact_sheet.captioned(
            [(_caption(s), [shown[i] for i in two if i in shown]) for s, *two in both],
            columns=5,
            title="rejected images beside those that they look like",
        ),
        "rejected": contact_sheet.captioned(
            [(s.reason, [shown[i]]) for s in rejected if (i := ids[s.subject_id]) in shown],
            columns=6,
            title="other rejected images",
        ),
        "hash_distances": plots.histograms(
            {
                f"bits of 64, at most {NEAR}": result.details["near_distances"],
                f"bits of 256, at most {FAR}": result.details["near_distances256"],
            },
            {f"bits of 64, at most {NEAR}": NEAR, f"bits of 256, at most {FAR}": FAR},
            title="near-duplicates by distance",
        ),
        "images_per_source": plots.bars(_per_source(taken, result), title="files per source"),
        "why_dropped": plots.bars({r: {"files": n} for r, n in result.reasons().items()}, title="why files stopped"),
    }


def _caption(stopped: Stopped) -> str:
    """Bits and partner: the details of pool.py end in `A of 64 and B of 256 bits differ`."""
    numbers = [word for word in stopped.detail.split() if word.isdigit()][-4:]
    bits = f"{numbers[0]}/64 {numbers[2]}/256" if numbers[1::2] == ["64", "256"] else "same bytes"
    return f"{bits} {stopped.related_id}" if stopped.reason == "benchmark_image" else bits


def _spread(images: Sequence[Mapping[str, Any]]) -> list[str]:
    """Some images of every source."""
    by_source: dict[str, list[str]] = {}
    for row in images:
        by_source.setdefault(row["source"], []).append(row["image_id"])
    each = -(-SHOWN // max(1, len(by_source)))
    return [image_id for ids in by_source.values() for image_id in ids[:each]][:SHOWN]


def _by_turns(stopped: Iterable[Stopped]) -> list[Stopped]:
    """Some of every reason, those of a reason together."""
    by_reason: dict[str, list[Stopped]] = {}
    for one in stopped:
        by_reason.setdefault(one.reason, []).append(one)
    each = max(1, SHOWN // max(1, len(by_reason)))
    return [one for some in by_reason.values() for one in some[:each]][:SHOWN]


def _per_source(taken: Sequence[Mapping[str, Any]], result: StageResult) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for row in sorted(taken, key=lambda r: r["source"]):
        counts.setdefault(row["source"], {"pool": 0, "stopped": 0})["stopped"] += 1
    for row in result.rows["images"]:
        counts[row["source"]]["pool"] += 1
    for parts in counts.values():
        parts["stopped"] -= parts["pool"]
    return counts
