"""The training assets: the base policy and the RL policy.

Belongs here: the two assets. Does not belong here: learning (worker modules, never imported here: they need torch),
ids (identity.py), files (job.py), pictures (metadata.py).
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import polars as pl

from resources.image_files import ImageFiles, ImageMissingError
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.workers.launcher import GpuLauncher, worker_processes
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.commit import column_schema, commit_stage, conservation_spec
from wethink_assets.settings import LakeSettings, Settings
from wethink_assets.training import identity, metadata
from wethink_assets.training.job import ROLLOUTS, STEPS, Job, TrainingRow, read_lines, read_manifest

BASE = dg.AssetKey("base_policy")
RL = dg.AssetKey("rl_policy")
SOUND = "weights_sound"
IMPROVED = "reward_improved"
_WORKERS = {"base": "wethink_assets.training.base_worker", "rl": "wethink_assets.training.grpo_worker"}


def _sound_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        SOUND,
        asset=key,
        blocking=True,
        description="The checkpoint takes images, its weights are finite and are those that were trained (SHA-256).",
    )


@dg.asset(
    key=BASE,
    group_name="training",
    kinds={"pytorch", "python"},
    owners=["team:vlm-research"],
    pool="gpu",
    description=(
        "The policy that reinforcement learning begins with. In the demo a Qwen2.5-VL of about a million parameters, "
        "created here and warm-started on drawn images of its own seed, so that it has the reply format and is right "
        "only now and then; by configuration (`training.base`) any local or hub checkpoint, which is only registered."
    ),
    metadata=column_schema("policies", "training_steps"),
    check_specs=[conservation_spec(BASE), _sound_spec(BASE)],
)
def base_policy(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, launcher: GpuLauncher
) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    training = config.training
    if training.base != identity.TINY:
        return _register(context, lake, config, started)
    job = Job(identity.base_id(training), "base", str(config.policies_dir), training.model_dump(mode="json"))
    manifest = _made(context, launcher, job)
    steps = list(read_lines(job.folder / STEPS))
    shows = {
        "loss": dg.MetadataValue.md(
            metadata.curves(steps, {"loss": "loss of the warm start"}, "Warm start of the base policy")
        ),
        "parameters": manifest["parameters"],
        "lessons": manifest["lessons"],
    }
    row = _policy_row(config, job, manifest, config_used={"recipe": identity.tiny_recipe(), **job.training})
    return _commit(
        context, lake, BASE, started, row, steps, None, StageResult(1, 1, {}), shows, [_sound(BASE, job, manifest)]
    )


@dg.asset(
    key=RL,
    deps=["release", BASE, "judge_calibration"],
    group_name="training",
    kinds={"pytorch", "deepspeed", "python"},
    owners=["team:vlm-research"],
    pool="gpu",
    description=(
        "What GRPO makes of the base policy on the training rows of the release: TRL under a DeepSpeed ZeRO "
        "configuration, reward 0.7 accuracy + 0.3 format, free-form rows scored by the judge. Runs in a process of its "
        "own, reports while it runs, resumes from its last checkpoint; every completion that was sampled is a row "
        "with its reward. "
        "The same base, release and settings are the same policy, which is not trained twice."
    ),
    metadata=column_schema("policies", "training_steps", "rollouts"),
    check_specs=[
        conservation_spec(RL),
        _sound_spec(RL),
        dg.AssetCheckSpec(
            IMPROVED, asset=RL, description="The mean reward of the last fifth of the steps is above the first fifth's."
        ),
    ],
)
def rl_policy(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, launcher: GpuLauncher
) -> dg.MaterializeResult:
    started = time.monotonic()
    config = settings.get()
    snapshot = lake.snapshot_id()
    base = _only(
        lake.rows("training/select_current_policy", asset="base_policy"),
        "there is no base policy: materialise base_policy",
    )
    release = _only(lake.rows("dataset/select_latest_release"), "there is no release: materialise release")
    selected = lake.rows("dataset/select_training_rows", release_id=release["release_id"])
    rows, failed = _training_rows(selected, images)
    if not rows:
        raise dg.Failure(
            f"release {release['release_id']} has no training row with a readable image ({len(selected)} rows)",
            allow_retries=False,
        )
    judged = any(row.reward == "model" for row in rows)
    processes = worker_processes(config.training.processes)
    job = Job(
        policy_id=identity.rl_id(
            base["policy_id"],
            base["weights_sha256"],
            release["release_id"],
            config.training,
            config.endpoint("judge").model if judged else None,
            processes=processes,
            rows=identity.rows_digest(rows),
        ),
        kind="rl",
        policies_dir=str(config.policies_dir),
        training=config.training.model_dump(mode="json"),
        base_path=str(config.home / base["path"]) if (config.home / base["path"]).is_dir() else base["path"],
        settings=_for_worker(config, lake),
        judged=judged,
        run_id=context.run.run_id,
    )
    manifest = _made(context, launcher, job, rows)
    steps = list(read_lines(job.folder / STEPS))
    rollouts = pl.read_parquet(job.folder / ROLLOUTS)
    result = _what_became(rows, rollouts, len(selected), failed)
    before, after = metadata.rise(steps)
    shows = {
        "base_policy": base["policy_id"],
        "release": release["release_id"],
        "reward_first_fifth": before,
        "reward_last_fifth": after,
        "accuracy_last_fifth": metadata.rise(steps, "rewards/accuracy/mean")[1],
        "rollouts": rollouts.height,
        "rollouts_left_out": rollouts["reward"].null_count(),
        "zero_stage": manifest["zero_stage"],
        "rewards": dg.MetadataValue.md(
            metadata.curves(
                steps,
                {"reward": "reward", "rewards/accuracy/mean": "accuracy", "rewards/format/mean": "format"},
                "Mean reward of each step's completions",
            )
        ),
        "loss": dg.MetadataValue.md(metadata.curves(steps, {"loss": "loss", "entropy": "entropy"}, "Loss and entropy")),
        "example_rollouts": dg.MetadataValue.md(
            metadata.examples(
                rollouts.filter(pl.col("member") == 0).to_dicts(), {r.sample_id: (r.problem, r.answer) for r in rows}
            )
        ),
    }
    row = _policy_row(
        config,
        job,
        manifest,
        config_used={"recipe": identity.grpo_recipe(processes, judged=judged), **job.training},
        parent_id=base["policy_id"],
        release_id=release["release_id"],
        snapshot_id=snapshot,
    )
    improved = dg.AssetCheckResult(
        asset_key=RL,
        check_name=IMPROVED,
        passed=after > before,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"mean reward {before:.3f} in the first fifth of the steps, {after:.3f} in the last",
        metadata={"first": before, "last": after},
    )
    return _commit(
        context, lake, RL, started, row, steps, rollouts, result, shows, [_sound(RL, job, manifest), improved]
    )


# -- making ----------------------------------------------------------------------------------------


def _made(
    context: dg.AssetExecutionContext, launcher: GpuLauncher, job: Job, rows: list[TrainingRow] | None = None
) -> dict[str, Any]:
    """The manifest of the finished policy; made now unless it is there, going on where an earlier run was ended."""
    manifest = read_manifest(job.folder)
    if manifest is not None:
        context.log.info(f"{job.policy_id} is complete in {job.folder}: nothing is trained again")
        return manifest
    path = job.write(rows or [])
    training = job.training
    launcher.run(
        context,
        _WORKERS[job.kind],
        [str(path)],
        name=job.policy_id,
        processes=training["processes"] if job.kind == "rl" else 1,
        threads=training["threads"],
        extras={"policy_id": job.policy_id},
    )
    manifest = read_manifest(job.folder)
    if manifest is None:
        raise dg.Failure(f"the worker ended well but {job.folder} is not complete: see its log", allow_retries=False)
    return manifest


def _training_rows(selected: list[dict[str, Any]], images: ImageFiles) -> tuple[list[TrainingRow], list[Stopped]]:
    images.prefetch(sorted({row["image_id"] for row in selected}), files=True)
    rows, failed = [], []
    for row in selected:
        try:
            path = images.path(row["image_id"])
        except ImageMissingError as error:
            failed.append(Stopped(row["sample_id"], "image_missing", str(error)))
            continue
        rows.append(
            TrainingRow(
                sample_id=row["sample_id"],
                problem=row["problem"],
                answer=row["answer"],
                answer_typed=row["answer_typed"],
                category=row["category"],
                reward=row["reward"],
                image_id=row["image_id"],
                image=str(path),
            )
        )
    return rows, failed


def _what_became(rows: list[TrainingRow], rollouts: pl.DataFrame, rows_in: int, failed: list[Stopped]) -> StageResult:
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


def _for_worker(config: Settings, lake: Lake) -> dict[str, Any]:
    """The installation's settings with the lake that this run uses, for the judge's ledger."""
    own = LakeSettings(catalog=lake.catalog, data_path=lake.data_path)
    return config.model_copy(update={"lake": own}).model_dump(mode="json")


# -- recording -------------------------------------------------------------------------------------


def _register(context: dg.AssetExecutionContext, lake: Lake, config: Settings, started: float) -> dg.MaterializeResult:
    """A configured checkpoint becomes the base policy as it is."""
    try:
        known = identity.inspect_checkpoint(config.training.base)
    except identity.BaseError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    row = {
        "policy_id": identity.base_id(config.training, known),
        "kind": "base",
        "parent_id": None,
        "release_id": None,
        "path": known.get("folder") or known["hub"],
        "weights_sha256": None,
        "config": known,
        "snapshot_id": None,
        "seconds": 0.0,
    }
    sound = dg.AssetCheckResult(
        asset_key=BASE,
        check_name=SOUND,
        passed=True,
        description="registered: its configuration takes images; weights are looked at when they are loaded"
        if "folder" in known
        else "registered by hub name: looked at when it is loaded",
    )
    return _commit(
        context, lake, BASE, started, row, [], None, StageResult(1, 1, {}), {"checkpoint": row["path"]}, [sound]
    )


def _policy_row(
    config: Settings, job: Job, manifest: dict[str, Any], config_used: dict[str, Any], **more: Any
) -> dict[str, Any]:
    folder = job.folder
    return {
        "policy_id": job.policy_id,
        "kind": job.kind,
        "parent_id": None,
        "release_id": None,
        "path": str(folder.relative_to(config.home)) if folder.is_relative_to(config.home) else str(folder),
        "weights_sha256": manifest["weights_sha256"],
        "config": config_used,
        "snapshot_id": None,
        "seconds": float(manifest["seconds"]),
        **more,
    }


def _sound(key: dg.AssetKey, job: Job, manifest: dict[str, Any]) -> dg.AssetCheckResult:
    """The manifest was read back with the weights' hash, so only what the worker saw in them is left to check."""
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=SOUND,
        passed=bool(manifest.get("finite")) and (job.folder / "config.json").is_file(),
        metadata={"weights_sha256": manifest["weights_sha256"], "finite": bool(manifest.get("finite"))},
    )


