"""Synthetic data generation: makes, checks and grows a sample pack on disk.

Belongs here: folders, the mark of a finished pack, growth. Does not belong here: what a file holds (plan.py).

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
from itertools import islice
from pathlib import Path
from typing import Any

from resources.private import private_folder
from wethink_assets.demo.pack.benchmarks.figures import SETS
from wethink_assets.demo.pack.benchmarks.rows import copied_question, figure_item, rows
from wethink_assets.demo.pack.drawing import CHUNK, Job, Progress, run_jobs
from wethink_assets.demo.pack.native import WRITERS
from wethink_assets.demo.pack.native.streams import dump
from wethink_assets.demo.pack.plan import SOURCES, Plan
from wethink_assets.demo.pack.planted import Plant

VERSION = 4  # of the pack's content: another number means that an old pack is drawn anew
MARK = "pack.json"


class PackError(RuntimeError):
    """The folder cannot take a sample pack. The message names the folder and the cure."""


@dataclass(frozen=True)
class PackSummary:
    """What a pack holds. `is_new` is False when it was there already."""

    root: str
    seed: int
    batches: tuple[int, ...]
    images: int
    benchmark_items: int
    planted: dict[str, int] = field(default_factory=dict)
    is_new: bool = True


def generate(
    root: Path,
    *,
    images_per_source: int = 24,
    seed: int = 7,
    workers: int = 2,
    progress: Callable[[Progress], None] | None = None,
) -> PackSummary:
    """Make the pack at `root`: `sources/`, `benchmarks/`, `truth/`, `pack.json`.

    A pack of the same parameters stays as it is, also one that has grown; one of other parameters is replaced.

    Raises:
        PackError: `root` holds something that is no sample pack.
    """
    root = Path(root)
    if images_per_source < 2:
        raise PackError(f"images_per_source is {images_per_source}; give at least 2, so that duplicates can be planted")
    existing = _summary(root)
    if existing is not None and (existing.seed, existing.batches[0]) == (seed, images_per_source):
        return existing
    if existing is None and root.exists() and any(root.iterdir()) and not (root / MARK).is_file():
        raise PackError(f"{root} holds files but no {MARK}, so it is no sample pack: empty it or choose another folder")
    private_folder(root.parent)
    _sweep(root)
    partial = root.with_name(f".{root.name}.partial-{os.getpid()}-{uuid.uuid4().hex[:8]}")
    try:
        summary = _fill(partial, root, seed, (images_per_source,), workers, progress)
        _swap(partial, root)
    except OSError:
        # Another process may have put the same pack there meanwhile.
        other = _summary(root)
        if other is None or (other.seed, other.batches[0]) != (seed, images_per_source):
            raise
        return other
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return summary


def add_images(
    root: Path, images_per_source: int, *, workers: int = 2, progress: Callable[[Progress], None] | None = None
) -> PackSummary:
    """Add that many new files to every source of a pack, in its native annotation files too.

    Files that were there are not touched; annotation files are replaced one by one by longer ones, before the new
    images appear. A killed call leaves the old pack valid, and the next call makes the same files again.

    Raises:
        PackError: there is no pack at `root`.
    """
    root = Path(root)
    existing = _summary(root)
    if existing is None:
        raise PackError(f"there is no sample pack at {root}: make one first")
    if images_per_source < 2:
        raise PackError(f"images_per_source is {images_per_source}; give at least 2, so that duplicates can be planted")
    return _fill(root, root, existing.seed, (*existing.batches, images_per_source), workers, progress)


def _fill(
    folder: Path,
    root: Path,
    seed: int,
    batches: tuple[int, ...],
    workers: int,
    progress: Callable[[Progress], None] | None,
) -> PackSummary:
    """Write the last batch into `folder`, which already holds the earlier ones.

    New images are drawn aside and moved to their places last: who finds one finds its annotations and truth too.
    """
    plan, first = Plan(seed, batches), len(batches) == 1
    aside = folder / ".drawing"
    shutil.rmtree(aside, ignore_errors=True)
    for name in ("sources", "benchmarks", "truth", ".drawing/sources", ".drawing/benchmarks", ".drawing/truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    start, stop = plan.total - batches[-1], plan.total
    jobs = [Job(str(aside), seed, batches, name) for name in SETS] if first else []
    jobs += [
        Job(str(aside), seed, batches, source, low, min(low + CHUNK, stop))
        for source in SOURCES
        for low in range(start, stop, CHUNK)
    ]
    with (
        (aside / "truth/scenes.jsonl").open("w", encoding="utf-8") as out,
        (aside / "truth/benchmark_scenes.jsonl").open("w", encoding="utf-8") as shown,
    ):
        if not first:
            with (folder / "truth/scenes.jsonl").open(encoding="utf-8") as old:
                out.writelines(islice(old, _readable(plan, start)))
        for drawn in run_jobs(jobs, workers, progress):
            (out if drawn.job.stop else shown).writelines(line + "\n" for line in drawn.truth)
    planted = list(_planted_rows(plan))
    with (aside / "truth/planted.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in planted)
    if not first:
        (aside / "truth/benchmark_scenes.jsonl").unlink()
    for source in SOURCES:
        WRITERS[source](folder / "sources" / source, plan.pictures(source))
    for part in ("truth", "benchmarks", "sources"):
        _move(aside / part, folder / part)
    shutil.rmtree(aside)
    summary = PackSummary(
        str(root),
        seed,
        batches,
        plan.total * len(SOURCES),
        sum(len(rows(seed, n)) for n in SETS),
        dict(Counter(row["kind"] for row in planted)),
    )
    dump(
        folder / MARK,
        {
            "version": VERSION,
            "images_per_source": batches[0],
            **{k: v for k, v in asdict(summary).items() if k not in ("root", "is_new")},
        },
    )
    return summary


def _readable(plan: Plan, stop: int) -> int:
    """Number of readable files before this position: the lines of truth that earlier batches wrote."""
    broken = sum(p.kind == "unreadable" and p.position < stop for p in plan.plants.at.values())
    return stop * len(SOURCES) - broken


def _move(source: Path, target: Path) -> None:
    """Move every file to the same place below `target`, one rename each."""
    for path in sorted(source.rglob("*")):
        if path.is_file():
            place = target / path.relative_to(source)
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)


def _planted_rows(plan: Plan) -> Iterable[dict[str, Any]]:
    plants: list[Plant] = [*plan.plants.at.values(), *plan.plants.asked.values()]
    for plant in sorted(plants, key=lambda p: (p.kind, p.how, SOURCES.index(p.source), p.position)):
        row = {
            "kind": plant.kind,
            "how": plant.how,
            "source": plant.source,
            "image_uri": plan.picture(plant.source, plant.position).uri,
            "of": None,
        }
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
        mark = json.loads((root / MARK).read_text())
        if mark["version"] != VERSION:
            return None
        return PackSummary(
            str(root),
            int(mark["seed"]),
            tuple(mark["batches"]),
            mark["images"],
            mark["benchmark_items"],
            mark["planted"],
            is_new=False,
        )
    except (OSError, ValueError, KeyError):
        return None


def _swap(partial: Path, root: Path) -> None:
    """Put the finished folder in the place of `root`, whatever pack stood there."""
    if root.exists():
        old = root.with_name(f".{root.name}.partial-{os.getpid()}-old")
        root.replace(old)
        partial.replace(root)
        shutil.rmtree(old, ignore_errors=True)
    else:
        partial.replace(root)


def _sweep(root: Path) -> None:
    """Remove what killed generations left beside `root`."""
    for left in root.parent.glob(f".{root.name}.partial-*"):
        pid = left.name.removeprefix(f".{root.name}.partial-").split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(left, ignore_errors=True)
