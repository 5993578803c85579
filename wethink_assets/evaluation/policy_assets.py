"""Prediction assets: what the base and the RL policy answer, two assets from one factory.

Belongs here: which policy is asked, whether a server is needed for it, and how long that lives. Does not belong here:
requests and rows (predictions.py), starting a server (resources/workers/vllm_server.py).
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any

import dagster as dg

from resources.calls.messages import CallsError
from resources.calls.resource import ModelCalls
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from resources.workers.vllm_server import PolicyServer, PolicyServerError
from wethink_assets.asset_factory import AssetFunction, lake_asset
from wethink_assets.benchmark_sets.assets import ITEMS
from wethink_assets.benchmark_sets.metadata import per_set
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.commit_changed import commit_if_changed
from wethink_assets.evaluation import predictions
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.gates import PREDICTION_GATES
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.policy_calls import ask_policy
from wethink_assets.evaluation.versions import predictions_version
from wethink_assets.presentation.row_links import explorer_page
from wethink_assets.settings import EndpointSettings, Settings
from wethink_assets.training.job import damage

PREDICTIONS = {"base": dg.AssetKey("predictions_base"), "rl": dg.AssetKey("predictions_rl")}
ASIDE = {"sft": dg.AssetKey("predictions_sft")}  # asked when it is wanted, and on no scoreboard
POLICIES = {kind: dg.AssetKey(f"{kind}_policy") for kind in (*PREDICTIONS, *ASIDE)}
NOWHERE = "http://127.0.0.1:9/v1"  # stands for a server that is not started yet: the ledger does not look at URLs


def predictions_asset(kind: str, sets: Sequence[Benchmark], group: str = "evaluation") -> dg.AssetsDefinition:
    """The prediction asset of a kind of policy: its answers to every item of the sets and every held-out sample."""
    return lake_asset(
        key=(PREDICTIONS | ASIDE)[kind],
        group=group,
        description=(
            f"What the {'base' if kind == 'base' else kind.upper()} policy answers, greedily, to all items of the "
            "evaluation sets and to the held-out samples of the release. One vLLM server answers everything; what the "
            "call ledger knows is not asked again, and then no server is started."
        ),
        tables=("predictions",),
        kinds=("vllm", "duckdb"),
        owner="team:vlm-research",
        deps=[ITEMS, POLICIES[kind], "release"],
        gates=PREDICTION_GATES,
        code_version=predictions_version(sets),
        pool="gpu",
    )(_predictions(kind))


def _predictions(kind: str) -> AssetFunction:
    key = (PREDICTIONS | ASIDE)[kind]

    def answer(
        context: dg.AssetExecutionContext,
        lake: Lake,
        settings: SettingsResource,
        calls: ModelCalls,
        server: PolicyServer,
    ) -> dg.MaterializeResult:
        started = time.monotonic()
        config = settings.get()
        policy = current_policy(lake, kind)
        items = [
            *predictions.asked_items(lake.rows("evaluation/select_items"), scored_sets(config.evaluation)),
            *heldout(lake),
        ]
        evaluation = config.evaluation
        requests = predictions.build_requests(items, evaluation)
        nowhere = policy_endpoint(config, policy["policy_id"], evaluation.policy_url or NOWHERE)
        missing = calls.missing(requests, nowhere)
        context.log.info(f"{policy['policy_id']}: {len(requests)} questions, {missing} of them not in the ledger")
        served = served_policy(context, server, config, policy, nowhere) if missing else nullcontext(nowhere)
        with served as endpoint:
            asked = time.monotonic()
            replies, problem = ask_policy(
                requests,
                endpoint,
                lambda some: calls.run(
                    some, asset=key.path[-1], batch="", run_id=context.run.run_id, log=context.log, endpoint=endpoint
                ),
                calls.engine.ledger,
            )
            if problem:
                context.log.error(f"{policy['policy_id']}: the server was lost, the rest is scored: {problem}")
            seconds = time.monotonic() - asked
        result = predictions.collect(items, requests, replies, policy_id=policy["policy_id"], kind=kind)
        times = {"answer_seconds": round(seconds, 2), "start_seconds": round(asked - started, 2)}
        result.details |= {"asked_anew": missing, **times}
        if missing:
            result.details["items_per_second"] = round(missing / seconds, 1)
        return commit_if_changed(
            context,
            lake,
            result,
            key=key,
            started=started,
            replace={"predictions": {"policy_id": policy["policy_id"]}},
            metadata={
                "policy": policy["policy_id"],
                "sets": per_set(result.rows["predictions"]),
                **explorer_page(config.explorer.url, "/compare/policies", new=policy["policy_id"]),
            },
        )

    return answer


def current_policy(lake: Lake, kind: str) -> dict[str, Any]:
    """The latest policy of a kind, as its asset recorded it."""
    rows = lake.rows("training/select_current_policy", asset=POLICIES[kind].path[-1])
    if not rows:
        raise dg.Failure(f"there is no {kind} policy yet: materialise {POLICIES[kind].path[-1]}", allow_retries=False)
    return rows[0]


def heldout(lake: Lake) -> list[Item]:
    """The held-out samples of the latest release; none where there is no release."""
    release = lake.rows("dataset/select_latest_release")
    if not release:
        return []
    return predictions.heldout_items(lake.rows("dataset/select_heldout_rows", release_id=release[0]["release_id"]))


def policy_endpoint(config: Settings, policy_id: str, url: str) -> EndpointSettings:
    """The endpoint of a served policy: its id is the model's name, so that the ledger tells policies apart."""
    return EndpointSettings(
        base_url=url, model=policy_id, concurrency=config.evaluation.concurrency, structured_outputs=False
    )


@contextmanager
def served_policy(
    context: dg.AssetExecutionContext,
    server: PolicyServer,
    config: Settings,
    policy: dict[str, Any],
    nowhere: EndpointSettings,
) -> Iterator[EndpointSettings]:
    """The configured server of policies, or one that lives as long as this block.

    Raises:
        Failure: the policy's files are damaged, or no server of it answers.
    """
    folder = config.home / policy["path"]
    model = str(folder) if folder.is_dir() else policy["path"]
    try:
        if config.evaluation.policy_url:
            yield nowhere
            return
        if fault := damage(folder, policy["weights_sha256"]):
            raise dg.Failure(f"{policy['policy_id']}: {fault}", allow_retries=False)
        with server.start(model, policy["policy_id"], log=context.log.info) as url:
            yield policy_endpoint(config, policy["policy_id"], url)
    except (PolicyServerError, CallsError) as error:
        raise dg.Failure(str(error)) from None
