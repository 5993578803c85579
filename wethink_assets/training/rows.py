"""Training rows and rows of policies: what a run learns from, what became of it, and what the lake keeps of it.

Belongs here: shaping rows. Pure. Does not belong here: reading and committing them (assets.py), a policy's files
(job.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.dataset.difficulty import outside
from wethink_assets.decoding.pictures import PictureFile, size_of
from wethink_assets.decoding.shape import refused
from wethink_assets.settings import PassRateSettings, Settings
from wethink_assets.training.job import Job
from wethink_assets.training.row_file import TrainingRow
from wethink_assets.written_rows import PolicyRow


def training_rows(
    selected: Sequence[Mapping[str, Any]],
    find_picture: Callable[[str], PictureFile],
    rates: Mapping[str, float] | None = None,
    bands: PassRateSettings | None = None,
    *,
    by_rate: bool = False,
) -> tuple[list[TrainingRow], list[Stopped], list[Stopped]]:
    """The release's rows with their pictures, those whose image, or whose text, is gone, and those set aside.

    Set aside is a picture that the policy's image processor would refuse, which would end the training, and a row whose
    pass rate (`rates`, by sample id) lies outside its band. Rows keep their rate where they are learned in the order of
    it (`by_rate`). `find_picture` raises FileNotFoundError where there is no picture of an image id.
    """
    rows, failed, aside = [], [], []
    for row in selected:
        if row["problem"] is None:  # of a release of version 0.1, whose sample was made again
            why = f"sample {row['sample_id']} of the release is gone: materialise release again"
            failed.append(Stopped(row["sample_id"], "sample_missing", why))
            continue
        rate = (rates or {}).get(row["sample_id"])
        if bands is not None and rate is not None and (unfit := outside(bands, row["source"], rate)):
            aside.append(Stopped(row["sample_id"], *unfit))
            continue
        try:
            picture = find_picture(row["image_id"])
            why = refused(*(picture.size or size_of(picture.path)))
        except FileNotFoundError as error:
            failed.append(Stopped(row["sample_id"], "image_missing", str(error)))
            continue
        except OSError as error:
            failed.append(Stopped(row["sample_id"], "image_unreadable", str(error)))
            continue
        if why is not None:
            aside.append(Stopped(row["sample_id"], f"image_{why[0]}", why[1], row["image_id"]))
            continue
        columns = ("sample_id", "problem", "answer", "answer_typed", "category", "reward", "image_id")
        own = {column: row[column] for column in columns}
        kept = rate if by_rate else None
        rows.append(TrainingRow(**own, image=str(picture.path), picture_id=picture.sha256, pass_rate=kept))
    return rows, failed, aside


def what_became(
    sample_ids: Iterable[str],
    rollouts: pl.LazyFrame,
    rows_in: int,
    failed: Sequence[Stopped],
    aside: Sequence[Stopped] = (),
) -> StageResult:
    """Rows went on when the policy sampled them and at least one completion was scored; `aside` were never learned."""
    by_sample = rollouts.group_by("sample_id").agg(pl.col("reward").is_not_null().any().alias("scored"))
    scored: dict[str, bool] = dict(by_sample.collect(engine="streaming").iter_rows())
    continued = 0
    dropped: list[Stopped] = list(aside)
    for sample_id in sample_ids:
        if scored.get(sample_id):
            continued += 1
        elif sample_id in scored:
            why = "every completion was left out: the judge or verifier could not say"
            dropped.append(Stopped(sample_id, "never_scored", why))
        else:
            dropped.append(Stopped(sample_id, "not_sampled", "training ended before its turn: more steps reach it"))
    return StageResult(rows_in, continued, {}, dropped, list(failed))


def policy_row(
    config: Settings,
    job: Job,
    manifest: Mapping[str, Any],
    recipe: Any,
    *,
    parent_id: str | None = None,
    release_id: str | None = None,
    snapshot_id: int | None = None,
) -> PolicyRow:
    """A row of table policies for a policy that was made; `recipe` is the code version of what made it."""
    folder = job.folder
    return {
        "policy_id": job.policy_id,
        "kind": job.kind,
        "parent_id": parent_id,
        "release_id": release_id,
        "path": str(folder.relative_to(config.home)) if folder.is_relative_to(config.home) else str(folder),
        "weights_sha256": manifest["weights_sha256"],
        "config": {"recipe": recipe, **job.training},
        "snapshot_id": snapshot_id,
        "seconds": float(manifest["seconds"]),
    }


def registered_row(policy_id: str, checkpoint: Mapping[str, Any]) -> PolicyRow:
    """A row of table policies for a configured checkpoint, as `inspect_checkpoint` describes it."""
    return {
        "policy_id": policy_id,
        "kind": "base",
        "parent_id": None,
        "release_id": None,
        "path": checkpoint.get("folder") or checkpoint["hub"],
        "weights_sha256": None,
        "config": dict(checkpoint),
        "snapshot_id": None,
        "seconds": 0.0,
    }


def policy_tables(
    row: PolicyRow,
    steps: Sequence[Mapping[str, Any]],
    guards: Sequence[Mapping[str, Any]],
    rollouts: int,
    known: Mapping[str, int],
    known_guards: Sequence[Mapping[str, Any]],
) -> dict[str, Sequence[Mapping[str, Any]]]:
    """What is written of a policy beside its rollouts, rows by table; nothing where the lake has exactly these already.

    `rollouts` is their number, `guards` what guards said of the steps; `known` are the lake's counts
    (training/count_policy_rows), `known_guards` its rows (training/select_guards).
    """
    policy_id = row["policy_id"]
    if known == {"policies": 1, "steps": len(steps), "rollouts": rollouts}:
        if list(known_guards) == list(guards):
            return {}
        return {"training_guards": [{"policy_id": policy_id, **guard} for guard in guards]}
    return {
        "policies": [row],
        "training_steps": [{"policy_id": policy_id, "step": s["step"], "metrics": s["metrics"]} for s in steps],
        **({"training_guards": [{"policy_id": policy_id, **guard} for guard in guards]} if guards else {}),
    }


def rollout_frames(path: Path, **more: str) -> Iterator[pl.DataFrame]:
    """The rollouts of a policy's file with further columns, a part at a time."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for part in file.iter_batches(8_192):
            frame = pl.DataFrame(pl.from_arrow(part))
            yield frame.with_columns(pl.lit(value).alias(name) for name, value in more.items())
