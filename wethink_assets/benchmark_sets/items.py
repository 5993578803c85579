"""Benchmark items: from the sets' TSVs to items and images, with a reason for every row left out.

Belongs here: putting the sets together and looking at their images. Does not belong here: the format (tsv.py), Dagster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.benchmark_sets.cache import SetMemory
from wethink_assets.benchmark_sets.files import SetFiles, files_at
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.registry import BENCHMARKS, Benchmark
from wethink_assets.benchmark_sets.tsv import SetFile, read_set
from wethink_assets.decoding.inspect import Request, inspect_files
from wethink_assets.written_rows import BenchmarkImageRow, BenchmarkItemRow

OF_EVALUATE = "evaluate-"  # how run ids of `wethink evaluate` begin, whose items may come from another folder
READER_VERSION = 1  # raise it when the same file would give other items
_LOOKED = ("format", "width", "height", "phash", "phash256", "picture_id")


def fingerprint(place: Path | str | SetFiles, sets: Sequence[Benchmark] = BENCHMARKS) -> str:
    """Fingerprint of the sets' files by size and time of writing or tag, so that GBs need not be read to see no change.

    Raises:
        OSError: the place cannot be reached.
    """
    files = files_at(place)
    known = [[benchmark.name, files.stamp(benchmark.file_name)] for benchmark in sets]
    return content_id(READER_VERSION, files.name, known)[:16]


def read_benchmarks(
    place: Path | str | SetFiles,
    store: ImageStore,
    *,
    known: Mapping[str, Mapping[str, Any]] | None = None,
    sets: Sequence[Benchmark] = BENCHMARKS,
    inspect: Callable[[Sequence[Request]], Any] = inspect_files,
    memory: Path | None = None,
) -> StageResult:
    """Benchmark items and images of all sets.

    `known` holds rows of benchmark_images by id, which are not decoded again; `memory` is the folder of what was read
    before, of which a file that did not change is not read again.

    Raises:
        OSError: the place cannot be reached. What a file holds never raises.
    """
    source = files_at(place)
    version = fingerprint(source, sets)  # as the files were before they were read: a change meanwhile is seen next time
    files = [_read(source, b, store, SetMemory(memory, READER_VERSION) if memory else None) for b in sets]
    first = _first_use(files)
    images, bad = _look_at(first, store, known or {}, inspect)
    dropped = [s for f in files for s in f.dropped]
    failed = [s for f in files for s in f.failed]
    items: list[BenchmarkItemRow] = []
    for item in (i for f in files for i in f.items):
        broken = next((i for i in item["image_ids"] if i in bad), None)
        if broken is None:
            items.append(item)
        else:
            reason, detail = bad[broken]
            failed.append(Stopped(f"{item['benchmark']}:{item['item']}", f"image_{reason}", detail, broken))
    kept = {i for item in items for i in item["image_ids"]}
    return StageResult(
        rows_in=sum(f.rows_in for f in files),
        continued=len(items),
        rows={"benchmark_items": items, "benchmark_images": [row for row in images if row["image_id"] in kept]},
        dropped=dropped,
        failed=failed,
        details={
            "fingerprint": version,
            "md5": {f.benchmark: f.md5 for f in files},
            "other_md5": other_files(files, sets),
        },
    )


def _read(source: SetFiles, benchmark: Benchmark, store: ImageStore, memory: SetMemory | None) -> SetFile:
    def read() -> SetFile:
        return read_set(
            partial(source.open, benchmark.file_name),
            benchmark.name,
            store.keep,
            where=source.name,
            columns=benchmark.columns,
        )

    if memory is None:
        return read()
    return memory.read(benchmark.name, source.name, partial(source.stamp, benchmark.file_name), store, read)


def other_files(files: Sequence[SetFile], sets: Sequence[Benchmark]) -> list[str]:
    """Sets whose file has another MD5 than the published one."""
    published = {b.name: b.md5 for b in sets}
    return [f.benchmark for f in files if f.md5 and published[f.benchmark] and f.md5 != published[f.benchmark]]


def _first_use(files: Sequence[SetFile]) -> dict[str, tuple[str, str]]:
    first: dict[str, tuple[str, str]] = {}
    for file in files:
        for item in file.items:
            for image_id in item["image_ids"]:
                first.setdefault(image_id, (item["benchmark"], item["item"]))
    return first


def _look_at(
    first: Mapping[str, tuple[str, str]],
    store: ImageStore,
    known: Mapping[str, Mapping[str, Any]],
    inspect: Callable[[Sequence[Request]], Any],
) -> tuple[list[BenchmarkImageRow], dict[str, tuple[str, str]]]:
    """Rows of benchmark_images, and the images that do not decode with the reason."""
    looks: dict[str, Mapping[str, Any]] = {i: known[i] for i in first if i in known}
    bad: dict[str, tuple[str, str]] = {}
    for seen in inspect([Request(i, store.path(i)) for i in first if i not in known]):
        if seen.ok:
            looks[seen.key] = {name: getattr(seen, name) for name in _LOOKED}
        else:
            bad[seen.key] = (seen.reason, seen.detail)
            store.forget(seen.key)
    images: list[BenchmarkImageRow] = [
        {
            "image_id": image_id,
            "benchmark": benchmark,
            "item": item,
            "image_uri": store.uris[image_id],
            "format": look["format"],
            "width": look["width"],
            "height": look["height"],
            "phash": look["phash"],
            "phash256": look["phash256"],
            "picture_id": look["picture_id"] or None,
        }
        for image_id, (benchmark, item) in first.items()
        if (look := looks.get(image_id)) is not None
    ]
    return images, bad
