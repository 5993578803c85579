"""Building a release: from all accepted samples to deduplicated, selected and split rows.

Belongs here: setting unusable samples aside, and putting what is left into the order of the export.
Does not belong here: the choice itself (selection.py), files (export.py), Dagster (assets.py).

Samples come window by window. Of each one ids, source and split are kept in memory; its texts stay on disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from resources.lake.database import Memory, database
from resources.lake.sql_files import statement
from resources.lake.store import Windows, put_aside
from wethink_assets.accounting import Stopped
from wethink_assets.dataset.mix import Mix
from wethink_assets.dataset.selection import NOT_IN_MIX, OVER_MIX, Candidate, Selected, Selection, select
from wethink_assets.dataset.sides import BRIDGE, sides
from wethink_assets.dataset.similar_questions import COLUMNS, repeated
from wethink_assets.dataset.similar_questions import REASON as REPEATED
from wethink_assets.rewards.normalise import fold

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Release:
    """A versioned data set: the samples that are in it, and those that were set aside."""

    selection: Selection
    dropped: list[Stopped]
    failed: list[Stopped]

    @property
    def rows(self) -> list[Selected]:
        return self.selection.rows

    @property
    def stopped(self) -> dict[str, list[Stopped]]:
        """What was set aside, by verdict."""
        return {"dropped": self.dropped, "failed": self.failed}

    @property
    def frame(self) -> pl.DataFrame:
        """Its samples as sample_id, image_id, split, position, cluster_id and marks."""
        columns = ("sample_id", "image_id", "split", "position", "cluster_id")
        marks = pl.Series("marks", [list(row.marks) for row in self.rows], pl.List(pl.String))
        return pl.DataFrame({name: [getattr(row, name) for row in self.rows] for name in columns}).with_columns(marks)


def build(
    samples: Windows,
    images: pl.DataFrame,
    *,
    similar_questions: str = "mark",
    target: int,
    shares: Mapping[str, float],
    heldout_share: float,
    seed: int,
    find_image: Callable[[str], Path],
    mix: Mix | None = None,
    keep_released: bool = True,
) -> Release:
    """Deduplicate, select and split the samples of a release, given in windows by seniority and sample id.

    `images` are as `sides` takes them. A sample without its image file failed; one that repeats a question, whose image
    is like ones of both sides, or that is over its source's quota or over the mix, is dropped. `similar_questions` says
    what becomes of near-duplicate questions: `drop`, `mark` or `keep`; those that a release held are marked at most.
    Samples are gone through up to three times.
    """
    mix = mix or Mix()
    dropped: list[Stopped] = []
    failed: list[Stopped] = []
    usable: dict[str, Candidate] = {}
    missing: dict[str, str] = {}
    path_of: dict[str, str] = {}
    asked: dict[bytes, str] = {}
    for row in (row for window in samples for row in window):
        sample_id, image_id = row["sample_id"], row["image_id"]
        if image_id not in missing:
            missing[image_id] = _why_missing(image_id, find_image)
        if missing[image_id]:
            failed.append(Stopped(sample_id, "missing_image", f"{row['image_path']}: {missing[image_id]}", image_id))
        elif (image_id := path_of.setdefault(row["image_path"], image_id)) != row["image_id"]:
            detail = f"{row['image_path']} names two different images: the file changed between growth batches"
            failed.append(Stopped(sample_id, "image_path_clash", detail, image_id))
        elif (first := asked.setdefault(question_key(image_id, row["problem"]), sample_id)) != sample_id:
            dropped.append(Stopped(sample_id, "repeated_question", "the same question about the same image", first))
        else:
            usable[sample_id] = Candidate(
                sample_id,
                image_id,
                row["source"],
                row["batch_order"],
                row["first_released"],
                _marks(row),
                mix.traits(row),
            )
    used = pl.Series("image_id", sorted({candidate.image_id for candidate in usable.values()}), pl.String).to_frame()
    of_image = sides(images.join(used, on="image_id", how="semi"), heldout_share=heldout_share, seed=seed)
    if similar_questions != "keep":
        for sample_id, repeats in repeated(
            partial(samples.only, COLUMNS), lambda i: of_image.cluster.get(i, i), usable
        ).items():
            if similar_questions == "mark" or usable[sample_id].first_released is not None:
                usable[sample_id] = replace(usable[sample_id], marks=(*usable[sample_id].marks, REPEATED))
            else:
                dropped.append(Stopped(sample_id, REPEATED, str(repeats), repeats.other))
                del usable[sample_id]
    selection = select(
        usable.values(),
        target=target,
        shares=shares,
        heldout_share=heldout_share,
        seed=seed,
        sides=of_image,
        mix=mix,
        keep_released=keep_released,
    )
    for sample_id, reason in selection.left_out.items():
        source, image_id = usable[sample_id].source, usable[sample_id].image_id
        if reason == BRIDGE:
            dropped.append(Stopped(sample_id, reason, of_image.bridges[image_id], image_id))
        elif reason == NOT_IN_MIX:
            dropped.append(Stopped(sample_id, reason, f"source {source} has no share"))
        else:
            detail = f"source {source} gives {selection.quotas[source]} of {target} rows"
            if reason == OVER_MIX:
                full = selection.full[usable[sample_id].traits]
                detail += f", and {full.dimension} {full.value} has {full.got} where {full.wanted} are wanted"
            dropped.append(Stopped(sample_id, reason, detail))
    return Release(selection, dropped, failed)


def in_order(release: Release, samples: Windows, folder: Path, *, size: int, memory: Memory | None = None) -> Windows:
    """The release's rows in the order of the export, with `split` and `position`, as windows below `folder`.

    Raises:
        LakeError: the disk failed, or the memory limit and the spill folder were not enough.
    """
    if not release.rows:
        return Windows(size)
    with database(memory) as con:
        con.register("selected", release.frame.to_arrow())
        con.read_parquet([str(path) for path in samples.files], hive_partitioning=False).create_view("candidates")
        return put_aside(con.execute(statement("dataset/order_release_rows")), folder, size)


def _marks(row: Row) -> tuple[str, ...]:
    """What earlier stages found wrong with a sample that a setting keeps."""
    return tuple(mark for mark in ("solvable_blind", "not_confirmed") if row.get(mark))


def question_key(image_id: str, problem: str) -> bytes:
    """What stands for a question about an image: 16 bytes in place of its text."""
    return hashlib.blake2b(f"{image_id} {fold(problem)}".encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _why_missing(image_id: str, find_image: Callable[[str], Path]) -> str:
    try:
        path = Path(find_image(image_id))
        return "" if path.is_file() else f"{path} is no file: restore it, or materialise its source again"
    except Exception as error:  # noqa: BLE001 - one image that cannot be found is one failed row
        return f"{type(error).__name__}: {error}"
