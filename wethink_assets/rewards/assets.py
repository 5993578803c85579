"""The judge, measured before it is used.

Belongs here: the asset and its check. Does not belong here: the pairs and the measure (calibration/), what a judge is
asked (judge.py).
"""

import time
from dataclasses import asdict

import dagster as dg

from resources.lake import Lake
from resources.model_calls import ModelCalls
from resources.settings import SettingsResource
from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.commit import column_schema, commit_stage, conservation_spec
from wethink_assets.rewards import calibration, judge

KEY = dg.AssetKey("judge_calibration")
AGREES = "judge_agrees"
# [D] "Substantial" agreement in the words of Landis and Koch (1977). Below it nothing that asks the judge is started.
LEAST_KAPPA = 0.6
# [D] A pair or two that a judge refuses must not stop the graph; a judge that often says nothing must.
LEAST_SCORED = 0.9


@dg.asset(
    key=KEY,
    group_name="rewards",
    kinds={"openai", "duckdb"},
    owners=["team:vlm-research"],
    description=(
        "The configured judge scores question-reply pairs whose tiers are known, with the prompt that rewards use. One row a judge model "
        "and prompt; finished calls are reused, so only a new judge, prompt or set of pairs costs anything."
    ),
    metadata=column_schema("judge_calibrations"),
    check_specs=[
        conservation_spec(KEY),
        dg.AssetCheckSpec(
            AGREES,
            asset=KEY,
            blocking=True,
            description=(
                f"The judge gave at least {LEAST_SCORED:.0%} of the pairs a clear tier, agrees with the known ones (quadratic weighted kappa "
                f"of at least {LEAST_KAPPA}), and gave no worthless reply half of the points. Otherwise nothing that is judged starts: choose another judge."
            ),
        ),
    ],
)
def judge_calibration(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, calls: ModelCalls
) -> dg.MaterializeResult:
    started = time.monotonic()
    model = settings.get().endpoint("judge").model
    pairs = calibration.pairs()
    replies = calls.asker(context)(calibration.requests(pairs))
    found = calibration.agreement(pairs, replies)
    version = content_id([asdict(pair) for pair in pairs])[:12]
    failed = [
        Stopped(f"pair {i}", "no_clear_tier", f"{model}: {reply.error or 'no tier'} for {pair.reply[:80]!r}", reply.call_id)
        for i, (pair, reply) in enumerate(zip(pairs, replies, strict=True), 1)
        if judge.parse(reply) is None
    ]
    row = {"model": model, "prompt_version": judge.prompt()[1], "set_version": version, **asdict(found)}
    result = StageResult(len(pairs), found.scored, {"judge_calibrations": [row]}, failed=failed)
    kappa = "none" if found.kappa is None else round(found.kappa, 4)
    agrees = dg.AssetCheckResult(
        asset_key=KEY,
        check_name=AGREES,
        passed=trusted(found),
        description=f"{model}: kappa {kappa}, {found.scored} of {found.pairs} pairs scored, {found.too_high} worthless replies rewarded",
        metadata={"model": model, "kappa": kappa, "least": LEAST_KAPPA, "exact": found.exact, "near": found.near},
    )
    return commit_stage(
        context, lake, result, key=KEY, batch="", run_id=context.run.run_id, started=started,
        modes={"judge_calibrations": "upsert"}, metadata={**row, "kappa": kappa}, checks=[agrees],
    )  # fmt: skip


def trusted(found: calibration.Agreement) -> bool:
    """Whether rewards may stand on this judge."""
    return found.scored >= LEAST_SCORED * found.pairs and (found.kappa or 0.0) >= LEAST_KAPPA and not found.too_high


ASSETS = [judge_calibration]
