"""The SFT asset: what supervised fine-tuning on a release's reasoning paths makes of the base policy.

Belongs here: that asset, and which SFT policy reinforcement learning may begin from. Does not belong here: learning
(sft_worker.py), rows and ids (sft.py), what all policies share (policy_runs.py).
"""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import dagster as dg

from resources.lake.resource import Lake
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers.launcher import GpuLauncher, worker_processes
from wethink_assets.asset_factory import lake_asset
from wethink_assets.picture_files import PictureFiles
from wethink_assets.training import metadata, sft
from wethink_assets.training.gates import LOSS_FELL, NON_FINITE, SOUND
from wethink_assets.training.job import STEPS, Job, logged_steps
from wethink_assets.training.other_ranks import in_words, unfinished_elsewhere
from wethink_assets.training.policy_runs import OWNER, begun_anew, checkpoint_of, commit_policy, completed, only
from wethink_assets.training.release_rows import taught_rows
from wethink_assets.training.rows import policy_row
from wethink_assets.training.watch import of_steps, verdicts

SFT = dg.AssetKey("sft_policy")


def sft_asset(group: str) -> dg.AssetsDefinition:
    """The SFT policy, in a group that runs with the others or only when it is asked for."""
    return lake_asset(
        key=SFT,
        group=group,
        description=(
            "Optional: what supervised fine-tuning (TRL's SFTTrainer under a DeepSpeed ZeRO configuration) makes of "
            "the base policy on the release's frozen training rows: image and question to reasoning path and answer. "
            "Resumes from its last checkpoint; the same base, release and settings are the same policy. "
            'Reinforcement learning begins from it with `training.start_from = "sft"`.'
        ),
        tables=("policies", "training_steps", "training_guards"),
        kinds={"pytorch", "deepspeed", "python"},
        owner=OWNER,
        pool="gpu",
        deps=["release", "base_policy"],
        gates=(SOUND, LOSS_FELL, NON_FINITE),
        code_version=sft.sft_code(),
    )(_sft_policy)


def _sft_policy(
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
    try:
        sft.micro_batches(config.training, processes)
    except ValueError as error:
        raise dg.Failure(str(error), allow_retries=False) from None
    with scratch_folder(config.scratch_dir, "sft_policy") as folder:
        rows, ids, failed, aside, rows_in = taught_rows(
            lake, images, release["release_id"], folder, config.training.sft
        )
        if not rows.rows:
            raise dg.Failure(
                f"release {release['release_id']} has no training row with a readable image and a reasoning path "
                f"({rows_in} rows): see the release, or training.sft.max_reply_chars",
                allow_retries=False,
            )
        id_of = partial(
            sft.sft_id,
            base["policy_id"],
            base["weights_sha256"],
            release["release_id"],
            config.training,
            rows=rows.digest,
        )
        job = Job(
            policy_id=id_of(processes=processes),
            kind="sft",
            policies_dir=str(config.policies_dir),
            training=sft.as_trained(config.training).model_dump(mode="json"),
            base_path=checkpoint_of(config, base),
            judged=False,
            run_id=context.run.run_id,
            processes=processes,
        )
        if other := unfinished_elsewhere(job, lambda ranks: id_of(processes=ranks)):
            begun_anew(context, config.training, in_words(job, *other))
        manifest = completed(context, launcher, job, rows.path)
        row = policy_row(
            config,
            job,
            manifest,
            sft.sft_recipe(processes),
            parent_id=base["policy_id"],
            release_id=release["release_id"],
            snapshot_id=snapshot,
        )
        steps = logged_steps(job.folder / STEPS)
        said = [v for v in verdicts(of_steps(steps), config.training.guards) if v["guard"] == "non_finite"]
        before, after = metadata.rise(steps, "loss")
        shows = {
            "base_policy": base["policy_id"],
            "release": release["release_id"],
            "zero_stage": manifest["zero_stage"],
            "rows_learned": manifest["rows"],
            "loss_first_fifth": before,
            "loss_last_fifth": after,
            **metadata.of_sft(steps),
        }
        result = sft.what_became(ids, job.folder, rows_in, failed, aside)
        return commit_policy(context, lake, SFT, started, row, steps, said, None, result, shows)


def start_of(lake: Lake, base: Mapping[str, Any], release_id: str) -> dict[str, Any]:
    """The SFT policy that reinforcement learning begins from.

    Raises:
        Failure: there is none, or it came from another base or learned from another release, of which rows may be held
            out in this one.
    """
    policy = only(
        lake.rows("training/select_current_policy", asset="sft_policy"),
        'there is no SFT policy: materialise sft_policy, or set training.start_from = "base"',
    )
    for what, now, then in (
        ("began from", base["policy_id"], policy["parent_id"]),
        ("learned from release", release_id, policy["release_id"]),
    ):
        if now != then:
            raise dg.Failure(
                f"{policy['policy_id']} {what} {then}, and the latest is {now}: materialise sft_policy again",
                allow_retries=False,
            )
    return policy
