"""Policy ids: content hashes of everything that decides a policy's weights, code included.

Belongs here: ids, and what a configured base is. Pure. Does not belong here: making it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from wethink_assets.accounting import content_id
from wethink_assets.code_digest import function_digest, modules_digest
from wethink_assets.code_versions import ASKING, code_version
from wethink_assets.dataset.record import with_options
from wethink_assets.rewards.answers import DESCRIPTIVE
from wethink_assets.rewards.format import SYSTEM_PROMPT
from wethink_assets.rewards.identity import rewards_digest
from wethink_assets.settings import TrainingSettings

TINY = "tiny"
# What a GRPO run learns, besides its settings and rewards. job.py says only where files lie.
GRPO_MODULES = tuple(
    f"training/{name}"
    for name in (
        "batches",
        "conversation",
        "flat_groups",
        "group_trainer",
        "grpo_worker",
        "saving",
        "scoring",
        "trainer_config",
        "training_set",
        "worker",
    )
)
# What the tiny base learns: its shape, its lessons, and what draws and words their scenes.
TINY_MODULES = (
    *(f"training/{name}" for name in ("base_worker", "conversation", "tiny_policy", "warm_start", "worker")),
    *(f"demo/pack/{name}" for name in ("items", "kinds", "palette", "render", "scene")),
)
# How fast or how safely a policy is made, not what it becomes.
_IRRELEVANT = {
    "preset",  # what it sets counts
    "threads",
    "decode_workers",
    "checkpoint_every",
    "checkpoints_kept",
    "on_other_ranks",
    "guards",
    "report_to",
    "gpu_memory_gib",
    "offload",
    "vllm_memory_share",
    "vllm_sleep",
    "max_model_length",
    "start_from",  # the policy that it begins from is in the id
    "sft",
}
_BASE_ONLY = {"base", "warm_start_steps"}


class BaseError(ValueError):
    """The configured base policy cannot be used; the message names it and the cure."""


def tiny_recipe() -> str:
    """Code version of what makes the tiny base policy."""
    return content_id(modules_digest(*TINY_MODULES), SYSTEM_PROMPT, DESCRIPTIVE, function_digest(with_options))[:16]


def grpo_recipe(processes: int, *, judged: bool) -> dict[str, Any]:
    """Code version of what a GRPO run learns: of trainer and rewards, and the number of processes that sample.

    Each process draws completions and permutes rewards by its own random state, so another number of them is another
    run.
    """
    return {
        "trainer": modules_digest(*GRPO_MODULES),
        "rewards": rewards_digest(judged=judged),
        "processes": processes,
    }


def grpo_code() -> str:
    """Code version of RL policies in general: of the trainer, the rewards, the judge's prompt and how it is asked."""
    return content_id(modules_digest(*GRPO_MODULES), rewards_digest(), code_version(ASKING))[:16]


def base_id(training: TrainingSettings, checkpoint: dict[str, Any] | None = None, *, processes: int = 1) -> str:
    """Id of the base policy; `checkpoint` is what `inspect_checkpoint` found where it is not the tiny one.

    The tiny one is warm-started by so many `processes`, whose gradients are summed in another order than one's own: the
    weights differ in their last digits, and with them what is sampled later.
    """
    if training.base == TINY:
        return "base-" + content_id("tiny", tiny_recipe(), training.seed, training.warm_start_steps, processes)[:12]
    return "base-" + content_id("checkpoint", checkpoint)[:12]


def rl_id(
    base: str,
    base_weights: str | None,
    release_id: str,
    training: TrainingSettings,
    judge: str | None,
    *,
    processes: int = 1,
    rows: str = "",
    heldout: str = "",
) -> str:
    """Id of the policy that GRPO with these settings makes of this base and release, in so many processes.

    `judge` is the judging model, None where no row needs one; `rows` the digest of the rows that have their image,
    `heldout` of those that are asked in between, which draws on the same random state.
    What decides the rewards and the trainer's code count too.
    """
    used = {k: v for k, v in training.model_dump().items() if k not in _IRRELEVANT | _BASE_ONLY | {"processes"}}
    recipe = grpo_recipe(processes, judged=judge is not None)
    return (
        "rl-"
        + content_id(
            "grpo", recipe, base, base_weights, release_id, rows, used, judge, *([heldout] if heldout else [])
        )[:12]
    )


def inspect_checkpoint(base: str) -> dict[str, Any]:
    """What is known of a configured checkpoint without loading it: a folder's config and file sizes, a hub name.

    Raises:
        BaseError: the folder is no checkpoint of a vision-language model.
    """
    folder = Path(base).expanduser()
    if not folder.is_dir():
        if base.startswith(("/", ".", "~")) or base.count("/") != 1:
            raise BaseError(
                f"training.base = {base!r} is neither a folder nor a hub name (owner/name): "
                "give an existing folder, or 'tiny'"
            )
        return {"hub": base}
    config = folder / "config.json"
    try:
        described = json.loads(config.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BaseError(
            f"training.base = {base!r} has no readable config.json ({error}): give a folder written by save_pretrained"
        ) from None
    if not isinstance(described, dict) or "vision_config" not in described:
        kind = described.get("model_type", "unknown") if isinstance(described, dict) else "unknown"
        raise BaseError(
            f"training.base = {base!r} is a {kind} model, which takes no images: choose a vision-language model"
        )
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise BaseError(
            f"training.base = {base!r} holds no *.safetensors: convert its weights, pickled ones are never loaded"
        )
    return {
        "folder": str(folder.resolve()),
        "config": described,
        "weights": [[p.name, p.stat().st_size] for p in weights],
    }
