"""Time of `wethink release diff`, `why` and `show` on a lake of 120,000 samples and two releases of them.

    python -m benchmarks.releases [--images 5500,55000] [--text 60]

A generated lake (tests/lake_at_size.py; 55,000 images make 120,000 samples); the first release holds nine samples of
ten, the second other nine of ten. Each command is a process of its own, start included, as a person runs it.

Peer for the diff: DuckDB's EXCEPT ALL over the two exports' Parquet files, which says which rows differ and not how.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from tests.lake_at_size import fill
from wethink_assets.settings import PROJECT_ROOT, Settings

_ROWS = """
INSERT INTO release_rows
SELECT
  $release, sample_id, image_id, CASE WHEN hash(image_id) % 50 = 0 THEN 'heldout' ELSE 'train' END,
  row_number() OVER (ORDER BY sample_id), 'r', batch, source, licence, problem, answer, answer_typed, answer_type,
  category, abilities, refined_cot, image_path, reward, image_id, []
FROM samples WHERE hash(sample_id) % 10 <> $left_out
"""
_RELEASE = """
INSERT INTO releases
SELECT $release, list(DISTINCT batch), 120000, count(*), count(*) FILTER (split = 'train'),
  count(*) FILTER (split <> 'train'), '{}', (SELECT max(snapshot_id) FROM lake.snapshots()), 'releases/' || $release,
  'r'
FROM release_rows WHERE release_id = $release
"""
_PARQUET = "COPY (SELECT * EXCLUDE (release_id) FROM release_rows WHERE release_id = '{release}') TO '{file}'"
_PEER = "SELECT count(*) FROM (FROM read_parquet('{old}') EXCEPT ALL FROM read_parquet('{new}'))"
OLD, NEW = "a" * 16, "b" * 16


def command(home: Path, *arguments: str) -> tuple[float, float]:
    """Wall and CPU seconds of one command."""
    environment = {**os.environ, "WETHINK_HOME": str(home), "PYTHONPATH": str(PROJECT_ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    argv = [sys.executable, "-m", "wethink_assets.cli.main", "release", *arguments]
    began = time.perf_counter()
    process = subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1) or "Traceback" in output:
        raise SystemExit(f"{arguments}: {output[-3000:]}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime


def measure(images: int, text: int) -> list[str]:
    from resources.lake.store import LakeStore

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home)
        store = LakeStore(settings.lake_catalog, settings.lake_data_path)
        counts = fill(store, images, text=text)
        for left_out, release in enumerate((OLD, NEW)):
            store.sql("DELETE FROM release_rows WHERE release_id = $release", release=release)
            store.sql(_ROWS, release=release, left_out=left_out)
            store.sql(_RELEASE, release=release)
            file = home / f"{release}.parquet"
            with store.connection() as con:
                con.execute(_PARQUET.format(release=release, file=file))
        ids = {
            "question": store.sql("SELECT question_id FROM questions LIMIT 1 OFFSET 77")["question_id"][0],
            "sample": store.sql("SELECT sample_id FROM samples LIMIT 1 OFFSET 77")["sample_id"][0],
            "file": store.sql("SELECT image_uri FROM source_images LIMIT 1 OFFSET 77")["image_uri"][0],
        }
        store.close()
        began, cpu = time.perf_counter(), time.process_time()
        with duckdb.connect() as con:
            con.execute(_PEER.format(old=home / f"{OLD}.parquet", new=home / f"{NEW}.parquet"))
        peer = time.perf_counter() - began, time.process_time() - cpu
        runs = {
            "peer: EXCEPT ALL over exports": peer,
            "list": command(home, "list"),
            "show": command(home, "show", NEW),
            "diff": command(home, "diff", OLD, NEW),
            **{f"why, a {kind}": command(home, "why", name, "--release", NEW) for kind, name in ids.items()},
        }
    return [f"| {counts['samples']:,} | {name} | {wall:.2f} | {cpu:.2f} |" for name, (wall, cpu) in runs.items()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", default="5500,55000")
    parser.add_argument("--text", type=int, default=60)
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores; DuckDB {duckdb.__version__}\n")
    print("| samples | command | wall s | CPU-s |\n|---|---|---|---|")
    for images in given.images.split(","):
        print("\n".join(measure(int(images), given.text)), flush=True)


if __name__ == "__main__":
    main()
