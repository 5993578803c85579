"""Pass rate assets: what the base and the RL policy get right of the release, asked several times a row.

Belongs here: the two assets. Does not belong here: requests and verdicts (measuring.py), estimates (estimates.py),
serving (evaluation/policy_assets.py).
"""

import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg

from resources.calls.messages import CallsError, ModelReply, ModelRequest
from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake, Windows
from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers.vllm_server import PolicyServer
from wethink_assets.accounting import StageResult, content_id
from wethink_assets.asset_factory import AssetFunction, lake_asset
from wethink_assets.benchmark_sets.registry import HELDOUT_SET
from wethink_assets.code_versions import ASKING, SHOWING, code_version
from wethink_assets.commit_changed import commit_if_changed
from wethink_assets.evaluation.policy_assets import NOWHERE, current_policy, policy_endpoint, served_policy
from wethink_assets.evaluation.policy_calls import ask_policy
from wethink_assets.pass_rates.estimates import Counted, curve
from wethink_assets.pass_rates.gates import BASE_GATES, RL_GATES
from wethink_assets.pass_rates.measuring import TABLES, asked, measured, requests_of
from wethink_assets.pass_rates.rates_metadata import plot, table
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EndpointSettings, Settings
from wethink_assets.stage_spool import StageSpool

KEYS = {"base": dg.AssetKey("pass_rates_base"), "rl": dg.AssetKey("pass_rates_rl")}
_GROUPS = {"base": "training", "rl": "evaluation"}  # the base's decide what the RL policy learns from
_OFF = "off: [pass_rates] rows is 0"


def pass_rate_assets() -> list[dg.AssetsDefinition]:
    """The pass rates of both policies."""
    return [_asset(kind) for kind in KEYS]


def _asset(kind: str) -> dg.AssetsDefinition:
    name = "base" if kind == "base" else "RL"
    return lake_asset(
        key=KEYS[kind],
        group=_GROUPS[kind],
        description=(
            f"Pass rates of the {name} policy: several sampled answers for each row of the release, scored as rewards "
            "are, with pass@1 to pass@k and intervals. Rows that the ledger knows are not asked again. Off unless "
            "`[pass_rates] rows` says how many rows."
        ),
        tables=TABLES,
        kinds=("vllm", "duckdb"),
        owner="team:vlm-research",
        deps=[f"{kind}_policy", "release"] + ([KEYS["base"]] if kind == "rl" else []),
        gates=BASE_GATES if kind == "base" else RL_GATES,
        code_version=code_version(
            ["pass_rates/measuring", "pass_rates/estimates", *ASKING, *SHOWING],
            [("rewards", "judge")],
            also=[HELDOUT_SET.style, HELDOUT_SET.suffix, HELDOUT_SET.system],
        ),
        pool="gpu",
    )(_measure(kind))


def _measure(kind: str) -> AssetFunction:
    def measure(
        context: dg.AssetExecutionContext,
        lake: Lake,
        settings: SettingsResource,
        calls: ModelCalls,
        server: PolicyServer,
    ) -> dg.MaterializeResult:
        started = time.monotonic()
        config = settings.get()
        release = lake.rows("dataset/select_latest_release")
        if not config.pass_rates.rows or not release:
            why = _OFF if release else "there is no release"
            nothing = StageResult(0, 0, {}, details={"measured": why})
            return commit_if_changed(
                context, lake, nothing, key=KEYS[kind], started=started, version=content_id(why)[:16], metadata={}
            )
        with scratch_folder(config.scratch_dir, KEYS[kind].path[-1]) as scratch:
            return _measured(context, lake, config, calls, server, kind, release[0]["release_id"], scratch, started)

    return measure


