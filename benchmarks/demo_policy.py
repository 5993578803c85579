"""What the demo's policy sees, by family of question: before and after GRPO, with the permuted control.

Families are colour, shape, count (up to three), position, yes or no, and a printed digit. GRPO learns from two rows of
each drawn scene, the main colour and one other item in turn, of the kinds of scenes that the sample pack's sources
hold. All policies are asked greedily on fresh pictures of seeds of their own. Prints each family's accuracy, the paired
change to the base with its 95 % interval (10,000 draws of images), and what the best constant answer to each question
would get: a policy that does not see may gain up to that.

    python -m benchmarks.demo_policy --keep DIR [--base-seed 0] [--seeds 0 1 2] [--control 0] [--set steps=80 …]

One base for all seeds of `--seeds`, which are those of GRPO and of the held-out pictures. In DIR nothing is made twice.
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.grpo_control import ROOT, ask, make
from wethink_assets.dataset.record import with_options
from wethink_assets.demo.pack.plan import KINDS_OF, SOURCES
from wethink_assets.demo.pack.render import draw, make_scene
from wethink_assets.demo.pack.scene import Item, Scene
from wethink_assets.evaluation.statistics import Observation, difference
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.hybrid import HybridReward
from wethink_assets.settings import TrainingSettings
from wethink_assets.training.row_file import TrainingRow

FAMILIES = {
    "colour": ("main_colour", "colour_choice", "small_colour", "clothes"),
    "shape": ("form", "shape", "sides", "building", "largest"),
    "count": ("count_small", "count_people", "count_flags", "count"),
    "position": ("small_above", "tallest"),
    "yes or no": ("round", "glasses"),
    "digit": ("volume",),
}
# Kinds of scenes whose items of the key belong to the family; the key has other meanings elsewhere.
KINDS = {"count": ("solids",), "shape": ("solids", "sign", "geometry"), "volume": ("book_cover",)}


def family(scene: Scene, item: Item) -> str:
    """The family of an item, or nothing."""
    if scene.kind not in KINDS.get(item.key, (scene.kind,)):
        return ""
    found = next((name for name, keys in FAMILIES.items() if item.key in keys), "")
    return "" if found == "count" and int(item.answer) > 3 else found


def row(folder: Path, scene: Scene, item: Item) -> TrainingRow:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{scene.scene_id}.png"
    if not path.exists():
        draw(scene).save(path)
    return TrainingRow(
        sample_id=f"{scene.scene_id}:{item.key}",
        problem=with_options(item.question, item.options),
        answer=item.answer,
        answer_typed=type_answer(
            item.answer, category=item.category, options=item.options, question=item.question
        ).to_json(),
        category=item.category,
        reward="rule",
        image_id=scene.scene_id,
        image=str(path),
    )


def scene_of(number: int, first_seed: int) -> Scene:
    """Kinds as often as the pack's sources hold them."""
    kinds = KINDS_OF[SOURCES[number % len(SOURCES)]]
    return make_scene(kinds[number // len(SOURCES) % len(kinds)], first_seed + number)


def train_rows(folder: Path, scenes: int, first_seed: int) -> list[TrainingRow]:
    rows, turn = [], Counter[str]()
    for number in range(scenes):
        scene = scene_of(number, first_seed)
        others = [i for i in scene.items[1:] if i.category != "DES"]
        turn[scene.kind] += 1
        rows += [row(folder, scene, i) for i in (scene.items[0], others[turn[scene.kind] % len(others)])]
    return rows


def heldout_rows(folder: Path, each: int, first_seed: int) -> tuple[list[TrainingRow], list[str]]:
    """About `each` rows of every family, one of a scene for each, keys in turn; and their families."""
    rows, names, had = [], [], Counter[str]()
    wanted = dict.fromkeys(FAMILIES, each)
    for number in range(60 * each):
        scene = scene_of(number, first_seed)
        found: dict[str, list[Item]] = {}
        for item in scene.items:
            if (name := family(scene, item)) and wanted[name] > 0:
                found.setdefault(name, []).append(item)
        for name, items in found.items():
            item = min(items, key=lambda i: had[f"{scene.kind}.{i.key}"])
            had[f"{scene.kind}.{item.key}"] += 1
            wanted[name] -= 1
            rows.append(row(folder, scene, item))
            names.append(name)
        if not any(left > 0 for left in wanted.values()):
            break
    return rows, names


def constant(rows: Sequence[TrainingRow]) -> float:
    """Accuracy of the best constant answer to each question, chosen knowing the truth. Of a choice, that is chance."""
    right, by = 0.0, {}
    for one in rows:
        if one.category == "MC":
            right += 1 / one.problem.count("\n") if one.problem.count("\n") else 0.25
        else:
            by.setdefault(one.problem.split(" the ")[0], Counter())[one.answer] += 1
    return (right + sum(max(c.values()) for c in by.values())) / len(rows)


def compare(rows: list[TrainingRow], names: list[str], answers: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    columns = {"answer_typed": [r.answer_typed for r in rows], "problem": [r.problem for r in rows]}
    scores = {n: HybridReward().score(texts["greedy"], **columns) for n, texts in answers.items()}
    table = []
    for name, records in scores.items():
        for wanted in FAMILIES:
            own = [i for i, found in enumerate(names) if found == wanted]
            seen, base = (
                [Observation(rows[i].image_id, float(of[i].accuracy or 0)) for i in own]
                for of in (records, scores["base"])
            )
            change = difference(base, seen, resamples=10_000, seed=seed)
            keys: dict[str, list[float]] = {}
            for i, one in zip(own, seen, strict=True):
                keys.setdefault(rows[i].sample_id.split("-")[0] + rows[i].sample_id.split(":")[1], []).append(one.value)
            table.append(
                {
                    "seed": seed,
                    "policy": name,
                    "family": wanted,
                    "n": len(own),
                    "accuracy": sum(o.value for o in seen) / len(own),
                    "change": [change.value, change.low, change.high],
                    "constant": constant([rows[i] for i in own]),
                    "keys": {key: round(sum(v) / len(v), 2) for key, v in sorted(keys.items())},
                }
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, required=True, help="folder for policies and images")
    parser.add_argument("--base-seed", type=int, default=0)
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2], help="none: the base alone")
    parser.add_argument("--control", type=int, nargs="*", default=[0], help="seeds with a control")
    parser.add_argument("--train-scenes", type=int, default=330)
    parser.add_argument("--each", type=int, default=120, help="held-out rows of a family")
    parser.add_argument("--train-first", type=int, default=60_000_000)
    parser.add_argument("--heldout-first", type=int, default=70_000_000)
    parser.add_argument("--set", nargs="*", default=[], metavar="FIELD=VALUE", help="training settings")
    options = parser.parse_args()
    os.chdir(ROOT)
    home = options.keep.resolve()
    home.mkdir(parents=True, exist_ok=True)
    more = {k: json.loads(v) if v[:1].isdigit() else v for k, v in (pair.split("=", 1) for pair in options.set)}
    base = make(home, f"base-{options.base_seed}", "base", TrainingSettings(**{"seed": options.base_seed, **more}))
    rows = train_rows(home / "train", options.train_scenes, options.train_first)
    for seed in options.seeds or [options.base_seed]:
        policies, training = {"base": base}, TrainingSettings(**{"seed": seed, **more})
        if seed in options.seeds:
            policies["rl"] = make(home, f"rl-{seed}", "rl", training, str(base), rows)
        if seed in options.control and options.seeds:
            permuted = training.model_copy(update={"permute_rewards": True})
            policies["control"] = make(home, f"control-{seed}", "rl", permuted, str(base), rows)
        asked, names = heldout_rows(home / "heldout", options.each, options.heldout_first + 1_000_000 * seed)
        for line in compare(asked, names, ask(home, policies, asked, training), seed):
            print(
                f"seed {seed} {line['policy']:8} {line['family']:9} n {line['n']} accuracy {line['accuracy']:.3f} "
                "change {:+.3f} [{:+.3f}, {:+.3f}]".format(*line["change"])
                + f" constant {line['constant']:.3f} {line['keys']}",
                flush=True,
            )
            with (home / "results.jsonl").open("a") as file:
                file.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
