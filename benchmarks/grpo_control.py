"""The permuted-rewards control of GRPO: does the demo's policy learn, and does it learn from the rewards?

For each seed: a base policy, GRPO on drawn scenes, GRPO on the same scenes with permuted rewards (the control), and
all three asked on freshly drawn held-out scenes, greedily and sampled. Prints accuracy and the paired difference to
the base with its 95 % interval (10,000 draws of images). Rule-scored items only: no model is asked.

    python -m benchmarks.grpo_control --seeds 0 1 2 [--heldout-first 40000000] [--keep DIR] [--set steps=80 …]

Takes about as long as the demo's training for every base, run and control (three times per seed).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

from resources.workers.launcher import worker_command, worker_environment, worker_processes
from wethink_assets.dataset.record import with_options
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.demo.pack.scene import KINDS
from wethink_assets.evaluation.statistics import Observation, difference
from wethink_assets.exports.texts import reply
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.job import Job, read_manifest
from wethink_assets.training.row_file import RowFile, TrainingRow


def draw_rows(folder: Path, scenes: int, first_seed: int) -> list[TrainingRow]:
    """Two rule-scored rows per scene, as in the demo's release: the main colour, and one other item in turn."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(scenes):
        scene = make_scene(KINDS[number % len(KINDS)], first_seed + number)
        path = folder / f"{scene.scene_id}.png"
        if not path.exists():
            draw(scene).save(path)
        others = [i for i in scene.items[1:] if i.category != "DES"]
        for item in (scene.items[0], others[(number // len(KINDS)) % len(others)]):
            typed = type_answer(item.answer, category=item.category, options=item.options, question=item.question)
            rows.append(
                TrainingRow(
                    sample_id=f"{scene.scene_id}:{item.key}",
                    problem=with_options(item.question, item.options),
                    answer=item.answer,
                    answer_typed=typed.to_json(),
                    category=item.category,
                    reward="rule",
                    image_id=scene.scene_id,
                    image=str(path),
                    reply=reply(item.short_chain, item.answer),  # what fine-tuning learns of it
                )
            )
    return rows


def work(home: Path, module: str, argument: str, training: TrainingSettings, processes: int = 1) -> float:
    """Run a worker to its end; returns its CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    log = home / "log.txt"
    with log.open("ab") as file, tempfile.TemporaryDirectory() as meeting:
        env = worker_environment(home, Path(meeting), processes=processes, threads=training.threads)
        done = subprocess.run(
            worker_command(module, [argument], processes), env=env, cwd=ROOT, stdout=file, stderr=file
        )
    if done.returncode:
        raise SystemExit(f"{module} failed with status {done.returncode}: see {log}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make(
    home: Path, name: str, kind: str, training: TrainingSettings, base: str = "", rows: Sequence[TrainingRow] = ()
) -> Path:
    """A policy by the workers that the assets start, without Dagster; an existing one is taken as it is."""
    job = Job(name, kind, str(home / "policies"), training.model_dump(mode="json"), base_path=base)
    if read_manifest(job.folder) is None:
        started = time.monotonic()
        processes = worker_processes(training.processes)
        module = {"base": "wethink_assets.training.base_worker", "rl": "wethink_assets.training.grpo_worker"}[kind]
        path = home / f"{name}.arrow"
        with RowFile(path) as file:
            file.append(rows)
        cpu = work(home, module, str(job.write(path if rows else None)), training, processes)
        print(f"  {name}: {time.monotonic() - started:.0f} s, {cpu:.0f} CPU-s", flush=True)
    return job.folder


def ask(home: Path, policies: dict[str, Path], rows: list[TrainingRow], training: TrainingSettings) -> dict[str, Any]:
    """Completions of every policy, greedy and sampled, in a process of its own (torch stays out of this one)."""
    question = home / "questions.json"
    question.write_text(
        json.dumps(
            {
                "rows": [r.__dict__ for r in rows],
                "policies": {k: str(v) for k, v in policies.items()},
                "max_tokens": 40,
                "seed": training.seed,
            }
        )
    )
    work(home, "benchmarks.grpo_control", f"--answer={question}", training)
    return json.loads(question.with_suffix(".answers").read_text())


def answer(path: Path) -> None:
    """The asked process: transformers' own generate, in batches."""
    import torch
    from PIL import Image

    from wethink_assets.training.conversation import conversation
    from wethink_assets.training.trainer_config import VISUAL
    from wethink_assets.training.worker import load_policy

    asked = json.loads(path.read_text())
    answers: dict[str, dict[str, list[str]]] = {}
    for name, folder in asked["policies"].items():
        model, processor = load_policy(folder, cuda=torch.cuda.is_available())
        model.eval()
        barred = [processor.tokenizer.convert_tokens_to_ids(t) for t in VISUAL]
        for way in ("greedy", "sampled"):
            torch.manual_seed(asked["seed"])
            texts: list[str] = []
            for start in range(0, len(asked["rows"]), 64):
                rows = asked["rows"][start : start + 64]
                prompts = [
                    processor.apply_chat_template(
                        conversation(r["problem"]), add_generation_prompt=True, tokenize=False
                    )
                    for r in rows
                ]
                images = [[Image.open(r["image"]).convert("RGB")] for r in rows]
                inputs = processor(text=prompts, images=images, padding=True, return_tensors="pt").to(model.device)
                how = {"do_sample": False} if way == "greedy" else {"do_sample": True, "temperature": 1.0, "top_k": 0}
                with torch.no_grad():
                    out = model.generate(**inputs, max_new_tokens=asked["max_tokens"], suppress_tokens=barred, **how)
                texts += processor.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
            answers.setdefault(name, {})[way] = texts
    path.with_suffix(".answers").write_text(json.dumps(answers))


def kind_of(row: TrainingRow) -> str:
    key = row.sample_id.split(":", 1)[1]
    return key if key in ("main_colour", "colour_choice") else f"other {row.category}"


def compare(rows: list[TrainingRow], answers: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    """Accuracy of each policy by item kind, and the paired difference to the base, by image."""
    hybrid = HybridReward()
    columns = {"answer_typed": [r.answer_typed for r in rows], "problem": [r.problem for r in rows]}
    table = []
    for way in ("greedy", "sampled"):
        scored = {name: hybrid.score(texts[way], **columns) for name, texts in answers.items()}
        values = {
            n: [Observation(r.image_id, float(s.accuracy or 0)) for r, s in zip(rows, records, strict=True)]
            for n, records in scored.items()
        }
        for name, records in scored.items():
            by_kind = {}
            for kind in sorted({kind_of(r) for r in rows}):
                own = [o.value for o, r in zip(values[name], rows, strict=True) if kind_of(r) == kind]
                by_kind[kind] = round(sum(own) / len(own), 3)
            change = difference(values["base"], values[name], resamples=10_000, seed=seed) if name != "base" else None
            table.append(
                {
                    "seed": seed,
                    "policy": name,
                    "way": way,
                    "n": len(rows),
                    "accuracy": sum(o.value for o in values[name]) / len(rows),
                    "format": sum(r.format for r in records) / len(rows),
                    "by_kind": by_kind,
                    "delta": change and [change.value, change.low, change.high],
                }
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--train-scenes", type=int, default=330)
    parser.add_argument("--heldout-scenes", type=int, default=100)
    parser.add_argument("--train-first", type=int, default=20_000_000)
    parser.add_argument("--heldout-first", type=int, default=40_000_000)
    parser.add_argument(
        "--keep", type=Path, help="folder for policies and images; what is there already is not made again"
    )
    parser.add_argument("--no-control", action="store_true")
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="FIELD=VALUE", help="training settings other than the defaults"
    )
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        answer(options.answer)
        return
    os.chdir(ROOT)
    home = (options.keep or Path(tempfile.mkdtemp(prefix="grpo-control-"))).resolve()
    home.mkdir(parents=True, exist_ok=True)
    more = {k: json.loads(v) if v[:1].isdigit() else v for k, v in (pair.split("=", 1) for pair in options.set)}
    rows = draw_rows(home / "train", options.train_scenes, options.train_first)
    for seed in options.seeds:
        training = TrainingSettings(**{"seed": seed, **more})
        policies = {"base": make(home, f"base-{seed}", "base", training)}
        policies["rl"] = make(home, f"rl-{seed}", "rl", training, str(policies["base"]), rows)
        if not options.no_control:
            control = training.model_copy(update={"permute_rewards": True})
            policies["control"] = make(home, f"control-{seed}", "rl", control, str(policies["base"]), rows)
        heldout = draw_rows(home / "heldout", options.heldout_scenes, options.heldout_first + 1_000_000 * seed)
        for line in compare(heldout, ask(home, policies, heldout, training), seed):
            delta = "" if line["delta"] is None else "  change {:+.3f} [{:+.3f}, {:+.3f}]".format(*line["delta"])
            print(
                f"seed {seed} {line['policy']:8} {line['way']:8} n {line['n']} accuracy {line['accuracy']:.3f} "
                f"format {line['format']:.3f}{delta}  {line['by_kind']}",
                flush=True,
            )
            with (home / "results.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
