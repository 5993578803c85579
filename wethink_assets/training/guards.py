"""Guards of a training run (divergence, collapse, reward hacking): what each sees in the logged steps, and says.

Belongs here: the guards, and the part of a run that they look at. Pure. Does not belong here: bounds
(settings/guards.py), asking them step by step (watch.py), the asset checks of what was found (gates.py).

A run is read in windows: the first `window` steps are what it began with, the latest ones what it came to. Every bound
is ours [D]: none is the paper's. A guard whose metrics a run does not have says nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from wethink_assets.settings.guards import GuardSettings

ACCURACY, FORMAT, REWARD, HELDOUT = "rewards/accuracy/mean", "rewards/format/mean", "reward", "heldout/accuracy"
BY_RULE, BY_JUDGE = "accuracy/rule", "accuracy/model"
MISMATCH = "sampling/sampling_logp_difference/mean"
ASIDE = "heldout/"  # metrics of held-out rows, which are no part of a step
Metrics = Mapping[str, Any]


class Seen(NamedTuple):
    """What a guard saw: the value, its bound, and the cause with its cure."""

    value: float | None
    bound: float
    line: str


class History:
    """The steps of a run so far, as far as guards look at them."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.first: list[Metrics] = []
        self.latest: deque[Metrics] = deque(maxlen=window)
        self.heldout: list[tuple[float, float | None]] = []  # accuracy, and the reward of the window before it
        self.steps = 0

    def add(self, metrics: Metrics) -> None:
        """A step, what was found on held-out rows after it, or both."""
        if any(not name.startswith(ASIDE) for name in metrics):
            self.steps += 1
            self.latest.append(metrics)
            if len(self.first) < self.window:
                self.first.append(metrics)
        if (accuracy := number(metrics.get(HELDOUT))) is not None:
            self.heldout.append((accuracy, self.now(REWARD)))

    @property
    def apart(self) -> bool:
        """Whether the latest window is another one than the first."""
        return self.steps >= 2 * self.window

    def began(self, name: str) -> float | None:
        return mean(metrics.get(name) for metrics in self.first)

    def now(self, name: str) -> float | None:
        return mean(metrics.get(name) for metrics in self.latest)

    def change(self, name: str) -> float | None:
        """By how much a metric rose since the first window; None before there are two."""
        before, after = self.began(name), self.now(name)
        return None if before is None or after is None or not self.apart else after - before


def number(value: Any) -> float | None:
    """A finite number, or None."""
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def mean(values: Iterable[Any]) -> float | None:
    known = [x for value in values if (x := number(value)) is not None]
    return sum(known) / len(known) if known else None


@dataclass(frozen=True)
class Guard:
    """One guard. `protects_from` says what goes on unseen without it; `needs` are the metrics that it looks at."""

    name: str
    protects_from: str
    needs: tuple[str, ...]
    look: Callable[[History, GuardSettings], Seen | None]
    without: str


def _non_finite(history: History, bounds: GuardSettings) -> Seen | None:
    latest = history.latest[-1] if history.latest else {}
    broken = [name for name in ("loss", "grad_norm") if name in latest and number(latest[name]) is None]
    if not broken:
        return None
    return Seen(
        None,
        0.0,
        f"{' and '.join(broken)} of this step is no finite number: the weights would be lost; lower "
        "training.learning_rate, and look at the rollouts of this step",
    )


def _kl(history: History, bounds: GuardSettings) -> Seen | None:
    value = history.now("kl") if history.steps >= history.window else None
    if value is None or value <= bounds.kl_bound:
        return None
    return Seen(
        value,
        bounds.kl_bound,
        f"the policy left its reference: KL {value:.3g} over {history.window} steps is above kl_bound = "
        f"{bounds.kl_bound:g}; lower training.learning_rate or raise training.beta",
    )


def _entropy(history: History, bounds: GuardSettings) -> Seen | None:
    before, after = history.began("entropy"), history.now("entropy")
    if before is None or after is None or not history.apart or after >= bounds.entropy_share * before:
        return None
    return Seen(
        after,
        bounds.entropy_share * before,
        f"sampling collapsed: entropy fell from {before:.3g} to {after:.3g}, below entropy_share = "
        f"{bounds.entropy_share:g} of it; raise training.epsilon_high or training.temperature",
    )