def _measured(
    context: dg.AssetExecutionContext,
    lake: Lake,
    config: Settings,
    calls: ModelCalls,
    server: PolicyServer,
    kind: str,
    release_id: str,
    scratch: Path,
    started: float,
) -> dg.MaterializeResult:
    key, own, evaluation = KEYS[kind], config.pass_rates, config.evaluation
    policy = current_policy(lake, kind)
    policy_id = policy["policy_id"]
    size = max(1, config.synthesis.window_rows // own.answers)
    windows = lake.windows("pass_rates/select_rows_to_ask", scratch, size=size, release_id=release_id, rows=own.rows)
    nowhere = policy_endpoint(config, policy_id, evaluation.policy_url or NOWHERE)
    missing = sum(calls.missing(requests_of(asked(w, own)[0], own, evaluation), nowhere) for w in windows)
    context.log.info(f"{policy_id}: {windows.rows} rows, {missing} answers of them not in the ledger")
    result = StageSpool(key.path[-1], "", context.run.run_id, TABLES, scratch)
    counts: list[Counted] = []
    version = ""

    def ask_judge(requests: list[ModelRequest]) -> list[ModelReply]:
        once = calls.for_asset(context)
        limits = config.rewards
        return ask_until_clear(
            once, requests, passes=limits.judge_passes, clear=_ok, refused_again=limits.refused_again
        )

    with served_policy(context, server, config, policy, nowhere) if missing else nullcontext(nowhere) as endpoint:
        for rows, replies, left in _answers(context, calls, config, windows, endpoint):
            part, own_counts = measured(
                rows,
                replies,
                left,
                policy_id=policy_id,
                kind=kind,
                release_id=release_id,
                own=own,
                evaluation=evaluation,
                ask_judge=ask_judge,
            )
            result.add(part)
            counts += own_counts
            version = content_id(version, part.rows)
    points = curve(counts, own.answers, resamples=evaluation.resamples, seed=evaluation.seed)
    result.conclude(
        StageResult(
            0,
            0,
            {"pass_at_k": [{"policy_id": policy_id, **point} for point in points]},
            details={"policy_id": policy_id, "release_id": release_id, "asked_anew": missing},
        )
    )
    base = _base_curve(lake, kind)
    shows: dict[str, Any] = {"policy": policy_id, "release": release_id, "parts": Markdown(table(points))}
    shows["plot"] = Markdown(plot([p for p in points if p["part"] == "all"], base, counts, kind))
    for point in points:
        if point["part"] == "all" and point["k"] in (1, own.answers):
            shows[f"pass_at_{point['k']}"] = point["value"]
    return commit_if_changed(
        context,
        lake,
        result,
        key=key,
        started=started,
        replace={name: {"policy_id": policy_id} for name in TABLES},
        version=content_id(version, points, result.reasons())[:16],
        metadata=shows,
    )


def _answers(
    context: dg.AssetExecutionContext,
    calls: ModelCalls,
    config: Settings,
    windows: Windows,
    endpoint: EndpointSettings,
) -> Any:
    """Window by window: the rows asked, their replies, and the rows left out. Says how far it is."""
    own, done = config.pass_rates, 0
    ask: Callable[..., list[ModelReply]] = calls.for_asset(context, endpoint=endpoint)
    for window in windows:
        rows, left = asked(window, own)
        try:
            replies, problem = ask_policy(requests_of(rows, own, config.evaluation), endpoint, ask, calls.engine.ledger)
        except CallsError as error:
            raise dg.Failure(str(error), allow_retries=False) from None
        if problem:
            context.log.error(f"{endpoint.model}: the server was lost, its rows are asked in the next run: {problem}")
        yield rows, replies, left
        done += len(window)
        context.log.info(f"{endpoint.model}: {done} of {windows.rows} rows answered {own.answers} times")


def _base_curve(lake: Lake, kind: str) -> list[dict[str, Any]]:
    """pass@k of the base policy, to be shown beside that of the RL policy."""
    if kind == "base":
        return []
    return lake.rows("pass_rates/select_curve", policy_id=current_policy(lake, "base")["policy_id"])


def _ok(reply: ModelReply) -> bool:
    return reply.ok
