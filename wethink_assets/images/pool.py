"""Image pool: deduplication and decontamination rules, which decide what taken files become images of the pool.

Belongs here: the rules and their order, on rows. Pure. Does not belong here: decoding (decoding/), searching
(near_duplicates.py, contamination.py), what the rules are worth (demo/audit/pool.py), Dagster.

An image is dropped as the near-duplicate of another one where it is a copy of it; one that cannot be compared, since a
picture is gone, is set aside as failed.

Order of the rules: unreadable (failed) → exact duplicate → benchmark image → benchmark question → too small or
too long for a model → near-duplicate. The first file of some bytes, in the order of the catalog and of its
source, is canonical and is judged for all; its `origins` name the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.decoding.inspect import Inspected
from wethink_assets.decoding.shape import unfit
from wethink_assets.images.contamination import Hit, Questions, image_hits
from wethink_assets.images.near_duplicates import Looks, Pair, near_duplicates
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.catalog import ORDER
from wethink_assets.written_rows import ImageRow


def build_pool(
    taken: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Inspected],
    earlier: pl.DataFrame,
    benchmark_images: Sequence[Mapping[str, Any]],
    benchmark_items: Iterable[Mapping[str, Any]],
    lost: Mapping[str, Inspected] | None = None,
    looks: Looks | None = None,
    look_alikes: bool = True,
) -> StageResult:
    """The pool's new rows.

    `taken` are rows of source_images of this batch; `seen` what was found in the files, by image id; `lost`, by
    image_uri, files that could no longer be read though another one of the same bytes could;
    `earlier` the pool of all other batches (image_id, phash, phash256);
    `looks` sees the pictures (None: close hashes decide); `look_alikes`: also what only looks like a benchmark image
    goes.
    """
    rows = sorted(taken, key=lambda r: (ORDER.get(r["source"], len(ORDER)), r["position"], r["image_uri"]))
    dropped: list[Stopped] = []
    failed: list[Stopped] = []
    origins: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        inspected = (lost or {}).get(row["image_uri"]) or seen[row["image_id"]]
        if inspected.ok:
            origins.setdefault(row["image_id"], []).append(row)
        else:
            detail = f"{row['image_uri']}: {inspected.detail}"
            failed.append(Stopped(row["image_uri"], inspected.reason, detail, row["image_id"]))
    before = set(earlier["image_id"])
    for image_id, files in list(origins.items()):
        repeated = files if image_id in before else files[1:]
        for row in repeated:
            why = "an image of another batch" if image_id in before else files[0]["image_uri"]
            detail = f"{row['image_uri']} has the bytes of {why}"
            dropped.append(Stopped(row["image_uri"], "exact_duplicate", detail, image_id))
        if image_id in before:
            del origins[image_id]
    candidates = [_hashes(seen[image_id]) for image_id in origins]
    stopped = _contaminated(
        origins,
        benchmark_items,
        image_hits(candidates, benchmark_images, looks=looks, look_alikes=look_alikes),
    )
    for image_id in origins.keys() - stopped.keys():
        if why := unfit(seen[image_id].width, seen[image_id].height):
            stopped[image_id] = Hit(why[0], "", why[1])
    left = [c for c in candidates if c["image_id"] not in stopped]
    alike = near_duplicates(left, earlier, looks=looks)
    first = {image_id: files[0]["image_uri"] for image_id, files in origins.items()}
    for image_id, pair in alike.items():
        stopped[image_id] = _near_duplicate(pair, first.get(pair.other_id, "an image of another batch"))
    for image_id in origins:
        if hit := stopped.get(image_id):
            detail = f"{first[image_id]}: {hit.detail}"
            stop = Stopped(first[image_id], hit.reason, detail, hit.item or None)
            (failed if hit.is_failure else dropped).append(stop)
    images = [_row(files, seen[image_id]) for image_id, files in origins.items() if image_id not in stopped]
    details = {
        "near_distances": Counter(pair.distance for pair in alike.values() if not stopped[pair.image_id].is_failure),
        "near_distances256": Counter(
            pair.distance256 for pair in alike.values() if not stopped[pair.image_id].is_failure
        ),
    }
    return StageResult(len(rows), len(images), {"images": images}, dropped, failed, details)


def _near_duplicate(pair: Pair, other: str) -> Hit:
    bits = f"{pair.distance} of 64 and {pair.distance256} of 256 bits differ"
    if pair.how in ("unreadable", "unconfirmed"):
        reason = pair.reason if pair.how == "unreadable" else "unconfirmed"
        return Hit(reason, pair.other_id, f"may be a copy of {other} ({bits}), but {pair.detail}", is_failure=True)
    told = f"copy of {other} ({pair.detail})" if pair.detail else f"looks like {other}"
    return Hit("near_duplicate", pair.other_id, f"{told}: {bits}")


def _contaminated(
    origins: Mapping[str, Sequence[Mapping[str, Any]]],
    benchmark_items: Iterable[Mapping[str, Any]],
    hits: dict[str, Hit],
) -> dict[str, Hit]:
    """`hits` of pictures, and those of questions.

    Every origin's questions count: the bytes are the same, whichever annotation was kept.
    """
    questions = Questions(benchmark_items)
    for image_id, files in origins.items():
        if image_id in hits:
            continue
        for row in files:
            if '"qa"' in row["context"] and (hit := questions.hit(ImageAnnotations.from_json(row["context"]))):
                hits[image_id] = hit
                break
    return hits


def _hashes(inspected: Inspected) -> dict[str, str]:
    return {"image_id": inspected.key, "phash": inspected.phash, "phash256": inspected.phash256}


def _row(files: Sequence[Mapping[str, Any]], inspected: Inspected) -> ImageRow:
    canonical = files[0]
    return {
        "image_id": canonical["image_id"],
        "batch": canonical["batch"],
        "source": canonical["source"],
        "image_uri": canonical["image_uri"],
        "origins": [row["image_uri"] for row in files],
        "licence": canonical["licence"],
        "format": inspected.format,
        "width": inspected.width,
        "height": inspected.height,
        "phash": inspected.phash,
        "phash256": inspected.phash256,
        "picture_id": inspected.picture_id or None,
    }
