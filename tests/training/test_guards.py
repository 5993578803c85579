"""Guards of a training run: each is fed a run that it must not let pass, and one that it must."""

from __future__ import annotations

import math

import pytest

from wethink_assets.settings.guards import GuardSettings
from wethink_assets.training.guards import GUARDS
from wethink_assets.training.watch import stop_line, verdicts, watched

BOUNDS = GuardSettings(window=5)
SOUND = {
    "loss": 0.1,
    "grad_norm": 0.5,
    "reward": 0.5,
    "rewards/accuracy/mean": 0.4,
    "rewards/format/mean": 0.7,
    "accuracy/rule": 0.4,
    "accuracy/model": 0.4,
    "kl": 0.02,
    "entropy": 1.0,
    "completions/mean_length": 100.0,
    "completions/clipped_ratio": 0.05,
    "sampling/sampling_logp_difference/mean": 0.01,
    "heldout/accuracy": 0.4,
}


def run(steps: int = 30, **course):
    """Steps of a run; `course` gives a metric, with _ for /, from its start to its end."""
    ways = {name.replace("__", "/"): way for name, way in course.items()}

    def at(name, value, step):
        if name not in ways:
            return value
        first, last = ways[name]
        return first + (last - first) * step / (steps - 1)

    return [(step + 1, {name: at(name, value, step) for name, value in SOUND.items()}) for step in range(steps)]


def broken(step: int, **values):
    """A sound run with these values at one step."""
    return [(n, metrics | (values if n == step else {})) for n, metrics in run()]


# For each guard: runs that it must find fault with.
BAD = {
    "non_finite": [
        broken(7, loss=math.nan),
        broken(7, grad_norm=math.inf),
        broken(30, loss=-math.inf),
        broken(7, loss=None),  # as it is written down
    ],
    "kl": [run(kl=(0.0, 4.0)), broken(9, kl=60.0)],
    "entropy": [run(entropy=(1.0, 0.0))],
    "length": [
        run(completions__mean_length=(100.0, 600.0)),
        run(completions__clipped_ratio=(0.0, 0.9)),
    ],
    "format": [run(rewards__format__mean=(0.2, 0.9))],
    "divergence": [run(accuracy__model=(0.3, 0.9), accuracy__rule=(0.5, 0.4))],
    "heldout": [run(reward=(0.3, 0.9), heldout__accuracy=(0.5, 0.2))],
    "mismatch": [run(sampling__sampling_logp_difference__mean=(0.0, 0.9))],
}
# Runs in which the same things happen for a good reason, or too little.
GOOD = [
    run(),
    run(entropy=(1.0, 0.3)),
    run(reward=(0.3, 0.9), heldout__accuracy=(0.3, 0.6)),
    run(reward=(0.9, 0.3), heldout__accuracy=(0.6, 0.3)),
    run(rewards__format__mean=(0.2, 0.9), rewards__accuracy__mean=(0.2, 0.6)),
    run(accuracy__model=(0.3, 0.9), accuracy__rule=(0.3, 0.5)),
    run(completions__mean_length=(100.0, 30.0)),
    run(8, entropy=(1.0, 0.0)),  # too short for two windows
]


def test_there_is_a_bad_run_for_every_guard():
    assert {guard.name for guard in GUARDS} == BAD.keys()


@pytest.mark.parametrize(("guard", "steps"), [(name, steps) for name, runs in BAD.items() for steps in runs])
def test_a_guard_finds_the_fault_and_names_the_cure(guard, steps):
    found = watched(steps, BOUNDS).spoken
    assert found.keys() == {guard}, "and no other guard"
    finding = found[guard]
    assert finding.stops == (getattr(BOUNDS, guard) == "stop")
    assert ";" in finding.line and "\n" not in finding.line and len(finding.line) < 260
    (row,) = (row for row in verdicts(steps, BOUNDS) if row["guard"] == guard)
    assert row["passed"] is False and row["step"] == finding.step and row["said"] == finding.line


@pytest.mark.parametrize("steps", GOOD)
def test_a_sound_run_is_let_pass(steps):
    assert not watched(steps, BOUNDS).spoken
    assert {row["passed"] for row in verdicts(steps, BOUNDS)} == {True}


@pytest.mark.parametrize("guard", BAD)
def test_a_guard_is_off_or_as_strong_as_it_is_set(guard):
    steps = BAD[guard][0]
    assert not watched(steps, BOUNDS.model_copy(update={guard: "off"})).spoken
    for strength in ("stop", "warn"):
        assert watched(steps, BOUNDS.model_copy(update={guard: strength})).spoken[guard].stops == (strength == "stop")


def test_a_guard_speaks_once_and_at_the_same_step_after_a_resume():
    steps = run(kl=(0.0, 4.0))
    whole = watched(steps, BOUNDS)
    step = whole.spoken["kl"].step
    resumed = watched(steps[: step - 2], BOUNDS)
    assert not resumed.spoken
    said = [finding.step for n, metrics in steps[step - 2 :] for finding in resumed.see(n, metrics)]
    assert said == [step]


def test_what_a_run_does_not_have_is_not_called_sound():
    steps = [(n, {"loss": 0.1, "reward": 0.5}) for n in range(1, 9)]
    said = {row["guard"]: row for row in verdicts(steps, BOUNDS.model_copy(update={"entropy": "off"}))}
    assert said["non_finite"]["passed"] is True
    assert said["kl"] | {"said": ""} == said["kl"] | {"passed": None, "said": ""} and "beta is 0" in said["kl"]["said"]
    assert said["entropy"]["passed"] is None and said["entropy"]["said"] == "off"


def test_held_out_rows_are_looked_at_after_their_step():
    """In the run they come as a line of their own, in the record as a part of the step: the same is found."""
    steps = BAD["heldout"][0]
    apart = []
    for n, metrics in steps:
        apart += [
            (n, {k: v for k, v in metrics.items() if k != "heldout/accuracy"}),
            (n, {"heldout/accuracy": metrics["heldout/accuracy"]}),
        ]
    assert watched(apart, BOUNDS).spoken == watched(steps, BOUNDS).spoken


def test_the_line_that_ends_a_run_says_how_it_goes_on():
    line = stop_line(watched(BAD["kl"][0], BOUNDS).spoken["kl"], 20)
    assert "guard kl ended training at step" in line and "training.beta" in line and "\n" not in line
    assert 'training.guards.kl = "warn"' in line and line.endswith("goes on after step 20")
