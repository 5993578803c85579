"""The judges, measured before they are used: the asset `judge_calibration`.

Belongs here: the asset. Does not belong here: the pairs and the measure (calibration/), which judge is trusted
(gates.py), what a judge is asked (judge.py).
"""

import time
from collections.abc import Mapping, Sequence
from functools import partial

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.asset_factory import lake_asset
from wethink_assets.commit import commit_result
from wethink_assets.commit_changed import rows_id
from wethink_assets.prompt_files import prompt
from wethink_assets.rewards import calibration, judge
from wethink_assets.rewards.gates import agreement_table, judge_gates, judges
from wethink_assets.rewards.identity import judge_digest
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EndpointSettings
from wethink_assets.written_rows import JudgeCalibrationRow

KEY = dg.AssetKey("judge_calibration")


def reward_assets(endpoints: Sequence[EndpointSettings]) -> list[dg.AssetsDefinition]:
    """The rewards room's assets for these endpoints of the judge: one check per judge model."""
    measured = judges(endpoints)
    factory = lake_asset(
        key=KEY,
        group="rewards",
        description=(
            "Every configured judge scores question-reply pairs whose tiers are known, with the prompt that rewards "
            "use. One row per judge model and prompt; finished calls are reused, so only a new judge, prompt or set of "
            "pairs costs anything."
        ),
        tables=("judge_calibrations",),
        kinds={"openai", "duckdb"},
        owner="team:vlm-research",
        gates=judge_gates(measured),
        code_version=judge_digest(),
    )
    return [factory(partial(_calibrate, measured))]


def _calibrate(
    measured: Mapping[str, EndpointSettings],
    context: dg.AssetExecutionContext,
    lake: Lake,
    settings: SettingsResource,
    calls: ModelCalls,
) -> dg.MaterializeResult:
    started = time.monotonic()
    limits = settings.get().rewards
    pairs = calibration.pairs()
    prompt_version, set_version = prompt("rewards", "judge").version, calibration.set_version()
    rows: list[JudgeCalibrationRow] = []
    failed: list[Stopped] = []
    for name, endpoint in measured.items():
        ask = calls.for_asset(context, endpoint=endpoint)
        replies = ask_until_clear(
            ask, calibration.requests(pairs), passes=limits.judge_passes, refused_again=limits.refused_again
        )
        agreed = calibration.agreement(pairs, replies)
        rows.append(
            {
                "model": name,
                "prompt_version": prompt_version,
                "set_version": set_version,
                "pairs": agreed.pairs,
                "scored": agreed.scored,
                "kappa": agreed.kappa,
                "exact": agreed.exact,
                "near": agreed.near,
                "too_high": agreed.too_high,
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
    kappas = [kappa for row in rows if (kappa := row.get("kappa")) is not None]
    result = StageResult(
        len(pairs) * len(rows), sum(row["scored"] for row in rows), {"judge_calibrations": rows}, failed=failed
    )
    return commit_result(
        context,
        lake,
        result,
        key=KEY,
        started=started,
        modes={"judge_calibrations": "upsert"},
        metadata={
            "judges": len(rows),
            "kappa": round(min(kappas), 4) if kappas else "none",
            "agreement": agreement_table(rows),
        },
        data_version=rows_id(result),
    )
