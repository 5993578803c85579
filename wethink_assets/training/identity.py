"""What makes a policy the policy that it is: ids from everything that decides its weights.

Belongs here: ids, and what a configured base is. Pure. Does not belong here: making it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from wethink_assets.accounting import content_id
from wethink_assets.settings import TrainingSettings

# Raised whenever tiny_policy.py, warm_start.py or the sample scenes change what the tiny policy learns.
TINY_RECIPE = "tiny-qwen2.5-vl 2"
# Raised whenever grpo_worker.py or trainer_config.py change what a run learns.
GRPO_RECIPE = "grpo 1"
TINY = "tiny"
# How fast or how safely a policy is made, not what it becomes.
_IRRELEVANT = {"threads", "checkpoint_every", "vllm_memory_share"}
_BASE_ONLY = {"base", "warm_start_steps"}


class BaseError(ValueError):
    """The configured base policy cannot be used; the message names it and the cure."""


def base_id(training: TrainingSettings, checkpoint: dict[str, Any] | None = None) -> str:
    """Id of the base policy; `checkpoint` is what `inspect_checkpoint` found where it is not the tiny one."""
    if training.base == TINY:
        return "base-" + content_id(TINY_RECIPE, training.seed, training.warm_start_steps)[:12]
    return "base-" + content_id("checkpoint", checkpoint)[:12]


def rl_id(base: str, base_weights: str | None, release_id: str, training: TrainingSettings, judge: str | None) -> str:
    """Id of the policy that these settings make of this base and release. `judge` is the judging model, if any."""
    used = {k: v for k, v in training.model_dump().items() if k not in _IRRELEVANT | _BASE_ONLY}
    return "rl-" + content_id(GRPO_RECIPE, base, base_weights, release_id, used, judge)[:12]


def inspect_checkpoint(base: str) -> dict[str, Any]:
    """What is known of a configured checkpoint without loading it: a folder's config and file sizes, a hub name.

    Raises:
        BaseError: the folder is no checkpoint of a vision-language model.
    """
    folder = Path(base).expanduser()
    if not folder.is_dir():
        if base.startswith(("/", ".", "~")) or base.count("/") != 1:
            raise BaseError(
                f"training.base = {base!r} is neither a folder nor a hub name (owner/name): give an existing folder, or 'tiny'"
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