def _length(history: History, bounds: GuardSettings) -> Seen | None:
    length, cut = "completions/mean_length", "completions/clipped_ratio"
    before, after, began, now = history.began(length), history.now(length), history.began(cut), history.now(cut)
    if not history.apart or before is None or after is None:
        return None
    cure = "raise training.max_completion_length, or add a reward term that prefers brief replies"
    if after > bounds.length_times * before:
        return Seen(
            after,
            bounds.length_times * before,
            f"replies explode: {before:.0f} tokens became {after:.0f}, above length_times = {bounds.length_times:g}; "
            + cure,
        )
    if began is not None and now is not None and now > max(bounds.length_cut, began):
        return Seen(
            now,
            bounds.length_cut,
            f"replies are cut off: {now:.0%} of them, above length_cut = {bounds.length_cut:g}, after {began:.0%}; "
            + cure,
        )
    return None


def _format(history: History, bounds: GuardSettings) -> Seen | None:
    form, accuracy = history.change(FORMAT), history.change(ACCURACY)
    if form is None or accuracy is None or form < bounds.format_gain or accuracy >= bounds.flat_accuracy:
        return None
    return Seen(
        accuracy,
        bounds.flat_accuracy,
        f"only the form is learned: format rose by {form:.2f} and accuracy by {accuracy:+.3f}, less than "
        f"flat_accuracy = {bounds.flat_accuracy:g}; lower training.format_weight, or see if rows are too hard",
    )


def _divergence(history: History, bounds: GuardSettings) -> Seen | None:
    judged, ruled = history.change(BY_JUDGE), history.change(BY_RULE)
    if judged is None or ruled is None or ruled >= 0 or judged - ruled <= bounds.divergence_gap:
        return None
    return Seen(
        judged - ruled,
        bounds.divergence_gap,
        f"the judge is pleased and the rules are not: judged accuracy {judged:+.2f}, by rule {ruled:+.2f}, further "
        f"apart than divergence_gap = {bounds.divergence_gap:g}; read judged rollouts of high reward, and calibrate "
        "the judge on such",
    )


def _heldout(history: History, bounds: GuardSettings) -> Seen | None:
    if len(history.heldout) < 2:
        return None
    (best, reward_then), (accuracy, reward_now) = max(history.heldout), history.heldout[-1]
    rose = reward_then is not None and reward_now is not None and reward_now > reward_then
    if not rose or best - accuracy < bounds.heldout_drop:
        return None
    return Seen(
        best - accuracy,
        bounds.heldout_drop,
        f"the reward is gamed: it rose from {reward_then:.3f} to {reward_now:.3f} while held-out accuracy fell from "
        f"{best:.3f} to {accuracy:.3f}, by more than heldout_drop = {bounds.heldout_drop:g}; read the rollouts of high "
        "reward, and train fewer steps",
    )


def _mismatch(history: History, bounds: GuardSettings) -> Seen | None:
    value = history.now(MISMATCH) if history.steps >= min(history.window, 5) else None
    if value is None or value <= bounds.mismatch_bound:
        return None
    return Seen(
        value,
        bounds.mismatch_bound,
        f"engine and trainer are not the same policy: {value:.3g} nats a token apart, above mismatch_bound = "
        f'{bounds.mismatch_bound:g}; set training.rollouts = "generate", or the same versions and precision for both',
    )


GUARDS = (
    Guard(
        "non_finite", "A loss or gradient that is no number, after which all weights are.", ("loss",), _non_finite, ""
    ),
    Guard("kl", "A policy that left its reference, whose replies no longer read.", ("kl",), _kl, "training.beta is 0"),
    Guard(
        "entropy", "A policy that samples one reply only: groups teach nothing any more.", ("entropy",), _entropy, ""
    ),
    Guard(
        "length",
        "Replies that grow without end, or are cut off and scored as wrong.",
        ("completions/mean_length",),
        _length,
        "",
    ),
    Guard(
        "format",
        "A reward that rose by form alone: the tags are learned, the answers are not.",
        (FORMAT, ACCURACY),
        _format,
        "",
    ),
    Guard(
        "divergence",
        "A judge that is talked round: what it scores rises while what rules score falls.",
        (BY_RULE, BY_JUDGE),
        _divergence,
        "the rows are not scored by rules and judge both",
    ),
    Guard(
        "heldout",
        "Reward hacking: the reward rises while accuracy on held-out rows falls.",
        (HELDOUT,),
        _heldout,
        "training.heldout_every is 0",
    ),
    Guard(
        "mismatch",
        "Learning from replies that another policy gave: the engine computes other probabilities than the trainer.",
        (MISMATCH,),
        _mismatch,
        "the trainer samples by itself",
    ),
)
