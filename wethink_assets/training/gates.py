"""Quality gates of policies: the checkpoint on disk is sound, the mean reward rose, what each guard said.

Belongs here: what is wrong with a policy that was recorded. Pure. Does not belong here: making it, its files (job.py),
what guards look for (guards.py).
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.training.guards import GUARDS
from wethink_assets.training.job import read_manifest
from wethink_assets.training.metadata import rise


def _policy(scope: Scope) -> dict[str, Any] | None:
    """The policy that the asset recorded last; None before its first commit."""
    rows = scope.lake.rows("training/select_current_policy", asset=scope.asset)
    return rows[0] if rows else None


def _is_sound(scope: Scope) -> Outcome:
    policy = scope.once("policy", lambda: _policy(scope))
    if policy is None:
        return Outcome(False, f"there is no policy: materialise {scope.asset}")
    folder = scope.settings.home / policy["path"]
    if policy["weights_sha256"] is None:
        return Outcome(
            True,
            "registered: its configuration takes images; weights are looked at when they are loaded"
            if folder.is_dir()
            else "registered by hub name: looked at when it is loaded",
        )
    manifest = read_manifest(folder)
    if manifest is None or manifest["weights_sha256"] != policy["weights_sha256"]:
        return Outcome(False, f"{folder} does not hold the weights that were trained: materialise {scope.asset}")
    finite = bool(manifest.get("finite"))
    passed = finite and (folder / "config.json").is_file()
    return Outcome(passed, metadata={"weights_sha256": policy["weights_sha256"], "finite": finite})


def _has_improved(scope: Scope) -> Outcome:
    policy = scope.once("policy", lambda: _policy(scope))
    if policy is None:
        return Outcome(False, f"there is no policy: materialise {scope.asset}")
    rows = scope.lake.rows("training/select_steps", policy_id=policy["policy_id"])
    before, after = rise([{"step": row["step"], "metrics": json.loads(row["metrics"])} for row in rows])
    return Outcome(
        after > before,
        f"mean reward {before:.3f} in the first fifth of the steps, {after:.3f} in the last",
        {"first": before, "last": after},
    )


def _loss_fell(scope: Scope) -> Outcome:
    policy = scope.once("policy", lambda: _policy(scope))
    if policy is None:
        return Outcome(False, f"there is no policy: materialise {scope.asset}")
    rows = scope.lake.rows("training/select_steps", policy_id=policy["policy_id"])
    steps = [{"step": row["step"], "metrics": json.loads(row["metrics"])} for row in rows]
    before, after = rise(steps, "loss")
    told = f"mean loss {before:.3f} in the first fifth of the steps, {after:.3f} in the last"
    return Outcome(after < before, told, {"first": before, "last": after})


def _guarded(guard: str, scope: Scope) -> Outcome:
    policy = scope.once("policy", lambda: _policy(scope))
    if policy is None:
        return Outcome(False, f"there is no policy: materialise {scope.asset}")
    rows = scope.once("guards", lambda: scope.lake.rows("training/select_guards", policy_id=policy["policy_id"]))
    said = next((row for row in rows if row["guard"] == guard), None)
    if said is None:
        return Outcome(False, f"nothing is recorded of this guard: materialise {scope.asset}")
    if said["passed"] is None:
        return Outcome(True, f"not looked at: {said['said']}")
    if said["passed"]:
        return Outcome(True)
    found = {name: said[name] for name in ("step", "value", "bound") if said[name] is not None}
    return Outcome(False, f"from step {said['step']} on: {said['said']}", found)


SOUND = Gate(
    "weights_sound",
    "A checkpoint that takes no images, or whose weights are not finite or not those that were trained (SHA-256).",
    _is_sound,
    blocking=True,
)
IMPROVED = Gate(
    "reward_improved",
    "A run that did not learn: the mean reward of its last fifth of steps is not above that of the first fifth.",
    _has_improved,
)
GUARD_GATES = tuple(Gate(f"guard_{g.name}", g.protects_from, partial(_guarded, g.name)) for g in GUARDS)
LOSS_FELL = Gate(
    "loss_fell",
    "A fine-tuning that did not learn: the mean loss of its last fifth of steps is not below that of the first fifth.",
    _loss_fell,
)
NON_FINITE = next(gate for gate in GUARD_GATES if gate.name == "guard_non_finite")
