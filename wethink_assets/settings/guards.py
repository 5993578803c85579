"""Settings of the guards of a training run: what each bound is, and whether it ends the run or warns.

Belongs here: bounds and their defaults. Does not belong here: how a guard looks at a run (training/guards.py).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wethink_assets.settings.base import Strict

Strength = Literal["stop", "warn", "off"]


class GuardSettings(Strict):
    """Guards of a training run: each `stop`s it with one line, `warn`s, or is `off`. All bounds are ours [D].

    `non_finite`: loss or gradient norm is no finite number. `kl`: the mean KL to the reference policy over a `window`
    of steps, in nats a token, is above `kl_bound` (with `beta` alone). `entropy`: the entropy of a token fell below
    `entropy_share` of what it was in the first window. `length`: replies grew to `length_times` their length, or the
    share that is cut off rose above `length_cut`. `format`: over the run the format reward rose by `format_gain`, and
    accuracy by less than `flat_accuracy`. `divergence`: what the judge scores rose by `divergence_gap` more than what
    rules score, and that fell. `heldout`: accuracy on held-out rows is `heldout_drop` below its best while the reward
    rose (with `heldout_every` alone). `mismatch`: engine and trainer differ by more than `mismatch_bound` nats a token
    (with vLLM alone).

    They change nothing that is learned: a run that one ended goes on from its checkpoint when its setting was changed.
    """

    window: int = Field(20, ge=1)
    non_finite: Strength = "stop"
    kl: Strength = "stop"
    kl_bound: float = Field(1.0, gt=0)
    entropy: Strength = "warn"
    entropy_share: float = Field(0.1, ge=0, lt=1)
    length: Strength = "warn"
    length_times: float = Field(3.0, gt=1)
    length_cut: float = Field(0.5, gt=0, le=1)
    format: Strength = "warn"
    format_gain: float = Field(0.2, gt=0)
    flat_accuracy: float = Field(0.02, ge=0)
    divergence: Strength = "warn"
    divergence_gap: float = Field(0.2, gt=0)
    heldout: Strength = "warn"
    heldout_drop: float = Field(0.1, gt=0)
    mismatch: Strength = "stop"
    mismatch_bound: float = Field(0.1, gt=0)