def _commit(
    context: dg.AssetExecutionContext,
    lake: Lake,
    key: dg.AssetKey,
    started: float,
    row: dict[str, Any],
    steps: list[dict[str, Any]],
    rollouts: pl.DataFrame | None,
    result: StageResult,
    shows: dict[str, Any],
    checks: list[dg.AssetCheckResult],
) -> dg.MaterializeResult:
    """Write the policy's rows, unless the lake has exactly these from an earlier run."""
    policy_id = row["policy_id"]
    own = {"policy_id": policy_id}
    known = lake.rows("training/count_policy_rows", policy_id=policy_id, weights=row["weights_sha256"])[0]
    wanted = {"policies": 1, "steps": len(steps), "rollouts": 0 if rollouts is None else rollouts.height}
    tables: dict[str, Sequence[Mapping[str, Any]]] = {}
    frames: dict[str, pl.DataFrame] = {}
    if known != wanted:
        tables = {
            "policies": [row],
            "training_steps": [{**own, "step": s["step"], "metrics": s["metrics"]} for s in steps],
        }
        if rollouts is not None:
            frames["rollouts"] = rollouts.with_columns(pl.lit(policy_id).alias("policy_id"))
    return commit_stage(
        context,
        lake,
        StageResult(
            result.rows_in, result.continued, tables, result.dropped, result.failed, {"policy_id": policy_id}, frames
        ),
        key=key,
        batch="",
        run_id=context.run.run_id,
        started=started,
        replace=dict.fromkeys((*tables, *frames), own),
        metadata={
            "policy": policy_id,
            "training_seconds": round(row["seconds"], 1),
            "weights_sha256": row["weights_sha256"] or "not hashed",
            "folder": dg.MetadataValue.path(str(row["path"])),
            **shows,
        },
        checks=checks,
        data_version=policy_id,
    )


def _only(found: list[dict[str, Any]], missing: str) -> dict[str, Any]:
    if not found:
        raise dg.Failure(missing, allow_retries=False)
    return found[0]


ASSETS = [base_policy, rl_policy]
