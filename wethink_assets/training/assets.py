"""The training assets: the base policy and the RL policy (GRPO).

Belongs here: the two assets. Does not belong here: learning (worker modules, never imported here: they need torch),
ids (identity.py), files (job.py), rows (rows.py), gates (gates.py), pictures (metadata.py).
"""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from resources.file_lock import file_lock
from resources.lake.resource import Lake
from resources.lake.spool import Spool
from resources.private import private_folder
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers.launcher import GpuLauncher, worker_processes
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset, shown
from wethink_assets.commit import commit_result
from wethink_assets.picture_files import PictureFiles
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.settings import LakeSettings, Settings, TrainingSettings
from wethink_assets.training import identity, metadata
from wethink_assets.training.gates import GUARD_GATES, IMPROVED, SOUND
from wethink_assets.training.job import ROLLOUTS, STEPS, Job, damage, logged_steps, read_manifest
from wethink_assets.training.memory_cures import refusal
from wethink_assets.training.memory_plan import GIB
from wethink_assets.training.other_ranks import in_words, unfinished_elsewhere
from wethink_assets.training.release_rows import asked_rows, learned_rows
from wethink_assets.training.row_file import problems_of, read_windows
from wethink_assets.training.rows import (
    policy_row,
    policy_tables,
    registered_row,
    rollout_frames,
    what_became,
)
from wethink_assets.training.watch import of_steps, verdicts
from wethink_assets.written_rows import PolicyRow

BASE = dg.AssetKey("base_policy")
RL = dg.AssetKey("rl_policy")
GROUP, OWNER = "training", "team:vlm-research"
NO_RATES = (
    'training.order = "easy_first" needs pass rates, and no row has one: set [pass_rates] rows and materialise '
    'pass_rates_base, or set training.order = "shuffled"'
)
_WORKERS = {"base": "wethink_assets.training.base_worker", "rl": "wethink_assets.training.grpo_worker"}


def training_assets() -> list[dg.AssetsDefinition]:
    """The two policies."""
    base = lake_asset(
        key=BASE,
        group=GROUP,
        description=(
            "The policy that reinforcement learning begins with. In the demo a Qwen2.5-VL of about a million "
            "parameters, created here and warm-started on drawn images of its own seed, so that it has the reply "
            "format and is right only now and then; by configuration (`training.base`) any local or hub checkpoint, "
            "which is only registered."
        ),
        tables=("policies", "training_steps"),
        kinds={"pytorch", "python"},
        owner=OWNER,
        pool="gpu",
        gates=(SOUND,),
        code_version=identity.tiny_recipe(),
    )
    rl = lake_asset(
        key=RL,
        group=GROUP,
        description=(
            "What GRPO makes of the base policy on the training rows of the release: TRL under a DeepSpeed ZeRO "
            "configuration, reward 0.7 accuracy + 0.3 format, free-form rows scored by the judge. Runs in a process of "
            "its own, reports while it runs, resumes from its last checkpoint; every completion that was sampled is a "
            "row with its reward. The same base, release and settings are the same policy, which is not trained twice."
        ),
        tables=("policies", "training_steps", "training_guards", "rollouts"),
        kinds={"pytorch", "deepspeed", "python"},
        owner=OWNER,
        pool="gpu",
        deps=["release", BASE, "pass_rates_base", "judge_calibration"],
        gates=(SOUND, IMPROVED, *GUARD_GATES),
        code_version=identity.grpo_code(),
    )
    return [base(_base_policy), rl(_rl_policy)]


def _base_policy(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, launcher: GpuLauncher
) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    training = config.training
    if training.base != identity.TINY:
        return _register(context, lake, config, started)
    processes = min(2, worker_processes(training.processes))  # its share of work is too small for many
    job = Job(
        policy_id=identity.base_id(training, processes=processes),
        kind="base",
        policies_dir=str(config.policies_dir),
        training=training.model_dump(mode="json"),
        processes=processes,
    )
    manifest = _completed(context, launcher, job)
    steps = logged_steps(job.folder / STEPS)
    curve = metadata.curves(steps, {"loss": "loss of the warm start"}, "Warm start of the base policy")
    shows = {"loss": Markdown(curve), "parameters": manifest["parameters"], "lessons": manifest["lessons"]}
    row = policy_row(config, job, manifest, identity.tiny_recipe())
    return _commit(context, lake, BASE, started, row, steps, [], None, StageResult(1, 1, {}), shows)


def _register(context: dg.AssetExecutionContext, lake: Lake, config: Settings, started: float) -> dg.MaterializeResult:
    """A configured checkpoint becomes the base policy as it is."""
    try:
        checkpoint = identity.inspect_checkpoint(config.training.base)
    except identity.BaseError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    row = registered_row(identity.base_id(config.training, checkpoint), checkpoint)
    result, shows = StageResult(1, 1, {}), {"checkpoint": row["path"]}
    return _commit(context, lake, BASE, started, row, [], [], None, result, shows)


