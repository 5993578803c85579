"""Settings of supervised fine-tuning (SFT) on a release's reasoning paths.

Belongs here: the model and its defaults. Does not belong here: whether reinforcement learning begins from it
(policies.py), how it learns (training/sft_worker.py).
"""

from __future__ import annotations

from pydantic import Field

from wethink_assets.settings.base import Strict


class SftSettings(Strict):
    """How `sft_policy` learns the release's paths and answers by heart. All values are ours [D], for the tiny policy.

    A step learns from `rows_per_step` rows, `micro_batch` of them at a time on each process (0: the whole share of the
    process). A row whose reply is longer than `max_reply_chars` characters is set aside, with its reason: no reply is
    cut. Everything else is that of `[training]`: seed, ZeRO stage, adapters, pixels, processes, checkpoints.
    """

    steps: int = Field(60, ge=1, le=1_000_000)
    rows_per_step: int = Field(32, ge=1, le=65_536)
    micro_batch: int = Field(0, ge=0)
    learning_rate: float = Field(1e-4, gt=0, le=1)
    min_lr_rate: float = Field(0.1, ge=0, le=1)
    warmup_steps: int = Field(5, ge=0)
    max_reply_chars: int = Field(8_192, ge=1, le=1_000_000)
