"""Makes, checks and grows a sample pack on disk.

A pack counts as made when its `pack.json` stands at the root: everything is written into a folder beside it and moved
there at the end. A generation with equal parameters does nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from wethink_assets.sample_pack.benchmarks.figures import SETS, copied_question, figure_item
from wethink_assets.sample_pack.drawing import CHUNK, Job, Progress, run_jobs
from wethink_assets.sample_pack.native import WRITERS
from wethink_assets.sample_pack.native.streams import dump
from wethink_assets.sample_pack.plan import SOURCES, Plan
from wethink_assets.sample_pack.planted import Plant

VERSION = 1  # of the pack's content: another number means that an old pack is drawn anew
MARK = "pack.json"


class PackError(RuntimeError):
    """The folder cannot take a sample pack. The message names the folder and the cure."""


@dataclass(frozen=True)
class PackSummary:
    """What a pack holds. `made` is False when it was there already."""

    root: str
    seed: int
    batches: tuple[int, ...]
    images: int
    benchmark_items: int
    planted: dict[str, int] = field(default_factory=dict)
    made: bool = True


def generate(root: Path, *, images_per_source: int = 24, seed: int = 7, workers: int = 2,
             progress: Callable[[Progress], None] | None = None) -> PackSummary:
    """Make the pack at `root`: `sources/`, `benchmarks/`, `truth/`, `pack.json`.

    A pack of the same parameters stays as it is, also one that has grown; one of other parameters is replaced.

    Raises:
        PackError: `root` holds something that is no sample pack.
    """
    root = Path(root)
    if images_per_source < 2:
        raise PackError(f"images_per_source is {images_per_source}; give at least 2, so that duplicates can be planted")
    found = _summary(root)
    if found is not None and (found.seed, found.batches[0]) == (seed, images_per_source):
        return found
    if found is None and root.exists() and any(root.iterdir()) and not (root / MARK).is_file():
        raise PackError(f"{root} holds files but no {MARK}, so it is no sample pack: empty it or choose another folder")
    root.parent.mkdir(parents=True, exist_ok=True)
    _sweep(root)
    partial = root.with_name(f".{root.name}.partial-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        summary = _fill(partial, root, seed, (images_per_source,), workers, progress)
        _swap(partial, root)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return summary


def add_images(root: Path, images_per_source: int, *, workers: int = 2,
               progress: Callable[[Progress], None] | None = None) -> PackSummary:
    """Add that many new files to every source of a pack, in its native annotation files too.

    Files that were there are not touched; annotation files are replaced one by one by longer ones. A killed call
    leaves the old pack valid, and the next call makes the same files again.

    Raises:
        PackError: there is no pack at `root`.
    """
    root = Path(root)
    found = _summary(root)
    if found is None:
        raise PackError(f"there is no sample pack at {root}: make one first")
    if images_per_source < 2:
        raise PackError(f"images_per_source is {images_per_source}; give at least 2, so that duplicates can be planted")
    return _fill(root, root, found.seed, (*found.batches, images_per_source), workers, progress)


def _fill(folder: Path, root: Path, seed: int, batches: tuple[int, ...], workers: int,
          progress: Callable[[Progress], None] | None) -> PackSummary:
    """Write the last batch into `folder`, which already holds the earlier ones."""
    plan, first = Plan(seed, batches), len(batches) == 1
    for name in ("sources", "benchmarks", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    start, stop = plan.total - batches[-1], plan.total
    jobs = [Job(str(folder), seed, batches, name) for name in SETS] if first else []
    jobs += [Job(str(folder), seed, batches, source, low, min(low + CHUNK, stop))
             for source in SOURCES for low in range(start, stop, CHUNK)]
    scenes, shown = folder / "truth/scenes.jsonl.partial", folder / "truth/benchmark_scenes.jsonl.partial"
    old = folder / "truth/scenes.jsonl"
    items = 0
    if old.exists():
        shutil.copyfile(old, scenes)
    with scenes.open("a", encoding="utf-8") as out, shown.open("a", encoding="utf-8") as bench:
        for drawn in run_jobs(jobs, workers, progress):
            (out if drawn.job.stop else bench).writelines(line + "\n" for line in drawn.truth)
    for source in SOURCES:
        WRITERS[source](folder / "sources" / source, plan.pictures(source))
    planted = list(_planted_rows(plan))
    with (folder / "truth/planted.jsonl.partial").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in planted)
    os.replace(scenes, old)
    os.replace(folder / "truth/planted.jsonl.partial", folder / "truth/planted.jsonl")
    if first:
        os.replace(shown, folder / "truth/benchmark_scenes.jsonl")
        from wethink_assets.sample_pack.benchmarks.rows import rows

        items = sum(len(rows(seed, name)) for name in SETS)
    else:
        shown.unlink()
        items = int(json.loads((folder / MARK).read_text())["benchmark_items"])
    summary = PackSummary(str(root), seed, batches, plan.total * len(SOURCES), items,
                          dict(Counter(row["kind"] for row in planted)))
    dump(folder / MARK, {"version": VERSION, "images_per_source": batches[0],
                         **{k: v for k, v in asdict(summary).items() if k not in ("root", "made")}})
    return summary


def _planted_rows(plan: Plan) -> Iterable[dict[str, Any]]:
    plants: list[Plant] = [*plan.plants.at.values(), *plan.plants.asked.values()]
    for plant in sorted(plants, key=lambda p: (p.kind, p.how, SOURCES.index(p.source), p.position)):
        row = {"kind": plant.kind, "how": plant.how, "source": plant.source,
               "image_uri": plan.picture(plant.source, plant.position).uri, "of": None}
        if plant.kind == "benchmark_question":
            index, question, answer = copied_question(plan.seed, plant.of_source, plant.of_position)
            row |= {"of": f"{plant.of_source}:{index}", "question": question, "answer": answer}
        elif plant.kind == "benchmark_image":
            row["of"] = f"{plant.of_source}:{figure_item(plan.seed, plant.of_source, plant.of_position)}"
        elif plant.of_source:
            row["of"] = plan.picture(plant.of_source, plant.of_position).uri
        yield row


def _summary(root: Path) -> PackSummary | None:
    try:
        found = json.loads((root / MARK).read_text())
        if found["version"] != VERSION:
            return None
        return PackSummary(str(root), int(found["seed"]), tuple(found["batches"]), found["images"],
                           found["benchmark_items"], found["planted"], made=False)
    except (OSError, ValueError, KeyError):
        return None


def _swap(partial: Path, root: Path) -> None:
    """Put the finished folder in the place of `root`, whatever pack stood there."""
    if root.exists():
        old = root.with_name(f".{root.name}.partial-{os.getpid()}-old")
        os.replace(root, old)
        os.replace(partial, root)
        shutil.rmtree(old, ignore_errors=True)
    else:
        os.replace(partial, root)


def _sweep(root: Path) -> None:
    """Remove what killed generations left beside `root`."""
    for left in root.parent.glob(f".{root.name}.partial-*"):
        pid = left.name.removeprefix(f".{root.name}.partial-").split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
