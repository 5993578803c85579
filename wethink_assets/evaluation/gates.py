"""Quality gates of the evaluation: every item answered, every number on all of its set, no significant regression.

Belongs here: which gates predictions and scoreboard have. Pure. Does not belong here: any number (scoreboard.py).
"""

from __future__ import annotations

from typing import Any

from wethink_assets.benchmark_sets.registry import HELDOUT_SET
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.gates import Gate, Outcome, Scope


def _answered(scope: Scope) -> Outcome:
    unanswered = scope.accounting().get("failed", 0)
    return Outcome(not unanswered, metadata={"unanswered": unanswered})


def _board(scope: Scope) -> list[dict[str, Any]]:
    """Rows of the scoreboard in the order of the sets."""
    order = {benchmark.name: i for i, benchmark in enumerate((*scored_sets(scope.settings.evaluation), HELDOUT_SET))}
    rows = scope.once("board", lambda: scope.lake.rows("evaluation/select_scoreboard"))
    return sorted(rows, key=lambda row: order.get(row["benchmark"], len(order)))


def _no_regression(scope: Scope) -> Outcome:
    """Also where the mean rose. A regression that Holm's correction takes away is a warning."""
    rows = _board(scope)
    worse, sure = scoreboard.regressions(rows), scoreboard.sure_regressions(rows)
    return Outcome(
        not (worse or sure),
        f"worse: {', '.join(worse or sure)}; after Holm's correction: {', '.join(sure) or 'none'}"
        if worse or sure
        else "none got worse",
        warn=not sure,
    )


def _complete(scope: Scope) -> Outcome:
    rows = _board(scope)
    policies = {"base": rows[0]["base_id"], "rl": rows[0]["rl_id"]} if rows else {}
    partial = [
        f"{row['benchmark']} {row['policy_kind']}: {row['n']} of {row['n_set']}"
        for row in (scope.lake.rows("evaluation/select_main_scores", **policies) if policies else ())
        if row["n"] < row["n_set"] or not row["n_set"]
    ]
    return Outcome(not partial, "; ".join(partial)[:1000] or "all items of all sets")


def _promoted(scope: Scope) -> Outcome:
    rows = _board(scope)
    judged = scope.lake.rows("evaluation/select_promotion", policy_id=rows[0]["rl_id"]) if rows else []
    if not judged:
        return Outcome(False, "no verdict is recorded: materialise scoreboard")
    (verdict,) = judged
    shown = {name: verdict[name] for name in ("base", "rl", "delta", "low", "high") if verdict[name] is not None}
    return Outcome(bool(verdict["promoted"]), verdict["why"], {"n": verdict["n"], **shown})


PREDICTION_GATES = (
    Gate(
        "all_answered",
        "Scores on fewer items than the set has: items whose call failed, so that the policy never answered them.",
        _answered,
    ),
)
BOARD_GATES = (
    Gate(
        "no_significant_regression",
        "A policy that is published for its mean although it got significantly worse on a set.",
        _no_regression,
        error=True,
    ),
    Gate(
        "policy_promoted",
        "A policy that is used although it is below its base on held-out rows: such a one is stored and not promoted.",
        _promoted,
    ),
    Gate(
        "scores_complete",
        "Numbers that are compared although they stand on fewer items than their set has.",
        _complete,
    ),
)
