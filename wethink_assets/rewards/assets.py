"""The judges, measured before they are used.

Belongs here: the asset and its checks. Does not belong here: the pairs and the measure (calibration/), what a judge is
asked (judge.py).
"""

import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.commit import column_schema, commit_stage, conservation_spec
from wethink_assets.prompt_files import prompt
from wethink_assets.rewards import calibration, judge
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EndpointSettings, RewardSettings

KEY = dg.AssetKey("judge_calibration")
AGREES = "judge_agrees"


def reward_assets(endpoints: Sequence[EndpointSettings]) -> list[dg.AssetsDefinition]:
    """The rewards room's assets for these endpoints of the judge: one check a judge model."""
    measured = judges(endpoints)
    checks = check_names(measured)

    @dg.asset(
        key=KEY,
        group_name="rewards",
        kinds={"openai", "duckdb"},
        owners=["team:vlm-research"],
        description=(
            "Every configured judge scores question-reply pairs whose tiers are known, with the prompt that rewards "
            "use. One row per judge model and prompt; finished calls are reused, so only a new judge, "
            "prompt or set of pairs costs anything."
        ),
        metadata=column_schema("judge_calibrations"),
        check_specs=[
            conservation_spec(KEY),
            *(
                dg.AssetCheckSpec(
                    check,
                    asset=KEY,
                    blocking=True,
                    description=(
                        f"Judge {name} gave at least rewards.least_scored of the pairs a clear tier, agrees with the "
                        "known ones (quadratic weighted kappa of at least rewards.least_kappa), and gave no worthless "
                        "reply half of the points. Otherwise nothing that is judged starts: choose another judge."
                    ),
                )
                for name, check in checks.items()
            ),
        ],
    )
    def judge_calibration(
        context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, calls: ModelCalls
    ) -> dg.MaterializeResult:
        started = time.monotonic()
        limits = settings.get().rewards
        pairs = calibration.pairs()
        version = content_id([asdict(pair) for pair in pairs])[:12]
        rows: list[dict[str, Any]] = []
        failed: list[Stopped] = []
        agree: list[dg.AssetCheckResult] = []
        for name, endpoint in measured.items():
            ask = calls.for_asset(context, endpoint=endpoint)
            replies = ask_until_clear(
                ask, calibration.requests(pairs), passes=limits.judge_passes, refused_again=limits.refused_again
            )
            agreement = calibration.agreement(pairs, replies)
            rows.append(
                {
                    "model": name,
                    "prompt_version": prompt("rewards", "judge").version,
                    "set_version": version,
                    **asdict(agreement),
                }
            )
            failed += [
                Stopped(
                    f"{name} pair {i}",
                    "no_clear_tier",
                    f"{name}: {reply.error or 'no tier'} for {pair.reply[:80]!r}",
                    reply.call_id,
                )
                for i, (pair, reply) in enumerate(zip(pairs, replies, strict=True), 1)
                if judge.parse(reply) is None
            ]
            agree.append(_agrees(checks[name], rows[-1], trusted(agreement, limits), limits))
        result = StageResult(
            len(pairs) * len(rows), sum(row["scored"] for row in rows), {"judge_calibrations": rows}, failed=failed
        )
        kappas = [row["kappa"] for row in rows if row["kappa"] is not None]
        shown = {
            "judges": len(rows),
            "kappa": round(min(kappas), 4) if kappas else "none",
            "agreement": dg.MetadataValue.md(_table(rows)),
        }
        return commit_stage(
            context,
            lake,
            result,
            key=KEY,
            batch="",
            run_id=context.run.run_id,
            started=started,
            modes={"judge_calibrations": "upsert"},
            metadata=shown,
            checks=agree,
        )

    return [judge_calibration]


def _agrees(check: str, row: Mapping[str, Any], passed: bool, limits: RewardSettings) -> dg.AssetCheckResult:
    metadata = {"kappa": row["kappa"]} if row["kappa"] is not None else {}
    return dg.AssetCheckResult(
        asset_key=KEY,
        check_name=check,
        passed=passed,
        description=_line(row),
        metadata={
            **metadata,
            "scored": row["scored"],
            "least_kappa": limits.least_kappa,
            "table": dg.MetadataValue.md(_table([row])),
        },
    )


def check_names(measured: Iterable[str]) -> dict[str, str]:
    """A check's name for each judge's, in letters that Dagster takes."""
    names: dict[str, str] = {}
    for name in measured:
        check = f"{AGREES}_{re.sub('[^A-Za-z0-9]+', '_', name).strip('_').lower()}"
        names[name] = check if check not in names.values() else f"{check}_{content_id(name)[:6]}"
    return names


def judges(endpoints: Sequence[EndpointSettings]) -> dict[str, EndpointSettings]:
    """The judges to measure, by name: one a model. Where one model has other parameters they belong to its name.

    Two servers of one model and parameters are one judge, as they are to the ledger: their calls have one identity.
    """
    models = [e.model for e in endpoints]
    several = {m for m in models if len({str(sorted(e.parameters.items())) for e in endpoints if e.model == m}) > 1}
    by_name: dict[str, EndpointSettings] = {}
    for e in endpoints:
        by_name.setdefault(f"{e.model} {dict(sorted(e.parameters.items()))}" if e.model in several else e.model, e)
    return by_name


def trusted(agreement: calibration.Agreement, limits: RewardSettings) -> bool:
    """Whether rewards may stand on this judge."""
    scored = agreement.scored >= limits.least_scored * agreement.pairs
    return scored and agreement.kappa is not None and agreement.kappa >= limits.least_kappa and not agreement.too_high


def _line(row: Mapping[str, Any]) -> str:
    return (
        f"{row['model']}: kappa {_kappa(row)}, {row['scored']} of {row['pairs']} pairs scored, "
        f"{row['too_high']} worthless replies rewarded"
    )


def _kappa(row: Mapping[str, Any]) -> str:
    return "none" if row["kappa"] is None else f"{row['kappa']:.4f}"


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        f"| {row['model']} | {row['scored']} of {row['pairs']} | {_kappa(row)} | {row['exact']:.1%} "
        f"| {row['near']:.1%} | {row['too_high']} |"
        for row in rows
    ]
    return "\n".join(
        [
            "| judge | scored | kappa | same tier | one tier away at most | worthless replies rewarded |",
            "|---|---|---|---|---|---|",
            *lines,
        ]
    )
