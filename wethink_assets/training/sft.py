"""Supervised fine-tuning (SFT) of a policy on a release's paths: its rows, its recipe and its id.

Belongs here: which reply a row teaches, which rows teach none, settings in the words of the step log, the id. Pure.
Does not belong here: learning (sft_worker.py), reading rows from the lake (release_rows.py), the asset (sft_assets.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.code_digest import function_digest, modules_digest
from wethink_assets.exports.texts import reply
from wethink_assets.settings import GuardSettings, TrainingSettings
from wethink_assets.training.identity import GRPO_MODULES
from wethink_assets.training.job import LEARNED
from wethink_assets.training.row_file import TrainingRow

# What a run learns, besides its settings. Loading, pixels and merging are the GRPO worker's.
SFT_MODULES = (*GRPO_MODULES, "training/sft_worker")
# Of [training], what decides the weights too; the rest of it is of reinforcement learning.
_SHARED = ("seed", "adam_beta2", "zero_stage", "lora_rank", "lora_alpha", "min_pixels", "max_pixels")
_SPECIAL = re.compile(r"<\|[a-z_]{1,40}\|>")  # a token of the chat's frame or of pixels, in a text


def sft_recipe(processes: int) -> dict[str, Any]:
    """Code version of what a run learns, and the number of processes, whose gradients are summed in their own order."""
    return {"trainer": sft_code(), "processes": processes}


def sft_code() -> str:
    """Code version of SFT policies in general."""
    return content_id(modules_digest(*SFT_MODULES), function_digest(reply))[:16]


def sft_id(
    base: str,
    base_weights: str | None,
    release_id: str,
    training: TrainingSettings,
    *,
    processes: int = 1,
    rows: str = "",
) -> str:
    """Id of the policy that SFT with these settings makes of this base and release, in so many processes.

    `rows` is the digest of the rows that it learns from, replies included.
    """
    used = {name: getattr(training, name) for name in _SHARED} | {"sft": training.sft.model_dump()}
    return "sft-" + content_id("sft", sft_recipe(processes), base, base_weights, release_id, rows, used)[:12]


def as_trained(training: TrainingSettings) -> TrainingSettings:
    """`[training]` as this run follows it: its own steps and rates, and of the guards the one that looks at losses."""
    own = training.sft
    off: dict[str, Any] = {
        name: "off" for name, value in training.guards if isinstance(value, str) and name != "non_finite"
    }
    return training.model_copy(
        update={
            "steps": own.steps,
            "learning_rate": own.learning_rate,
            "min_lr_rate": own.min_lr_rate,
            "warmup_steps": own.warmup_steps,
            "guards": GuardSettings.model_validate(training.guards.model_dump() | off),
            "heldout_every": 0,
        }
    )


def micro_batches(training: TrainingSettings, processes: int) -> tuple[int, int]:
    """Rows of a micro-batch on one process, and how many micro-batches make a step there.

    Raises:
        ValueError: the step cannot be split so.
    """
    own = training.sft
    if own.rows_per_step % processes:
        raise ValueError(
            f"training.sft.rows_per_step = {own.rows_per_step} rows cannot be shared out to {processes} processes: "
            "make it a multiple of them"
        )
    share = own.rows_per_step // processes
    micro = own.micro_batch or share
    if share % micro:
        raise ValueError(
            f"training.sft.rows_per_step = {own.rows_per_step} rows cannot be split into micro-batches of {micro} on "
            f"{processes} processes: set training.sft.micro_batch to a divisor of {share}"
        )
    return micro, share // micro


def taught(selected: Sequence[Mapping[str, Any]], most: int) -> tuple[dict[str, str], list[Stopped]]:
    """The reply that each of a release's rows teaches, by sample id, and rows that teach none.

    `most` characters a reply. Rows whose text is gone are in neither: training_rows tells of them.
    """
    replies: dict[str, str] = {}
    aside: list[Stopped] = []
    for row in selected:
        sample, path = row["sample_id"], row["refined_cot"]
        if row["problem"] is None:
            continue
        text = reply(path or "", row["answer"] or "")
        if not (path or "").strip() or not (row["answer"] or "").strip():
            aside.append(Stopped(sample, "no_path", "the row has no reasoning path or no answer to learn from"))
        elif special := _SPECIAL.search(text) or _SPECIAL.search(row["problem"]):
            aside.append(
                Stopped(sample, "special_token", f"{special[0]} in a text would be read as a token of the chat")
            )
        elif len(text) > most:
            why = f"{len(text):,} characters, above training.sft.max_reply_chars = {most:,}"
            aside.append(Stopped(sample, "reply_too_long", why))
        else:
            replies[sample] = text
    return replies, aside


def with_replies(rows: Sequence[TrainingRow], replies: Mapping[str, str]) -> list[TrainingRow]:
    """The rows, each with the reply that it teaches."""
    return [replace(row, reply=replies[row.sample_id]) for row in rows]


def what_became(
    sample_ids: Sequence[str], folder: Path, rows_in: int, failed: Sequence[Stopped], aside: Sequence[Stopped]
) -> StageResult:
    """Rows went on when the policy in `folder` learned from them."""
    learned = set((folder / LEARNED).read_text("utf-8").split())
    why = "training ended before its turn: more steps reach it"
    dropped = [Stopped(sample, "not_reached", why) for sample in sample_ids if sample not in learned]
    return StageResult(rows_in, len(sample_ids) - len(dropped), {}, [*aside, *dropped], list(failed))
