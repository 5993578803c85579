"""Which of the taken files become images of the pool, and why the others do not.

Belongs here: the rules and their order, on rows; measuring them against what a sample pack planted. Pure.
Does not belong here: decoding, searching, Dagster.

Order of the rules: unreadable (failed) → exact duplicate → benchmark image → benchmark question → too small or
too long for a model → near-duplicate. The first file of some bytes, in the order of the catalog and of its
source, is canonical and is judged for all; its `origins` name the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.decoding.inspect import Inspected
from wethink_assets.images.contamination import Hit, Questions, image_hits
from wethink_assets.images.near_duplicates import near_duplicates
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.catalog import ORDER

MIN_SIDE = 14  # pixels [D]: half a patch pair of Qwen2.5-VL; smaller files are spacers and icons
MAX_ASPECT = 200.0  # its image processor refuses longer ones


def build_pool(
    taken: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Inspected],
    earlier: pl.DataFrame,
    benchmark_images: Sequence[Mapping[str, Any]],
    benchmark_items: Iterable[Mapping[str, Any]],
    lost: Mapping[str, Inspected] | None = None,
) -> StageResult:
    """The pool's new rows.

    `taken` are rows of source_images of this batch; `seen` what was found in the files, by image id; `lost`, by
    image_uri, files that could no longer be read though another one of the same bytes could;
    `earlier` the pool of all other batches (image_id, phash, phash256).
    """
    rows = sorted(taken, key=lambda r: (ORDER.get(r["source"], len(ORDER)), r["position"], r["image_uri"]))
    dropped: list[Stopped] = []
    failed: list[Stopped] = []
    origins: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found = (lost or {}).get(row["image_uri"]) or seen[row["image_id"]]
        if found.ok:
            origins.setdefault(row["image_id"], []).append(row)
        else:
            detail = f"{row['image_uri']}: {found.detail}"
            failed.append(Stopped(row["image_uri"], found.reason, detail, row["image_id"]))
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
    stopped = _contaminated(candidates, origins, benchmark_images, benchmark_items)
    for image_id in origins.keys() - stopped.keys():
        if reason := _shape(seen[image_id]):
            stopped[image_id] = reason
    alike = near_duplicates([c for c in candidates if c["image_id"] not in stopped], earlier)
    first = {image_id: files[0]["image_uri"] for image_id, files in origins.items()}
    for image_id, pair in alike.items():
        other = first.get(pair.other_id, "an image of another batch")
        detail = f"looks like {other}: {pair.distance} of 64 and {pair.distance256} of 256 bits differ"
        stopped[image_id] = Hit("near_duplicate", pair.other_id, detail)
    for image_id in origins:
        if hit := stopped.get(image_id):
            dropped.append(Stopped(first[image_id], hit.reason, f"{first[image_id]}: {hit.detail}", hit.item or None))
    images = [_row(files, seen[image_id]) for image_id, files in origins.items() if image_id not in stopped]
    details = {
        "near_distances": Counter(pair.distance for pair in alike.values()),
        "near_distances256": Counter(pair.distance256 for pair in alike.values()),
    }
    return StageResult(len(rows), len(images), {"images": images}, dropped, failed, details)


def _contaminated(
    candidates: Sequence[Mapping[str, Any]],
    origins: Mapping[str, Sequence[Mapping[str, Any]]],
    benchmark_images: Sequence[Mapping[str, Any]],
    benchmark_items: Iterable[Mapping[str, Any]],
) -> dict[str, Hit]:
    """Every origin's questions count: the bytes are the same, whichever annotation was kept."""
    hits = image_hits(candidates, benchmark_images)
    questions = Questions(benchmark_items)
    for image_id, files in origins.items():
        if image_id in hits:
            continue
        for row in files:
            if '"qa"' in row["context"] and (hit := questions.hit(ImageAnnotations.from_json(row["context"]))):
                hits[image_id] = hit
                break
    return hits


def _shape(found: Inspected) -> Hit | None:
    short, long = sorted((found.width, found.height))
    if short < MIN_SIDE:
        return Hit("too_small", "", f"{found.width}x{found.height} pixels; {MIN_SIDE} a side is the least")
    if long / short > MAX_ASPECT:
        return Hit("extreme_shape", "", f"{found.width}x{found.height} pixels; models take at most {MAX_ASPECT:g}:1")
    return None


