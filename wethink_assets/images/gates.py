"""The image pool's quality gates: decontamination, deduplication, recall on planted defects, read back from the lake.

Belongs here: what must hold of the pool's rows of a batch. Pure. Does not belong here: the rules that made them
(pool.py), committing (assets.py).

Contamination and duplicates are searched again with statements of their own, so that a defect of the rules is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resources.lake.database import Memory
from wethink_assets.demo.audit.pool import Measured, in_words, measure, read_planted
from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.images.confirmation import Confirmation
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.images.hash_arrays import NEAR
from wethink_assets.images.near_duplicates import ALIKE, FAR, near_duplicates

CONTAMINATION = "no_contamination"
PRESENT = "known_sets_present"
UNIQUE = "no_duplicates"
PLANTED = "planted_defects_found"


def _uncontaminated(scope: Scope) -> Outcome:
    compared = scope.lake.rows("images/count_compared")[0]
    hits = _pictures(scope)
    memory = Memory.of(scope.settings)
    benchmark_questions = scope.lake.rows("images/select_benchmark_questions")
    with scope.windows("images/select_pool_questions", batch=scope.batch) as windows:
        questions = ((row["image_id"], row["question"]) for window in windows for row in window)
        leaks = leaked_questions(questions, benchmark_questions, memory)
    hits += [(leak.subject, leak.item, leak.how) for leak in leaks]
    nothing = not (compared["images"] or compared["items"])  # a warning where there never was anything
    described = "; ".join(f"{image_id[:12]} is in {item} ({how})" for image_id, item, how in hits[:10])
    if nothing:
        described = (
            "no evaluation set was read, so nothing was compared: put their TSVs into benchmarks_root and run again"
        )
    return Outcome(
        not hits and not nothing,
        described or "no image of the batch is in an evaluation set",
        {"hits": len(hits), "benchmark_images": compared["images"], "benchmark_items": compared["items"]},
        warn=nothing and not compared["read"],
    )


def _pictures(scope: Scope) -> list[tuple[str, str, str]]:
    """Image, item and how much alike; a picture of an item that is gone is taken for one that looks the same."""
    hits = []
    drops_alike = scope.settings.images.benchmark_look_alikes == "drop"
    with Confirmation(scope.lake, scope.settings) as looks:
        found = scope.rows("images/find_contaminated", near=NEAR, far=FAR, alike=ALIKE[0], alike_far=ALIKE[1])
        looks.expect(row[name] for row in found if row["how"] != "same bytes" for name in ("image_id", "other_id"))
        for row in found:
            how = row["how"]
            if how != "same bytes":
                seen = looks.judge(row["image_id"], [row["other_id"]])
                if seen.how == "copy":
                    how = "copy of it"
                elif row["alike"] and (drops_alike or seen.how != "looks_like"):
                    how = "looks alike"
                else:
                    continue
            hits.append((row["image_id"], row["item"], how))
    return hits


def _known_present(scope: Scope) -> Outcome:
    missing = [row for row in scope.lake.rows("benchmark_sets/select_known_sets") if row["missing_since"]]
    told = ", ".join(f"{row['benchmark']} (since {row['missing_since']:%Y-%m-%d})" for row in missing)
    return Outcome(
        not missing,
        f"known and missing now: {told}. Put the files back into the folder of evaluation sets, or name the sets in "
        "[evaluation] dismissed; then materialise benchmark_items"
        if missing
        else "every set that was ever read is there or dismissed",
        {"missing": len(missing)},
    )


def _unique(scope: Scope) -> Outcome:
    """Also finds two batches that were made at the same time, when neither could see the other."""
    repeated = scope.rows("images/count_repeated_ids")[0]["repeated"]
    mine = scope.lake.read("images/select_pool_of_batch", batch=scope.batch)
    others = scope.lake.read("images/select_pool_of_other_batches", batch=scope.batch)
    elsewhere = others.join(mine, on="image_id", how="anti")
    with Confirmation(scope.lake, scope.settings) as looks:
        pairs = near_duplicates(mine, elsewhere, looks=looks)
    alike = [pair for pair in pairs.values() if pair.how == "copy"]
    described = "; ".join(f"{pair.image_id[:12]} is a copy of {pair.other_id[:12]}" for pair in alike[:10])
    return Outcome(
        not repeated and not alike,
        f"{repeated} images are in the pool twice; {described}. Materialise this batch again."
        if repeated or alike
        else "no two images of the pool have the same bytes or are copies of one picture",
        {
            "repeated": repeated,
            "copies": len(alike),
            "not_to_be_read": len(pairs) - len(alike),
            "compared_with": others.height + mine.height,
        },
    )


def _planted_found(scope: Scope) -> Outcome:
    planted = read_planted(scope.settings.truth_dir)
    if not planted:
        return Outcome(True, "real data: its defects are not known")
    stops = scope.rows("quality/select_stops", asset=scope.asset)
    measured = measure(
        planted,
        taken=[row["image_uri"] for row in scope.rows("images/select_taken_files")],
        kept=[row["image_uri"] for row in scope.rows("images/select_canonical_files")],
        dropped={row["subject_id"]: row["reason"] for row in stops if row["verdict"] == "dropped"},
        failed={row["subject_id"]: row["reason"] for row in stops if row["verdict"] == "failed"},
        others={row["image_uri"]: row["held"] for row in scope.rows("images/select_files_of_other_batches")},
    )
    return Outcome(all(m.good_enough for m in measured), in_words(measured), measured_metadata(measured))


def measured_metadata(measured: Iterable[Measured]) -> dict[str, Any]:
    """Recall and precision by kind of planted defect, and up to 50 files of each mistake."""
    values: dict[str, Any] = {}
    for m in measured:
        for name, value in (("recall", m.recall), ("precision", m.precision)):
            if value is not None:
                values[f"{m.kind}_{name}"] = round(value, 4)
        if m.missed or m.wrong:
            values[f"{m.kind}_mistakes"] = {"missed": list(m.missed)[:50], "wrong": list(m.wrong)[:50]}
    return values


POOL_GATES = (
    Gate(
        CONTAMINATION,
        "Training on what is tested: an image with the bytes, the picture or a question of an evaluation set.",
        _uncontaminated,
        blocking=True,
    ),
    Gate(
        PRESENT,
        "Growth past a gap: an evaluation set that was known and is missing, so that nobody sees what is new in it.",
        _known_present,
        blocking=True,
    ),
    Gate(
        UNIQUE,
        "Paying for one image twice: an image of the batch that is in the pool twice or is a copy of another one.",
        _unique,
        blocking=True,
    ),
    Gate(
        PLANTED,
        "Rules of the pool that miss, or drop wrongly, more than a tenth of what a sample pack planted.",
        _planted_found,
    ),
)
