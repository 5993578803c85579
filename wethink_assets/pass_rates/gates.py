"""Quality gates of pass rates: every answer scored, rows left to learn from, and nothing forgotten by RL.

Belongs here: which gates the two assets have. Pure. Does not belong here: any number (estimates.py).
"""

from __future__ import annotations

from wethink_assets.dataset.difficulty import outside
from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.pass_rates.estimates import change


def _answered(scope: Scope) -> Outcome:
    details = scope.details()
    lost = int(details.get("answers_without_reply", 0))
    return Outcome(not lost, _off(scope), {"without_reply": lost, "asked": int(details.get("answers_asked", 0))})


def _learnable(scope: Scope) -> Outcome:
    """Over the measured training rows; those without a rate are learned from anyway, and then it only warns."""
    settings = scope.settings.pass_rates
    policy = scope.details().get("policy_id")
    if policy is None or not settings.rows:
        return Outcome(True, _off(scope))
    rows = scope.lake.rows("pass_rates/count_rates", policy_id=policy, release_id=scope.details()["release_id"])
    measured = sum(row["n"] for row in rows)
    inside = sum(row["n"] for row in rows if outside(settings, row["source"], row["rate"]) is None)
    unmeasured = scope.lake.rows(
        "pass_rates/count_unmeasured", policy_id=policy, release_id=scope.details()["release_id"]
    )[0]["n"]
    return Outcome(
        bool(inside or not measured),
        f"{inside} of {measured} measured training rows lie in their band, {unmeasured} have no rate",
        {"inside": inside, "measured": measured, "unmeasured": unmeasured},
        warn=bool(unmeasured),
    )


def _kept(scope: Scope) -> Outcome:
    """Of pass@k with as many answers as were sampled, over rows that both policies answered."""
    policy = scope.details().get("policy_id")
    base = scope.lake.rows("training/select_current_policy", asset="base_policy")
    if policy is None or not base:
        return Outcome(True, _off(scope))
    k, evaluation = scope.settings.pass_rates.answers, scope.settings.evaluation
    pairs = scope.lake.rows("pass_rates/select_pairs", base=base[0]["policy_id"], rl=policy)
    rows, found = change(pairs, k, resamples=evaluation.resamples, seed=evaluation.seed)
    if found.value is None:
        return Outcome(True, f"no row has {k} scored answers of both policies")
    shown = {name: value for name in ("value", "low", "high") if (value := getattr(found, name)) is not None}
    fell = found.high is not None and found.high < 0
    return Outcome(not fell, f"pass@{k} changed by {found.value:+.3f} over {rows} rows", {"rows": rows, **shown})


def _off(scope: Scope) -> str:
    return str(scope.details().get("measured", ""))


_ANSWERED = Gate(
    "answers_complete",
    "Rates on fewer answers than were asked for: calls to the policy that failed.",
    _answered,
)
BASE_GATES = (
    _ANSWERED,
    Gate(
        "learnable_rows",
        "Training that learns nothing: the base policy answers every measured training row always or never, so that "
        "no group of completions has two different rewards.",
        _learnable,
        blocking=True,
    ),
)
RL_GATES = (
    _ANSWERED,
    Gate(
        "pass_at_k_kept",
        "A policy that got surer and not better: RL that lowers the chance that one of k answers is right "
        "(interval of the paired change below 0).",
        _kept,
    ),
)
