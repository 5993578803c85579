"""What the assets of policies share: the worker's run to its end, seen meanwhile, and the commit of its rows.

Belongs here: the glue between an asset of a policy, its worker and the lake. Does not belong here: which policy it is
(assets.py, sft_assets.py), learning (worker modules), rows (rows.py).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from resources.file_lock import file_lock
from resources.lake.resource import Lake
from resources.lake.spool import Spool
from resources.private import private_folder
from resources.workers.launcher import GpuLauncher
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import shown
from wethink_assets.commit import commit_result
from wethink_assets.settings import LakeSettings, Settings, TrainingSettings
from wethink_assets.training import metadata
from wethink_assets.training.job import STEPS, WORKERS, Job, damage, logged_steps, read_manifest
from wethink_assets.training.rows import policy_tables
from wethink_assets.training.sinks import SinkError, sink_variables
from wethink_assets.written_rows import PolicyRow

GROUP, OWNER = "training", "team:vlm-research"
_SEEN = {"sft": dg.AssetKey("sft_policy"), "rl": dg.AssetKey("rl_policy")}  # whose pages show the run while it learns


def completed(
    context: dg.AssetExecutionContext,
    launcher: GpuLauncher,
    job: Job,
    rows: Path | None = None,
    heldout: Path | None = None,
) -> dict[str, Any]:
    """The manifest of the finished policy; made now unless it is there, going on where an earlier run was ended."""
    private_folder(job.lock.parent)
    with file_lock(job.lock, f"the folder of {job.policy_id}", context.log.info) as lock:
        manifest = read_manifest(job.folder)
        if manifest is not None:
            context.log.info(f"{job.policy_id} is complete in home/policies/{job.policy_id}: nothing is trained again")
            return manifest
        path = job.write(rows, heldout)
        try:
            sinks = sink_variables(job.training["report_to"], Path(job.policies_dir).parent / "reports", job.policy_id)
        except SinkError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        launcher.run(
            context,
            WORKERS[job.kind],
            [str(path)],
            name=job.policy_id,
            processes=job.processes,
            threads=job.training["threads"],
            extras={"policy_id": job.policy_id},
            keep=lock,
            variables=sinks,
            asks=["judge"] if job.kind == "rl" and job.judged else [],
            meanwhile=(lambda: _observed(context, job)) if job.kind in _SEEN else None,
        )
        manifest = read_manifest(job.folder)
    if manifest is None:
        raise dg.Failure(f"the worker ended well but {job.folder} is not complete: see its log", allow_retries=False)
    return manifest


def _observed(context: dg.AssetExecutionContext, job: Job) -> None:
    """Show on the asset's page how far the run is: an observation, since nothing is materialised yet."""
    steps = logged_steps(job.work / STEPS)
    try:
        if steps:
            shows = metadata.live if job.kind == "rl" else metadata.live_sft
            seen = shown(shows(steps, job.training["steps"]))
            context.log_event(dg.AssetObservation(_SEEN[job.kind], metadata={"policy": job.policy_id, **seen}))
    except Exception as error:  # noqa: BLE001 - a page that cannot be shown ends no training
        context.log.warning(f"the page of {job.policy_id} cannot be shown: {type(error).__name__}: {error}")


def for_worker(config: Settings, lake: Lake) -> dict[str, Any]:
    """The installation's settings with the lake that this run uses, for the judge's ledger."""
    own = LakeSettings(catalog=lake.catalog, data_path=lake.data_path)
    return config.model_copy(update={"lake": own}).model_dump(mode="json")


def commit_policy(
    context: dg.AssetExecutionContext,
    lake: Lake,
    key: dg.AssetKey,
    started: float,
    row: PolicyRow,
    steps: list[dict[str, Any]],
    guards: list[dict[str, Any]],
    rollouts: Spool | None,
    result: StageResult,
    shows: Mapping[str, Any],
) -> dg.MaterializeResult:
    """Write the policy's rows, unless the lake has exactly these from an earlier run."""
    policy_id = row["policy_id"]
    known = lake.rows("training/count_policy_rows", policy_id=policy_id, weights=row["weights_sha256"])[0]
    said = lake.rows("training/select_guards", policy_id=policy_id)
    tables = policy_tables(row, steps, guards, rollouts.rows if rollouts else 0, known, said)
    spools: dict[str, pl.DataFrame | Spool] = {"rollouts": rollouts} if "policies" in tables and rollouts else {}
    return commit_result(
        context,
        lake,
        StageResult(
            result.rows_in, result.continued, tables, result.dropped, result.failed, {"policy_id": policy_id}, spools
        ),
        key=key,
        started=started,
        replace={table: {"policy_id": policy_id} for table in (*tables, *spools)},
        metadata={
            "policy": policy_id,
            "training_seconds": round(row["seconds"], 1),
            "weights_sha256": row["weights_sha256"] or "not hashed",
            "folder": dg.MetadataValue.path(str(row["path"])),
            **shows,
        },
        data_version=policy_id,
    )


def checkpoint_of(config: Settings, policy: Mapping[str, Any]) -> str:
    """The folder, or hub name, of a policy that another is trained from.

    Raises:
        Failure: its folder does not hold the weights that were recorded.
    """
    folder = config.home / policy["path"]
    path = str(folder) if folder.is_dir() else str(policy["path"])
    if fault := damage(Path(path), policy["weights_sha256"]):
        raise dg.Failure(f"{policy['policy_id']}: {fault}", allow_retries=False)
    return path


def begun_anew(context: dg.AssetExecutionContext, training: TrainingSettings, line: str) -> None:
    """Begin anew beside an unfinished run on other ranks by choice alone, and with a word.

    Raises:
        Failure: the setting refuses it.
    """
    if training.on_other_ranks == "refuse":
        raise dg.Failure(line, allow_retries=False)
    context.log.warning(f"begun anew by training.on_other_ranks: {line}")


def only(rows: list[dict[str, Any]], missing: str) -> dict[str, Any]:
    if not rows:
        raise dg.Failure(missing, allow_retries=False)
    return rows[0]
