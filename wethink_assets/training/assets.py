"""The training assets: the base policy and the RL policy (GRPO).

Belongs here: the two assets. Does not belong here: the SFT policy (sft_assets.py), what all share (policy_runs.py),
learning (worker modules, never imported here: they need torch), ids (identity.py), files (job.py), rows (rows.py),
gates (gates.py), pictures (metadata.py).
"""

import time
from functools import partial

import dagster as dg
import polars as pl

from resources.lake.resource import Lake
from resources.lake.spool import Spool
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers.launcher import GpuLauncher, worker_processes
from wethink_assets.accounting import StageResult
from wethink_assets.asset_factory import lake_asset
from wethink_assets.picture_files import PictureFiles
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.training import identity, metadata
from wethink_assets.training.gates import GUARD_GATES, IMPROVED, SOUND
from wethink_assets.training.job import ROLLOUTS, STEPS, Job, logged_steps
from wethink_assets.training.memory_cures import refusal
from wethink_assets.training.memory_plan import GIB
from wethink_assets.training.other_ranks import in_words, unfinished_elsewhere
from wethink_assets.training.policy_runs import (
    GROUP,
    OWNER,
    begun_anew,
    checkpoint_of,
    commit_policy,
    completed,
    for_worker,
    only,
)
from wethink_assets.training.release_rows import asked_rows, learned_rows
from wethink_assets.training.row_file import problems_of, read_windows
from wethink_assets.training.rows import (
    policy_row,
    registered_row,
    rollout_frames,
    what_became,
)
from wethink_assets.training.sft_assets import SFT, sft_asset, start_of
from wethink_assets.training.watch import of_steps, verdicts

BASE = dg.AssetKey("base_policy")
RL = dg.AssetKey("rl_policy")
OPTIONAL = "fine_tuning"  # the group of what only runs when it is asked for
NO_RATES = (
    'training.order = "easy_first" needs pass rates, and no row has one: set [pass_rates] rows and materialise '
    'pass_rates_base, or set training.order = "shuffled"'
)


def training_assets(training: TrainingSettings | None = None) -> list[dg.AssetsDefinition]:
    """The policies; the SFT policy stands aside unless reinforcement learning begins from it."""
    start_from = (training or TrainingSettings()).start_from
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
        deps=["release", BASE, "pass_rates_base", "judge_calibration", *([SFT] if start_from == "sft" else [])],
        gates=(SOUND, IMPROVED, *GUARD_GATES),
        code_version=identity.grpo_code(),
    )
    return [base(_base_policy), sft_asset(GROUP if start_from == "sft" else OPTIONAL), rl(_rl_policy)]


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
    manifest = completed(context, launcher, job)
    steps = logged_steps(job.folder / STEPS)
    curve = metadata.curves(steps, {"loss": "loss of the warm start"}, "Warm start of the base policy")
    shows = {"loss": Markdown(curve), "parameters": manifest["parameters"], "lessons": manifest["lessons"]}
    row = policy_row(config, job, manifest, identity.tiny_recipe())
    return commit_policy(context, lake, BASE, started, row, steps, [], None, StageResult(1, 1, {}), shows)


def _register(context: dg.AssetExecutionContext, lake: Lake, config: Settings, started: float) -> dg.MaterializeResult:
    """A configured checkpoint becomes the base policy as it is."""
    try:
        checkpoint = identity.inspect_checkpoint(config.training.base)
    except identity.BaseError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    row = registered_row(identity.base_id(config.training, checkpoint), checkpoint)
    result, shows = StageResult(1, 1, {}), {"checkpoint": row["path"]}
    return commit_policy(context, lake, BASE, started, row, [], [], None, result, shows)


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
    base = only(
        lake.rows("training/select_current_policy", asset="base_policy"),
        "there is no base policy: materialise base_policy",
    )
    release = only(lake.rows("dataset/select_latest_release"), "there is no release: materialise release")
    processes = worker_processes(config.training.processes)
    start = start_of(lake, base, release["release_id"]) if config.training.start_from == "sft" else base
    base_path = checkpoint_of(config, start)
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
            start["policy_id"],
            start["weights_sha256"],
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
            settings=for_worker(config, lake),
            judged=rows.judged,
            run_id=context.run.run_id,
            processes=processes,
        )
        if other := unfinished_elsewhere(job, lambda ranks: id_of(processes=ranks)):
            begun_anew(context, config.training, in_words(job, *other))
        manifest = completed(context, launcher, job, rows.path, asked.path if asked else None)
        row = policy_row(
            config,
            job,
            manifest,
            identity.grpo_recipe(processes, judged=rows.judged),
            parent_id=start["policy_id"],
            release_id=release["release_id"],
            snapshot_id=snapshot,
        )
        steps, rollouts = (
            logged_steps(job.folder / STEPS),
            pl.scan_parquet(job.folder / ROLLOUTS, glob=False, hive_partitioning=False),
        )
        shows = {
            "base_policy": base["policy_id"],
            **({"sft_policy": start["policy_id"]} if start is not base else {}),
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
        return commit_policy(context, lake, RL, started, row, steps, said, spool, result, shows)


def _refuse_too_large(training: TrainingSettings, base_path: str, processes: int) -> None:
    """End the run where the recipe does not fit the GPUs that it names; the worker asks those that it finds."""
    if training.gpu_memory_gib and (
        line := refusal(training, base_path, gpus=processes, gpu_bytes=training.gpu_memory_gib * GIB)
    ):
        raise dg.Failure(line, allow_retries=False)