def _hashes(found: Inspected) -> dict[str, str]:
    return {"image_id": found.key, "phash": found.phash, "phash256": found.phash256}


def _row(files: Sequence[Mapping[str, Any]], found: Inspected) -> dict[str, Any]:
    canonical = files[0]
    return {
        "image_id": canonical["image_id"],
        "batch": canonical["batch"],
        "source": canonical["source"],
        "image_uri": canonical["image_uri"],
        "origins": [row["image_uri"] for row in files],
        "licence": canonical["licence"],
        "format": found.format,
        "width": found.width,
        "height": found.height,
        "phash": found.phash,
        "phash256": found.phash256,
    }


# -- against the truth ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """How well one kind of planted defect was found. None where nothing of the kind was there or was dropped."""

    kind: str
    planted: int
    found: int
    dropped: int
    right: int
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def recall(self) -> float | None:
        return self.found / self.planted if self.planted else None

    @property
    def precision(self) -> float | None:
        return self.right / self.dropped if self.dropped else None


def read_planted(path: Path) -> list[dict[str, Any]]:
    """What a sample pack planted; [] where no truth is known."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def measure(
    planted: Sequence[Mapping[str, Any]],
    taken: Sequence[Mapping[str, Any]],
    result: StageResult,
    others: Mapping[str, bool],
) -> list[Measured]:
    """Recall and precision of a batch's decisions.

    `others` are the files of all other batches and whether the pool holds them. A planted pair counts once both
    files were taken, one of them in this batch; it was found when they are not both in the pool. A drop is right
    when the truth ties the file, directly or through others, to such a defect.
    """
    uris = {row["image_uri"] for row in taken}
    kept = {row["image_uri"] for row in result.rows["images"]} | {uri for uri, held in others.items() if held}
    known = uris | others.keys()
    stopped = {s.subject_id: s for s in [*result.dropped, *result.failed]}
    tied = _ties(planted)
    made = []
    for kind in ("exact_duplicate", "near_duplicate"):
        here = [
            p
            for p in planted
            if p["kind"] == kind and {p["image_uri"], p["of"]} <= known and {p["image_uri"], p["of"]} & uris
        ]
        made.append(_measured(kind, here, [p for p in here if {p["image_uri"], p["of"]} <= kept], stopped, tied))
    for kind in ("benchmark_image", "benchmark_question"):
        here = [p for p in planted if p["kind"] == kind and p["image_uri"] in uris]
        made.append(_measured(kind, here, [p for p in here if p["image_uri"] in kept], stopped, tied))
    bad = {p["image_uri"] for p in planted if p["kind"] == "unreadable"} & uris
    lost = {s.subject_id for s in result.failed}
    made.append(
        Measured(
            "unreadable",
            len(bad),
            len(bad & lost),
            len(lost),
            len(bad & lost),
            tuple(sorted(bad - lost)),
            tuple(sorted(lost - bad)),
        )
    )
    return made


def _measured(
    kind: str,
    here: Sequence[Mapping[str, Any]],
    missed: Sequence[Mapping[str, Any]],
    stopped: Mapping[str, Stopped],
    tied: Mapping[str, set[str]],
) -> Measured:
    drops = [uri for uri, s in stopped.items() if s.reason == kind]
    wrong = tuple(uri for uri in drops if kind not in tied.get(uri, ()))
    names = tuple(p["image_uri"] for p in missed)
    return Measured(kind, len(here), len(here) - len(missed), len(drops), len(drops) - len(wrong), names, wrong)


def _ties(planted: Sequence[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Kinds of defect of each file's family: files that are copies of one another, through any number of steps."""
    family: dict[str, str] = {}

    def head(uri: str) -> str:
        while family.setdefault(uri, uri) != uri:
            uri = family[uri]
        return uri

    for plant in planted:
        if plant["kind"] in ("exact_duplicate", "near_duplicate"):
            family[head(plant["image_uri"])] = head(plant["of"])
        else:
            head(plant["image_uri"])
    kinds: dict[str, set[str]] = {}
    for plant in planted:
        kinds.setdefault(head(plant["image_uri"]), set()).add(plant["kind"])
    return {uri: kinds.get(head(uri), set()) for uri in list(family)}