def _rl_policy(
    context: dg.AssetExecutionContext,
    lake: Lake,
    settings: SettingsResource,
    images: PictureFiles,
    launcher: GpuLauncher,
) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    snapshot = lake.snapshot_id()
    base = _only(
        lake.rows("training/select_current_policy", asset="base_policy"),
        "there is no base policy: materialise base_policy",
    )
    release = _only(lake.rows("dataset/select_latest_release"), "there is no release: materialise release")
    processes = worker_processes(config.training.processes)
    base_path = str(config.home / base["path"]) if (config.home / base["path"]).is_dir() else base["path"]
    if fault := damage(Path(base_path), base["weights_sha256"]):
        raise dg.Failure(f"{base['policy_id']}: {fault}", allow_retries=False)
    _refuse_too_large(config.training, base_path, processes)
    by_rate = config.training.order == "easy_first"
    with scratch_folder(config.scratch_dir, "rl_policy") as folder:
        rows, failed, aside, rows_in = learned_rows(
            lake, images, release["release_id"], folder, base["policy_id"], config.pass_rates, by_rate=by_rate
        )
        if not rows.rows:
            raise dg.Failure(
                f"release {release['release_id']} has no training row with a readable image and a pass rate within its "
                f"band ({rows_in} rows): see [pass_rates] band",
                allow_retries=False,
            )
        if by_rate and not rows.rated:
            raise dg.Failure(NO_RATES, allow_retries=False)
        asked = asked_rows(lake, images, config.training, release["release_id"], folder)
        id_of = partial(
            identity.rl_id,
            base["policy_id"],
            base["weights_sha256"],
            release["release_id"],
            config.training,
            config.endpoint("judge").model if rows.judged else None,
            rows=rows.digest,
            heldout=asked.digest if asked else "",
        )
        job = Job(
            policy_id=id_of(processes=processes),
            kind="rl",
            policies_dir=str(config.policies_dir),
            training=config.training.model_dump(mode="json"),
            base_path=base_path,
            settings=_for_worker(config, lake),
            judged=rows.judged,
            run_id=context.run.run_id,
            processes=processes,
        )
        if other := unfinished_elsewhere(job, lambda ranks: id_of(processes=ranks)):
            _told(context, config.training, in_words(job, *other))
        manifest = _completed(context, launcher, job, rows.path, asked.path if asked else None)
        row = policy_row(
            config,
            job,
            manifest,
            identity.grpo_recipe(processes, judged=rows.judged),
            parent_id=base["policy_id"],
            release_id=release["release_id"],
            snapshot_id=snapshot,
        )
        steps, rollouts = (
            logged_steps(job.folder / STEPS),
            pl.scan_parquet(job.folder / ROLLOUTS, glob=False, hive_partitioning=False),
        )
        shows = {
            "base_policy": base["policy_id"],
            "release": release["release_id"],
            "zero_stage": manifest["zero_stage"],
            **metadata.of_run(steps, rollouts, partial(problems_of, rows.path), config.explorer.url),
        }
        sample_ids = (row.sample_id for window in read_windows(rows.path) for row in window)
        result = what_became(sample_ids, rollouts, rows_in, failed, aside)
        spool = Spool("rollouts", folder)
        for frame in rollout_frames(job.folder / ROLLOUTS, policy_id=job.policy_id, run_id=context.run.run_id):
            spool.append(frame)
        said = verdicts(of_steps(steps), config.training.guards)
        return _commit(context, lake, RL, started, row, steps, said, spool, result, shows)


def _refuse_too_large(training: TrainingSettings, base_path: str, processes: int) -> None:
    """End the run where the recipe does not fit the GPUs that it names; the worker asks those that it finds."""
    if training.gpu_memory_gib and (
        line := refusal(training, base_path, gpus=processes, gpu_bytes=training.gpu_memory_gib * GIB)
    ):
        raise dg.Failure(line, allow_retries=False)


def _told(context: dg.AssetExecutionContext, training: TrainingSettings, line: str) -> None:
    """Begin anew beside an unfinished run on other ranks by choice alone, and with a word."""
    if training.on_other_ranks == "refuse":
        raise dg.Failure(line, allow_retries=False)
    context.log.warning(f"begun anew by training.on_other_ranks: {line}")


def _completed(
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
            context.log.info(f"{job.policy_id} is complete in {job.folder}: nothing is trained again")
            return manifest
        path = job.write(rows, heldout)
        launcher.run(
            context,
            _WORKERS[job.kind],
            [str(path)],
            name=job.policy_id,
            processes=job.processes,
            threads=job.training["threads"],
            extras={"policy_id": job.policy_id},
            keep=lock,
            asks=["judge"] if job.kind == "rl" and job.judged else [],
            meanwhile=(lambda: _observed(context, job)) if job.kind == "rl" else None,
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
            seen = shown(metadata.live(steps, job.training["steps"]))
            context.log_event(dg.AssetObservation(RL, metadata={"policy": job.policy_id, **seen}))
    except Exception as error:  # noqa: BLE001 - a page that cannot be shown ends no training
        context.log.warning(f"the page of {job.policy_id} cannot be shown: {type(error).__name__}: {error}")


def _for_worker(config: Settings, lake: Lake) -> dict[str, Any]:
    """The installation's settings with the lake that this run uses, for the judge's ledger."""
    own = LakeSettings(catalog=lake.catalog, data_path=lake.data_path)
    return config.model_copy(update={"lake": own}).model_dump(mode="json")


def _commit(
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


def _only(rows: list[dict[str, Any]], missing: str) -> dict[str, Any]:
    if not rows:
        raise dg.Failure(missing, allow_retries=False)
    return rows[0]
