"""Training rows and rows of policies: what a run learns from, what became of it, and what the lake keeps of it.

Belongs here: shaping rows. Pure. Does not belong here: reading and committing them (assets.py), a policy's files
(job.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.settings import Settings
from wethink_assets.training.job import Job, TrainingRow


def training_rows(
    selected: Sequence[Mapping[str, Any]], find_image: Callable[[str], Path]
) -> tuple[list[TrainingRow], list[Stopped]]:
    """The release's rows with the paths of their images, and those whose image is gone.

    `find_image` raises FileNotFoundError where there is no file of an image id.
    """
    rows, failed = [], []
    for row in selected:
        try:
            path = find_image(row["image_id"])
        except FileNotFoundError as error:
            failed.append(Stopped(row["sample_id"], "image_missing", str(error)))
            continue
        columns = ("sample_id", "problem", "answer", "answer_typed", "category", "reward", "image_id")
        rows.append(TrainingRow(**{column: row[column] for column in columns}, image=str(path)))
    return rows, failed


def what_became(
    rows: Sequence[TrainingRow], rollouts: pl.DataFrame, rows_in: int, failed: list[Stopped]
) -> StageResult:
    """Rows went on when the policy sampled them and at least one completion was scored."""
    sampled = set(rollouts["sample_id"].to_list())
    scored = set(rollouts.filter(pl.col("reward").is_not_null())["sample_id"].to_list())
    dropped = [
        Stopped(r.sample_id, "never_scored", "every completion was left out: the judge or verifier could not say")
        if r.sample_id in sampled
        else Stopped(r.sample_id, "not_sampled", "training ended before its turn: more steps reach it")
        for r in rows
        if r.sample_id not in scored
    ]
    return StageResult(rows_in, len(rows) - len(dropped), {}, dropped, failed)


def policy_row(config: Settings, job: Job, manifest: Mapping[str, Any], recipe: Any, **more: Any) -> dict[str, Any]:
    """A row of table policies for a policy that was made; `recipe` is the code version of what made it."""
    folder = job.folder
    return {
        "policy_id": job.policy_id,
        "kind": job.kind,
        "parent_id": None,
        "release_id": None,
        "path": str(folder.relative_to(config.home)) if folder.is_relative_to(config.home) else str(folder),
        "weights_sha256": manifest["weights_sha256"],
        "config": {"recipe": recipe, **job.training},
        "snapshot_id": None,
        "seconds": float(manifest["seconds"]),
        **more,
    }


def registered_row(policy_id: str, checkpoint: Mapping[str, Any]) -> dict[str, Any]:
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
    row: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], rollouts: pl.DataFrame | None, known: Mapping[str, int]
) -> tuple[dict[str, Sequence[Mapping[str, Any]]], dict[str, pl.DataFrame]]:
    """What is written of a policy, rows and frames by table; nothing where the lake has exactly these already.

    `known` are the lake's counts (training/count_policy_rows).
    """
    policy_id = row["policy_id"]
    counts = {"policies": 1, "steps": len(steps), "rollouts": 0 if rollouts is None else rollouts.height}
    if known == counts:
        return {}, {}
    tables: dict[str, Sequence[Mapping[str, Any]]] = {
        "policies": [row],
        "training_steps": [{"policy_id": policy_id, "step": s["step"], "metrics": s["metrics"]} for s in steps],
    }
    named = None if rollouts is None else rollouts.with_columns(pl.lit(policy_id).alias("policy_id"))
    return tables, {} if named is None else {"rollouts": named}
