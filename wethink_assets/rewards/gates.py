"""Quality gates of judges (LLM-as-a-judge calibration): one per judge, on its agreement with known tiers.

Belongs here: which judge is trusted, and how its agreement is shown. Pure. Does not belong here: the pairs and the
measure (calibration/), asking the judges (assets.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from wethink_assets.accounting import content_id
from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.prompt_files import prompt
from wethink_assets.rewards import calibration
from wethink_assets.settings import EndpointSettings, RewardSettings

AGREES = "judge_agrees"


def judges(endpoints: Sequence[EndpointSettings]) -> dict[str, EndpointSettings]:
    """The judges to measure, by name: one per model. Where one model has other parameters they belong to its name.

    Two servers of one model and parameters are one judge, as they are to the ledger: their calls have one identity.
    """
    models = [e.model for e in endpoints]
    several = {m for m in models if len({str(sorted(e.parameters.items())) for e in endpoints if e.model == m}) > 1}
    by_name: dict[str, EndpointSettings] = {}
    for e in endpoints:
        by_name.setdefault(f"{e.model} {dict(sorted(e.parameters.items()))}" if e.model in several else e.model, e)
    return by_name


def judge_gates(names: Iterable[str]) -> list[Gate]:
    """A blocking gate for each judge: rewards, and what is made of them, may stand on it."""
    return [
        Gate(
            check,
            f"Rewards by a judge that cannot judge: {name} gave fewer than rewards.least_scored of the pairs a clear "
            "tier, agrees with the known ones below rewards.least_kappa (quadratic weighted kappa), or gave a "
            "worthless reply half of the points. Then nothing that is judged starts: choose another judge.",
            partial(_agrees, name),
            blocking=True,
        )
        for name, check in check_names(names).items()
    ]


def check_names(judge_names: Iterable[str]) -> dict[str, str]:
    """A check's name for each judge's, in letters that Dagster takes."""
    names: dict[str, str] = {}
    for name in judge_names:
        check = f"{AGREES}_{re.sub('[^A-Za-z0-9]+', '_', name).strip('_').lower()}"
        names[name] = check if check not in names.values() else f"{check}_{content_id(name)[:6]}"
    return names


def trusted(agreement: calibration.Agreement, limits: RewardSettings) -> bool:
    """Whether rewards may stand on this judge."""
    scored = agreement.scored >= limits.least_scored * agreement.pairs
    return scored and agreement.kappa is not None and agreement.kappa >= limits.least_kappa and not agreement.too_high


def agreement_table(rows: Sequence[Mapping[str, Any]]) -> Markdown:
    """Rows of judge_calibrations, as people see them."""
    lines = [
        f"| {row['model']} | {row['scored']} of {row['pairs']} | {_kappa(row)} | {row['exact']:.1%} "
        f"| {row['near']:.1%} | {row['too_high']} |"
        for row in rows
    ]
    header = "| judge | scored | kappa | same tier | one tier away at most | worthless replies rewarded |"
    return Markdown("\n".join([header, "|---|---|---|---|---|---|", *lines]))


def _agrees(name: str, scope: Scope) -> Outcome:
    versions = {"prompt_version": prompt("rewards", "judge").version, "set_version": calibration.set_version()}
    rows = [row for row in scope.lake.rows("rewards/select_calibrations", **versions) if row["model"] == name]
    if not rows:
        return Outcome(
            False, f"{name} was not measured with this prompt and these pairs: materialise judge_calibration"
        )
    row = rows[0]
    limits = scope.settings.rewards
    agreement = calibration.Agreement(**{key: value for key, value in row.items() if key != "model"})
    kappa = {"kappa": row["kappa"]} if row["kappa"] is not None else {}
    shown = {**kappa, "scored": row["scored"], "least_kappa": limits.least_kappa, "table": agreement_table([row])}
    line = (
        f"{name}: kappa {_kappa(row)}, {row['scored']} of {row['pairs']} pairs scored, "
        f"{row['too_high']} worthless replies rewarded"
    )
    return Outcome(trusted(agreement, limits), line, shown)


def _kappa(row: Mapping[str, Any]) -> str:
    return "none" if row["kappa"] is None else f"{row['kappa']:.4f}"
