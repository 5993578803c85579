"""Running the ablation study: what is missing of its arms and seeds, one policy after another, and their answers.

Belongs here: the order of work, the folder of a study, resuming. Does not belong here: which arms there are (arms.py),
the table (report.py), learning and answering (worker modules of training/, started as processes).

    <folder>/policies/        every policy, by its content hash: arms of equal settings and rows share one
    <folder>/answers/         greedy answers, by policy and questions
    <folder>/results.json     per arm and seed: its policy, correctness item by item, seconds; what was left out and why

A study that was ended goes on: a finished policy is found by its id, an unfinished one resumes from its checkpoint.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from resources.file_lock import file_lock
from resources.private import private_folder
from resources.scratch import scratch_folder
from resources.workers.environment import keys_for
from resources.workers.launcher import (
    WorkerFailedError,
    explain,
    read_tail,
    worker_command,
    worker_environment,
    worker_processes,
)
from resources.workers.processes import end_process_group, start_process
from wethink_assets.ablations.arms import Arm
from wethink_assets.accounting import content_id
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import PROJECT_ROOT, Settings, TrainingSettings
from wethink_assets.training import identity, sft
from wethink_assets.training.job import WORKERS, Job, read_manifest
from wethink_assets.training.row_file import RowFile, TrainingRow

RESULTS = "results.json"
_ANSWERS = "wethink_assets.training.answer_worker"
BATCH = 64  # questions that are answered at a time


@dataclass(frozen=True)
class Study:
    """What all arms share. `rows` are learned from, each with the reply that it teaches; `asked` are held out, and
    scored by rules. `judge` is the judging model, where a row needs one, `settings` those that it is asked by."""

    folder: Path
    training: TrainingSettings
    rows: Sequence[TrainingRow]
    asked: Sequence[TrainingRow]
    settings: Settings
    judge: str | None = None

    @property
    def policies(self) -> Path:
        return self.folder / "policies"


def run(study: Study, arms: Sequence[Arm], seeds: Sequence[int], say: Callable[[str], None]) -> dict[str, Any]:
    """Run what is missing, and write and return the results. `say` is told of every policy before it is made.

    Raises:
        WorkerFailedError: a policy could not be made; what was finished stays.
    """
    private_folder(study.folder)
    results = _begun(study, {arm.name for arm in arms}, seeds)
    total, done = len(arms) * len(seeds), 0
    for seed in seeds:
        for arm in arms:
            done += 1
            rows = arm.choose(study.rows, seed)
            if not rows:
                results["left_out"][arm.name] = arm.needs
                say(f"{done}/{total} {arm.name}: left out, {arm.needs}")
                _written(study, results)
                continue
            say(f"{done}/{total} {arm.name}, seed {seed}, {len(rows):,} rows")
            policy = policy_of(study, arm, seed, rows, say)
            told = asked_of(study, policy, say)
            manifest = read_manifest(policy) or {}
            cost = {name: manifest.get(name) for name in ("seconds", "cpu_seconds", "steps")}
            results["runs"].append(
                {"arm": arm.name, "seed": seed, "policy": policy.name, "rows": len(rows), "right": told, **cost}
            )
            _written(study, results)
    return results


def _begun(study: Study, arms: Collection[str], seeds: Collection[int]) -> dict[str, Any]:
    """Results to add to: those of other arms and seeds of this very study, where an earlier call has left some."""
    results: dict[str, Any] = {
        "settings": study.training.model_dump(mode="json"),
        "rows": len(study.rows),
        "rows_digest": content_id([asdict(row) | {"image": ""} for row in study.rows])[:16],
        "asked": [[row.sample_id, row.image_id] for row in study.asked],
        "processes": worker_processes(study.training.processes),
    }
    known = study.folder / RESULTS
    before = json.loads(known.read_text("utf-8")) if known.is_file() else {}
    same = all(before.get(name) == value for name, value in results.items())
    runs = [run for run in before["runs"] if run["arm"] not in arms or run["seed"] not in seeds] if same else []
    left_out = {arm: why for arm, why in before["left_out"].items() if arm not in arms} if same else {}
    return {**results, "runs": runs, "left_out": left_out}


def _written(study: Study, results: Mapping[str, Any]) -> None:
    part = study.folder / f"{RESULTS}.part"
    part.write_text(json.dumps(results) + "\n", "utf-8")
    part.replace(study.folder / RESULTS)


def policy_of(study: Study, arm: Arm, seed: int, rows: Sequence[TrainingRow], say: Callable[[str], None]) -> Path:
    """The folder of an arm's policy; made, with those that it comes from, unless it is there."""
    training = study.training.model_copy(update={"seed": seed, "start_from": "base", **arm.change})
    base = _base(study, training, say)
    start = base
    if "sft" in (arm.learns, arm.start):
        start = _learned(study, "sft", training, base, study.rows, say)
    return _learned(study, "rl", training, start, rows, say) if arm.learns == "rl" else start


