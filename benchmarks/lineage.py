"""Lineage at 10 million links: CPU ms of a walk from every kind of row, beside a recursive CTE on the same rows.

Run `python -m benchmarks.lineage [--images 275000] [--lake FOLDER]`: a generated lake (tests/lake_at_size.py) with
calls in the order of their ids, so that no two of an image are neighbours; its index of ids; each walk, first and warm
(lowest of 3); and the peer: a table of all links (child, parent) in a DuckDB database of its own, walked up and down by
a recursive CTE. `--lake` takes a lake that is there (catalog.sqlite and data/), and keeps it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from resources.lake.database import Memory
from resources.lake.store import LakeStore
from tests.lake_at_size import fill
from wethink_assets.lineage.lineage import Lineage
from wethink_assets.lineage.walk import UnknownIdError

LIMIT = Memory(3 * 10**9)
ROWS = {  # what is walked from, by its name in the table
    "image": ("images", "image_id"),
    "file": ("source_images", "image_uri"),
    "description": ("descriptions", "description_id"),
    "question": ("questions", "question_id"),
    "answer": ("answers", "answer_id"),
    "reasoning path": ("reasoning_paths", "path_id"),
    "sample": ("samples", "sample_id"),
    "scored reply": ("scored_replies", "reply_id"),
    "call": ("calls", "call_id"),
    "benchmark image": ("benchmark_images", "image_id"),
}
PEERS = ("image", "sample")  # which the CTE walks, at some ten seconds each
LINKS = """
CREATE TABLE links AS
SELECT description_id AS child, image_id AS parent FROM lake.descriptions
UNION ALL SELECT refined_id, description_id FROM lake.refined_descriptions
UNION ALL SELECT question_id, refined_id FROM lake.questions
UNION ALL SELECT answer_id, question_id FROM lake.answers
UNION ALL SELECT path_id, answer_id FROM lake.reasoning_paths
UNION ALL SELECT sample_id, path_id FROM lake.samples
UNION ALL SELECT reply_id, question_id FROM lake.scored_replies
UNION ALL SELECT sample_id || ' ' || policy_id || step || member, sample_id FROM lake.rollouts
UNION ALL SELECT release_id || ' ' || sample_id, sample_id FROM lake.release_rows
UNION ALL SELECT call_id || ' of ' || answer_id, answer_id FROM lake.answers
"""
CTE = """
WITH RECURSIVE
up(id) AS (SELECT $id UNION SELECT l.parent FROM links l JOIN up ON l.child = up.id),
down(id) AS (SELECT id FROM up UNION SELECT l.child FROM links l JOIN down ON l.parent = down.id)
SELECT count(*) FROM down
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=275_000)
    parser.add_argument("--lake", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = arguments.lake or Path(temporary)
        store = LakeStore(f"sqlite:{home}/catalog.sqlite", f"{home}/data", memory=LIMIT, quick=True)
        if arguments.lake is None:
            fill(store, arguments.images, text=4, files=4)
        _measure(store, home)
        store.close()


def _measure(store: LakeStore, home: Path) -> None:
    walks = Lineage(store, home / "cache" / "lineage")
    print(f"index of ids: {_cpu(walks.refresh) / 1000:.1f} CPU-s, {_megabytes(home / 'cache'):,} MB", end="")
    print(f" beside {_megabytes(home / 'data'):,} MB of data files")
    names = {
        kind: str(store.sql(f"SELECT {column} AS id FROM {table} LIMIT 1 OFFSET 1000")["id"][0])
        for kind, (table, column) in ROWS.items()
    }
    names |= {"beginning of an id": names["image"][:12], "benchmark item": "set1:7", "release": "release-1"}
    names |= {"nothing": "f" * 64}
    warm = {}
    print("\n| walk from | first, CPU-ms | warm, CPU-ms |\n|---|---|---|")
    for kind, name in names.items():
        first, *others = [_cpu(lambda name=name: _walk(walks, name)) for _ in range(4)]
        warm[kind] = min(others)
        print(f"| {kind} | {first:.0f} | {warm[kind]:.0f} |", flush=True)
    env = {"WETHINK_LAKE_CATALOG": store.catalog, "WETHINK_LAKE_DATA": store.data_path, "WETHINK_HOME": str(home)}
    command = [sys.executable, "-m", "wethink_assets.cli.main", "lineage", names["sample"]]
    before = os.times()
    for _ in range(3):
        subprocess.run(command, env={**os.environ, **env}, check=True, capture_output=True)
    after = os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    print(f"\n`wethink lineage` of a sample, from a cold process: {used / 3:.2f} CPU-s")
    with store.connection() as con:  # last, since its table takes the memory that files are cached in
        con.execute("ATTACH ':memory:' AS peer")
        con.execute("USE peer")
        con.execute(LINKS)
        links = con.execute("SELECT count(*) FROM links").fetchall()[0][0]
        for kind in PEERS:
            peer = _cpu(lambda kind=kind: con.execute(CTE, {"id": names[kind]}).fetchall())
            told = f"recursive CTE over {links:,} links from the {kind}: {peer:,.0f} CPU-ms"
            print(f"{told}, {peer / warm[kind]:,.0f} times the walk", flush=True)


def _walk(walks: Lineage, name: str) -> None:
    try:
        walks.walk(name)
    except UnknownIdError:
        return


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def _megabytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 10**6


if __name__ == "__main__":
    main()
