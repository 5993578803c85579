"""Standalone evaluation of an endpoint, without Dagster: read, ask, score, write the same rows as the assets do.

Belongs here: the order of the steps for one policy. Does not belong here: arguments and tables (cli/evaluate.py), any
rule.

It resumes by itself: answered questions and judged replies are in the call ledger, whatever killed the run before.
"""

from __future__ import annotations

import builtins
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from resources.calls.engine import CallEngine
from resources.lake.store import Commit, LakeStore, Write
from wethink_assets.accounting import StageResult
from wethink_assets.benchmark_sets.files import SetFiles
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.items import OF_EVALUATE, read_benchmarks
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.decoding.inspect import inspect_files
from wethink_assets.decoding.picture_maker import PictureMaker
from wethink_assets.evaluation import predictions
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.policy_calls import ask_policy
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS, Version
from wethink_assets.evaluation.scoring import STRICT, CallModels
from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set, write_submission
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.settings import EndpointSettings, Settings
from wethink_assets.stage_writes import merged, stage_writes

KIND = "external"


class UnreachableError(ValueError):
    """The place of the evaluation sets cannot be reached; the message names it."""


class StoredImages:
    """Images of the evaluation sets by id, as the call engine asks for them; `known` are rows of benchmark_images."""

    def __init__(self, store: ImageStore, pictures: PictureMaker, known: Mapping[str, Mapping[str, Any]]) -> None:
        self._store = store
        self._pictures = pictures
        self._known = known

    def bytes(self, image_id: str) -> builtins.bytes:
        return self._store.path(image_id).read_bytes()

    def picture_bytes(self, image_id: str) -> tuple[builtins.bytes, str]:
        known = self._known.get(image_id, {}).get("picture_id")
        return self._pictures.bytes_of(image_id, lambda: self.bytes(image_id), known)