def _base(study: Study, training: TrainingSettings, say: Callable[[str], None]) -> Path:
    if training.base != identity.TINY:
        return Path(training.base)
    processes = min(2, worker_processes(training.processes))
    name = identity.base_id(training, processes=processes)
    job = Job(name, "base", str(study.policies), training.model_dump(mode="json"), processes=processes)
    return _made(study, job, (), say)


def _learned(
    study: Study,
    kind: str,
    training: TrainingSettings,
    start: Path,
    rows: Sequence[TrainingRow],
    say: Callable[[str], None],
) -> Path:
    """A policy that learns from rows; SFT ones with their replies, and of the others those without."""
    processes = worker_processes(training.processes)
    judged = kind == "rl" and any(row.reward == "model" for row in rows)
    kept = [row for row in rows if row.reply is not None] if kind == "sft" else [_for_rl(row, training) for row in rows]
    weights = (read_manifest(start) or {}).get("weights_sha256")
    content = content_id([asdict(row) | {"image": ""} for row in kept])[:16]
    if kind == "sft":
        name = sft.sft_id(start.name, weights, "ablation", training, processes=processes, rows=content)
        training = sft.as_trained(training)
    else:
        name = identity.rl_id(
            start.name,
            weights,
            "ablation",
            training,
            study.judge if judged else None,
            processes=processes,
            rows=content,
        )
    job = Job(
        name,
        kind,
        str(study.policies),
        training.model_dump(mode="json"),
        base_path=str(start),
        settings=study.settings.model_dump(mode="json"),
        judged=judged,
        processes=processes,
    )
    return _made(study, job, kept, say)


def _for_rl(row: TrainingRow, training: TrainingSettings) -> TrainingRow:
    return replace(row, reply=None, pass_rate=row.pass_rate if training.order == "easy_first" else None)


def _made(study: Study, job: Job, rows: Sequence[TrainingRow], say: Callable[[str], None]) -> Path:
    private_folder(job.lock.parent)
    with file_lock(job.lock, f"the folder of {job.policy_id}", say) as lock:
        if read_manifest(job.folder) is not None:
            say(f"  {job.policy_id} is there")
            return job.folder
        source = None
        if rows:
            private_folder(job.work)
            source = job.work / "chosen.arrow"
            with RowFile(source) as file:
                file.append(rows)
        path, started = job.write(source), time.monotonic()
        asks = ["judge"] if job.judged and job.kind == "rl" else []
        _worked(study, WORKERS[job.kind], path, job.policy_id, job.processes, job.training["threads"], asks, lock)
        say(f"  {job.policy_id} made in {time.monotonic() - started:.0f} s")
    return job.folder


def _worked(
    study: Study,
    module: str,
    argument: Path,
    name: str,
    processes: int,
    threads: int,
    asks: Sequence[str] = (),
    keep: int | None = None,
) -> None:
    """A worker's run to its end.

    Raises:
        WorkerFailedError: it ended with an error; the message is its own line.
    """
    log = study.folder / "logs" / f"{name}.log"
    private_folder(log.parent)
    begin = log.stat().st_size if log.exists() else 0
    with scratch_folder(study.settings.scratch_dir, "ranks") as meeting:
        also = (*study.settings.worker_environment, *(keys_for(study.settings, asks) if asks else ()))
        env = worker_environment(study.settings.home, meeting, processes=processes, threads=threads, also=also)
        process = start_process(worker_command(module, [str(argument)], processes), env, log, PROJECT_ROOT, keep=keep)
        try:
            status = process.wait()
        finally:
            end_process_group(process)
    if status:
        raise WorkerFailedError(explain(name, status, read_tail(log, begin), log))


def asked_of(study: Study, policy: Path, say: Callable[[str], None]) -> list[int]:
    """Whether each of the asked rows is answered right (1 or 0), greedily; what is known is not asked again."""
    weights = (read_manifest(policy) or {}).get("weights_sha256")
    length = max(40, study.training.max_completion_length)
    rows = [{"problem": row.problem, "image": row.image} for row in study.asked]
    known = content_id(weights, [[row.sample_id, row.problem, row.picture_id] for row in study.asked], length)[:12]
    path = study.folder / "answers" / f"{policy.name}-{known}.json"
    if not path.is_file():
        private_folder(path.parent)
        request = path.with_suffix(".request")
        told = {"policy": str(policy), "rows": rows, "max_tokens": length, "batch": BATCH, "answers": str(path)}
        request.write_text(json.dumps(told), "utf-8")
        _worked(study, _ANSWERS, request, f"{policy.name}-answers", 1, study.training.threads)
        request.unlink()
    texts = json.loads(path.read_text("utf-8"))
    columns: Mapping[str, Any] = {
        "answer_typed": [row.answer_typed for row in study.asked],
        "problem": [row.problem for row in study.asked],
    }
    return [int((record.accuracy or 0) >= 1) for record in HybridReward().score(texts, **columns)]
