"""A training run watched step by step: what its guards find, and what they said of the whole of it.

Belongs here: asking the guards at every step, verdicts as rows, the line that ends a run. Pure. Does not
belong here: what a guard looks for (guards.py), writing steps down (step_log.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.settings.guards import GuardSettings
from wethink_assets.training.guards import GUARDS, History, Metrics


@dataclass(frozen=True)
class Finding:
    """What a guard found, in one line. `stops`: the run is to be ended; `value` is None where it was no number."""

    guard: str
    step: int
    stops: bool
    value: float | None
    bound: float
    line: str


class Watch:
    """A run that is watched: each guard speaks once, at the first step that breaks its bound."""

    def __init__(self, bounds: GuardSettings) -> None:
        self.bounds = bounds
        self.history = History(bounds.window)
        self.spoken: dict[str, Finding] = {}
        self.asked: set[str] = set()

    def see(self, step: int, metrics: Metrics) -> list[Finding]:
        """What guards find at this step for the first time."""
        self.history.add(metrics)
        found = []
        for guard in GUARDS:
            strength = getattr(self.bounds, guard.name)
            if strength == "off" or guard.name in self.spoken:
                continue
            if all(name in metrics for name in guard.needs):
                self.asked.add(guard.name)
            if seen := guard.look(self.history, self.bounds):
                value, bound, line = seen
                self.spoken[guard.name] = Finding(guard.name, step, strength == "stop", value, bound, line)
                found.append(self.spoken[guard.name])
        return found


def watched(steps: Iterable[tuple[int, Metrics]], bounds: GuardSettings) -> Watch:
    """A run that has been watched so far."""
    watch = Watch(bounds)
    for step, metrics in steps:
        watch.see(step, metrics)
    return watch


def verdicts(steps: Iterable[tuple[int, Metrics]], bounds: GuardSettings) -> list[dict[str, Any]]:
    """What each guard said of a whole run: rows of table training_guards, without the policy.

    By name. `passed` is None where a guard is off, or the run has not what it looks at.
    """
    return sorted(_verdicts(watched(steps, bounds)), key=lambda row: row["guard"])


def _verdicts(watch: Watch) -> Iterator[dict[str, Any]]:
    for guard in GUARDS:
        strength, found = getattr(watch.bounds, guard.name), watch.spoken.get(guard.name)
        asked = guard.name in watch.asked or found is not None
        row: dict[str, Any] = {
            "guard": guard.name,
            "strength": strength,
            "passed": None if not asked else found is None,
        }
        said = "" if asked else "off" if strength == "off" else guard.without or "the run logged nothing of it"
        told = (found.step, found.value, found.bound, found.line) if found else (None, None, None, said)
        yield row | dict(zip(("step", "value", "bound", "said"), told, strict=True))


def stop_line(finding: Finding, resumes_after: int) -> str:
    """The one line that ends a run: what was found, where it stands, how it goes on."""
    return (
        f"guard {finding.guard} ended training at step {finding.step}: {finding.line}; or set training.guards."
        f'{finding.guard} = "warn". The next run goes on after step {resumes_after}'
    )


def of_steps(lines: Sequence[Mapping[str, Any]]) -> list[tuple[int, Metrics]]:
    """Steps and their metrics, of the lines that a run logged."""
    return [(line["step"], line["metrics"]) for line in lines]
