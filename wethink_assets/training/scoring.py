"""Rewards of sampled completions in the course of training, and the record of every one of them.

Belongs here: one score for each completion of a step, the permuted control, the rollout log, what is logged of rewards.
Does not belong here: what is right (wethink_assets.rewards), how a trainer uses it (grpo_worker.py).
Imports no torch: tested without a model.
"""

from __future__ import annotations

import heapq
import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from resources.calls.messages import ModelReply, ModelRequest
from wethink_assets.rewards.hybrid import CallModels, HybridReward, RewardRecord
from wethink_assets.training.job import read_lines


@dataclass(frozen=True)
class Rollout:
    """One completion with its rewards. `reward` is None where scoring failed: it is left out, never a zero.

    `place` is the completion's position in the step's whole batch, over all processes; `terms` are the scores of all
    reward terms by name.
    """

    step: int
    place: int
    sample_id: str
    completion: str
    verdict: str
    accuracy: float | None
    format: float
    reward: float | None
    terms: Mapping[str, float | None] = field(default_factory=dict)

    def term(self, name: str) -> float | None:
        """A term's score for the trainer, which sums the terms itself: None for all where one of them is None."""
        return None if self.reward is None else self.terms[name]

    def line(self) -> str:
        """The rollout as a line of the log; terms are in the trainer's metrics."""
        values = {name: value for name, value in asdict(self).items() if name != "terms"}
        return json.dumps(values, ensure_ascii=False) + "\n"


class Scorer:
    """Scores the batches of one process for GRPO and writes every rollout to `log`.

    `permute_seed` shuffles rewards among the completions of a batch: the control run, which must not learn.
    """

    def __init__(self, hybrid: HybridReward, *, log: Path | None = None, permute_seed: int | None = None) -> None:
        self._hybrid = hybrid
        self.terms = hybrid.terms
        self._log = log
        self._permute_seed = permute_seed
        self._latest: tuple[tuple[int, int], list[Rollout]] = ((-1, 0), [])
        self._looked: tuple[Any, list[Rollout]] = (None, [])

    def look(self, completions: Sequence[Any], columns: Mapping[str, Sequence[str]]) -> list[Rollout]:
        """Score held-out completions, which nothing is learned from and which are no rollouts."""
        asked = (list(completions), list(columns["sample_id"]))
        if self._looked[0] != asked:
            records = self._records(completions, columns)
            rollouts = [
                Rollout(0, i, columns["sample_id"][i], r.completion, r.verdict, r.accuracy, r.format, r.reward, r.terms)
                for i, r in enumerate(records)
            ]
            self._looked = (asked, rollouts)
        return self._looked[1]

    def _records(self, completions: Sequence[Any], columns: Mapping[str, Sequence[str]]) -> list[RewardRecord]:
        return self._hybrid.score(
            completions,
            answer_typed=columns["answer_typed"],
            problem=columns["problem"],
            sample_id=columns["sample_id"],
        )

    def score(
        self,
        step: int,
        completions: Sequence[Any],
        columns: Mapping[str, Sequence[str]],
        places: Sequence[int] | None = None,
    ) -> list[Rollout]:
        """Score a batch of `step`; asked again for the same places of it, the first result is given again.

        `columns` has sample_id, problem and answer_typed; `places` are those of the completions in the whole step, over
        all processes: from 0 on unless given. Those that are sampled later in the step have higher ones.
        """
        places = range(len(completions)) if places is None else places
        if not completions or self._latest[0] == (step, places[0]):
            return self._latest[1] if completions else []
        records = self._records(completions, columns)
        order = list(range(len(records)))
        if self._permute_seed is not None:
            random.Random(f"{self._permute_seed}|{step}|{places[0]}").shuffle(order)
        rollouts = [
            Rollout(
                step,
                places[i],
                columns["sample_id"][i],
                records[i].completion,
                records[i].verdict,
                records[j].accuracy,
                records[j].format,
                records[j].reward,
                records[j].terms,
            )
            for i, j in enumerate(order)
        ]
        self._latest = ((step, places[0]), rollouts)
        if self._log is not None:
            with self._log.open("a", encoding="utf-8", errors="replace") as file:
                file.writelines(r.line() for r in rollouts)
        return rollouts


def measures(rollouts: Sequence[Rollout], columns: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, float]]:
    """What is logged of a batch beside its rewards, as values of which the trainer takes the mean over all processes.

    The share left out; accuracy by the row's method and category.
    """
    for i, rollout in enumerate(rollouts):
        yield "left_out", float(rollout.reward is None)
        if rollout.accuracy is not None:
            for column in ("method", "category"):
                if column in columns:
                    yield f"accuracy/{columns[column][i]}", rollout.accuracy


class Meter:
    """What the judge costs: calls that were paid for, their cost and the seconds waited, since it was last asked."""

    def __init__(self, ask: CallModels) -> None:
        self._ask = ask
        self._calls, self._cost, self._seconds = 0, 0.0, 0.0

    def __call__(self, requests: list[ModelRequest]) -> list[ModelReply]:
        started = time.monotonic()
        replies = self._ask(requests)
        self._seconds += time.monotonic() - started
        self._calls += sum(not reply.reused for reply in replies)
        self._cost += sum(reply.cost for reply in replies if not reply.reused)
        return replies

    def read(self) -> dict[str, float]:
        told = {"judge/calls": float(self._calls), "judge/cost": self._cost, "judge/seconds": self._seconds}
        self._calls, self._cost, self._seconds = 0, 0.0, 0.0
        return told


def forget_after(log: Path, step: int, key: str = "step") -> None:
    """Keep only the lines up to `step`: what a killed run did after its last checkpoint is done again."""
    if not log.is_file():
        return
    part = log.with_suffix(".part")
    with part.open("w", encoding="utf-8") as file:
        for line in read_lines(log):
            if line[key] <= step:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    part.replace(log)


def merge_logs(logs: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """All processes' rollouts in order, with `member`: the place of a completion in its row's group.

    Each log is in the order of its steps, so that a step at a time is held.
    """
    rows = heapq.merge(*(read_lines(log) for log in logs), key=lambda row: (row["step"], row["place"]))
    for _, of_step in groupby(rows, key=lambda row: row["step"]):
        members: Counter[str] = Counter()
        for row in of_step:
            yield {**{k: v for k, v in row.items() if k != "place"}, "member": members[row["sample_id"]]}
            members[row["sample_id"]] += 1


def write_rollouts(logs: Sequence[Path], target: Path) -> int:
    """Write all processes' rollouts as one Parquet file, in order; their number."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, number = pa.string(), pa.float64()
    schema = pa.schema(
        {
            "step": pa.int32(),
            "sample_id": text,
            "completion": text,
            "verdict": text,
            "accuracy": number,
            "format": number,
            "reward": number,
            "member": pa.int32(),
        }
    )
    rows, count = merge_logs(logs), 0
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while part := list(islice(rows, 4_096)):
            writer.write_batch(pa.RecordBatch.from_pylist(part, schema=schema))
            count += len(part)
    return count