@dataclass
class Outcome:
    """The outcome of an evaluation.

    `scores` are rows of table scores; `read`, `asked` and `scored` say what came of files, questions and replies;
    `problem` is what ended the server; `submissions` are files for sets that hide their gold.
    """

    policy_id: str
    read: StageResult
    asked: dict[str, StageResult] = field(default_factory=dict)
    scored: dict[str, StageResult] = field(default_factory=dict)
    scores: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None
    submissions: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether every headline number stands on all items of its set."""
        main = [row for row in self.scores if row["main"]]
        return self.problem is None and all(row["n_failed"] == 0 and row["n_set"] for row in main)


def evaluate(
    settings: Settings,
    store: LakeStore,
    sets: Sequence[Benchmark],
    endpoint: EndpointSettings,
    policy_id: str,
    *,
    say: Callable[[str], None],
    limit: int | None = None,
) -> Outcome:
    """Evaluate one policy on these sets: ask it, score its replies, record both.

    `limit` takes the first items of each set alone, and the numbers' names say so.

    Raises:
        CallsError: the endpoint cannot be used at all, or the judge cannot.
        UnreachableError: the place of the sets cannot be reached.
        ValueError: the id is that of a policy which the graph made; its rows are not to be overwritten.
    """
    if any(row["kind"] != KIND for row in store.rows("evaluation/select_policy_kind", policy_id=policy_id)):
        raise ValueError(
            f"{policy_id} is a policy of the graph, with scores of its own: give another name with --policy"
        )
    run_id = f"{OF_EVALUATE}{uuid.uuid4().hex[:12]}"
    images = ImageStore(settings.image_store_dir)
    known = {row["image_id"]: row for row in store.rows("evaluation/select_images")}
    files = SetFiles.of(settings)
    say(f"reading {len(sets)} sets from {files.name}")
    try:
        look = partial(inspect_files, pictures=settings.pictures_dir)
        read = read_benchmarks(files, images, known=known, sets=sets, memory=settings.set_memory_dir, inspect=look)
    except OSError as error:
        raise UnreachableError(
            f"the evaluation sets in {files.name} cannot be reached: {error.strerror or error}"
        ) from None
    outcome = Outcome(policy_id, read)
    rows = read.rows["benchmark_items"]
    _write_items(store, run_id, read, sets)
    items: dict[str, list[Item]] = {b.name: [] for b in sets}
    for item in predictions.asked_items(rows, sets):
        items[item.benchmark].append(item)
    asked = {name: own[:limit] for name, own in items.items()}
    seen = {row["image_id"]: row for row in read.rows["benchmark_images"]}
    pictures = PictureMaker(settings.pictures_dir, limit_s=settings.images.limit_s)
    engine = CallEngine(settings, store, StoredImages(images, pictures, seen))
    try:
        answers = _ask(engine, settings, store, outcome, endpoint, asked, run_id, say)
        _score(engine, settings, store, outcome, sets, items, asked, answers, run_id, say)
    finally:
        engine.close()
    return outcome


def _write_items(store: LakeStore, run_id: str, read: StageResult, sets: Sequence[Benchmark]) -> None:
    """Items of these sets replace those that are there; other sets, and what gates compare with, are left alone."""
    own = {"run_id": run_id}
    by_set = {b.name: [{**i, **own} for i in read.rows["benchmark_items"] if i["benchmark"] == b.name] for b in sets}
    writes = [
        Write("benchmark_items", own_items, replace={"benchmark": name})
        for name, own_items in by_set.items()
        if own_items
    ]
    images = [{**row, **own} for row in read.rows["benchmark_images"]]
    store.write(
        Commit("evaluate", "", run_id), [*merged(writes), Write("benchmark_images", images, mode="add_missing")]
    )


def _ask(
    engine: CallEngine,
    settings: Settings,
    store: LakeStore,
    outcome: Outcome,
    endpoint: EndpointSettings,
    asked: dict[str, list[Item]],
    run_id: str,
    say: Callable[[str], None],
) -> list[dict[str, Any]]:
    all_items = [item for own_items in asked.values() for item in own_items]
    requests = predictions.build_requests(all_items, settings.evaluation)
    missing = engine.missing(requests, endpoint)
    say(f"{outcome.policy_id}: {len(requests)} questions, {missing} of them not in the ledger")
    began = time.monotonic()
    replies, outcome.problem = ask_policy(
        requests,
        endpoint,
        lambda some: engine.run(some, asset="evaluate", batch="", run_id=run_id, log=say, endpoint=endpoint),
        engine.ledger,
    )
    policy = {
        "policy_id": outcome.policy_id,
        "kind": KIND,
        "path": endpoint.model,
        "seconds": 0.0,
        "run_id": run_id,
        "config": {"model": endpoint.model, "profile": settings.evaluation.profile},
    }
    writes = [Write("policies", [policy], mode="upsert")]
    answers: list[dict[str, Any]] = []
    start = 0
    for name, own_items in asked.items():
        part = slice(start, start + len(own_items))
        start += len(own_items)
        result = predictions.collect(own_items, requests[part], replies[part], policy_id=outcome.policy_id, kind=KIND)
        own = {"predictions": {"policy_id": outcome.policy_id, "benchmark": name}}
        writes += _writes(result, f"evaluate/{outcome.policy_id}/predictions/{name}", run_id, began, own)
        outcome.asked[name] = result
        answers += map(dict, result.rows["predictions"])
    store.write(Commit("evaluate", "", run_id), merged(writes))
    return answers


def _score(
    engine: CallEngine,
    settings: Settings,
    store: LakeStore,
    outcome: Outcome,
    sets: Sequence[Benchmark],
    items: dict[str, list[Item]],
    asked: dict[str, list[Item]],
    answers: Sequence[dict[str, Any]],
    run_id: str,
    say: Callable[[str], None],
) -> None:
    evaluation = settings.evaluation
    kit = VERSIONS[evaluation.vlmevalkit]
    ask: CallModels | None = None
    if not evaluation.rules_only:

        def once(requests: Any) -> Any:
            return engine.run(requests, asset="evaluate/scores", batch="", run_id=run_id, log=say)

        def ask(requests: Any) -> Any:
            limits = settings.rewards
            return ask_until_clear(
                once,
                requests,
                passes=limits.judge_passes,
                clear=lambda reply: reply.ok,
                refused_again=limits.refused_again,
            )

    verdicts_by_name = verdicts_by_set(asked, answers, sets, ask, kit)
    unreadable: dict[str, int] = {}
    for stopped in outcome.read.failed:
        name = stopped.subject_id.removesuffix(".tsv").partition(":")[0]
        unreadable[name] = unreadable.get(name, 0) + 1
    contaminated: dict[str, set[str]] = {}
    for row in store.rows("evaluation/select_contaminated_items"):
        contaminated.setdefault(row["benchmark"], set()).add(row["item"])
    writes: list[Write] = []
    for benchmark in sets:
        began = time.monotonic()
        result, verdicts = score_set(
            benchmark,
            verdicts_by_name[benchmark.name],
            {outcome.policy_id: KIND},
            n_set=len(items[benchmark.name]) + unreadable.get(benchmark.name, 0),
            resamples=evaluation.resamples,
            seed=evaluation.seed,
            rules_only=evaluation.rules_only,
            contaminated=contaminated.get(benchmark.name, ()),
            kit=kit,
        )
        path = settings.home / "submissions" / outcome.policy_id / f"{benchmark.name}.tsv"
        if write_submission(path, verdicts[outcome.policy_id]):
            outcome.submissions.append(str(path))
        outcome.scored[benchmark.name] = result
        outcome.scores += map(dict, result.rows["scores"])
        ours = {"policy_id": outcome.policy_id, "benchmark": benchmark.name}
        asset = f"evaluate/{outcome.policy_id}/scores/{benchmark.name}"
        for write in _writes(result, asset, run_id, began, {"item_scores": ours, "scores": ours}):
            writes += _by_scorer(write, kit) if write.table == "scores" else [write]
    store.write(Commit("evaluate", "", run_id), merged(writes))


def _by_scorer(write: Write, kit: Version) -> Iterator[Write]:
    """Numbers replace those of their own scorer: those by another version of VLMEvalKit's rules stay beside them."""
    for scorer in (STRICT, kit.scorer):
        rows = [row for row in cast("Sequence[Mapping[str, Any]]", write.rows) if row["scorer"] == scorer]
        yield Write(write.table, rows, replace={**cast("Mapping[str, Any]", write.replace), "scorer": scorer})


def _writes(
    result: StageResult, asset: str, run_id: str, began: float, replace: dict[str, dict[str, Any]]
) -> list[Write]:
    """What the stage writes, refused where it lost rows. All sets go into one transaction, and few statements."""
    result.check()
    return stage_writes(result, asset, batch="", run_id=run_id, seconds=time.monotonic() - began, replace=replace)[0]
