"""The call ledger at size: look-ups, opening and commits beside scans of the same lake and an SQLite file.

Run `python -m benchmarks.call_ledger [--rows 1000000] [--folder F] [--peer]`. Replies are 600 to 1,800 bytes of drawn
words, in files of 10,000 calls, as a ledger has them that was never maintained. Before is the statement that scans the
lake's calls, which the ledger asked before it had an index of ids. `--peer` adds what response caches use, one SQLite
file with key and reply, the key indexed. With `--folder` the lake is kept, and used again by the next run.

Keys are new, of one run (side by side, as a stage that is run again asks for them), or drawn over all calls.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from resources.calls.ledger import CallContext, CallLedger
from resources.lake.store import Commit, LakeStore, Write

FILE_ROWS = 10_000
CALLER = CallContext("a", "b", "r")
GROUP_ROWS, GROUPS = 500, 40

_FILL = """
INSERT INTO calls BY NAME
SELECT sha256(n::VARCHAR) AS call_id, 'vlm' AS role, 'm' AS model, 'm' AS served_model, 'http://x/v1' AS endpoint,
  'describe' AS prompt, '000000000000' AS prompt_version, 'ok' AS status, 'stop' AS finish_reason, '{}' AS parameters,
  '[{"role": "user", "content": "' || substr(words, 1 + (hash(n + 7) % 1000000)::BIGINT, 500) || '"}]' AS messages,
  [sha256((n // 3)::VARCHAR)] AS image_ids, [sha256((n // 3)::VARCHAR)] AS images_sent,
  n || ' ' || substr(words, 1 + (hash(n) % 1000000)::BIGINT, 600 + (hash(n + 1) % 1200)::BIGINT) AS reply,
  1 AS attempts, 300 AS prompt_tokens, 90 AS completion_tokens, false AS tokens_estimated, 0.001 AS cost,
  50.0 AS latency_ms, 'a' AS asset, 'b' AS batch, 'r' || (n // 100000) AS run_id,
  '2026-01-01'::TIMESTAMPTZ + INTERVAL (n) SECOND AS created_at
FROM range($first, $end) AS t(n), (SELECT $words AS words)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--peer", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.folder or Path(folder), arguments.rows, peer=arguments.peer)


def measure(folder: Path, rows: int, *, peer: bool) -> None:
    if not (folder / "catalog.sqlite").exists():
        fill(folder, rows)
    index = Path(tempfile.mkdtemp(dir=folder))
    for what in ("reading the ids once", "a lake that has its index", "the same"):
        started, cpu = time.perf_counter(), time.process_time()
        lake = lake_in(folder)
        CallLedger(lake, index).known([identity(0)])
        print(f"opening, {what}: {seconds(started)}, {time.process_time() - cpu:.2f} CPU-s", flush=True)
        lake.close()
    size = sum(path.stat().st_size for path in index.rglob("*.ids"))
    print(f"the index: {size / 1e6:,.0f} MB; the process took {peak_mb():,.0f} MB at most", flush=True)

    lake = lake_in(folder)
    ledger = CallLedger(lake, index)
    print("\nCPU-ms, with the time that passed in brackets; the ratio is of CPU time.\n")
    print("| keys | index | scan | ratio |\n|---|---|---|---|")
    for name, ids, present in keys(rows):
        now = median(lambda ids=ids: ledger.find(ids), 1 if name.endswith("over all") else 5, present)
        before = median(lambda ids=ids: lake.rows("calls/find_calls", ids=ids), 1, present)
        print(f"| {name} | {told(now)} | {told(before)} | {now[0] / before[0]:.3f} |", flush=True)
    ids = keys(rows)[2][1]
    now, before = (
        median(lambda: ledger.known(ids), 5, len(ids)),
        median(lambda: lake.rows("calls/find_call_ids", ids=ids), 1, len(ids)),
    )
    name = "10,000 drawn over all: whether there"
    print(f"| {name} | {told(now)} | {told(before)} | {now[0] / before[0]:.3f} |", flush=True)
    commits(lake, ledger, index)
    ledger.close()
    lake.close()
    if peer:
        beside_sqlite(folder, rows)


def commits(lake: LakeStore, ledger: CallLedger, index: Path) -> None:
    """Groups of 500 through the ledger, each looked up as a training step would; and one as it was written before."""
    run = time.time_ns()
    other = CallLedger(lake, index)  # as in another process
    other.known([identity(0)])
    started = time.perf_counter()
    ledger.add(CALLER, row(f"{run}-first"))
    while not other.known([identity(f"{run}-first")]):
        time.sleep(0.02)
    durable = seconds(started)
    times, looks = [], []
    for group in range(GROUPS):
        calls = [row(f"{run}-{group}-{n}") for n in range(GROUP_ROWS)]
        clock = Clock()
        for call in calls:
            ledger.add(CALLER, call)
        ledger.flush()
        times.append(clock.taken())
        ids = [identity(f"{run}-{group + 1}-{n}") for n in range(128)]
        clock = Clock()
        assert not ledger.find(ids)
        looks.append(clock.taken())
    calls = [row(f"{run}-before-{n}") for n in range(GROUP_ROWS)]
    clock = Clock()
    lake.write(Commit("before"), [Write("calls", calls, mode="add_missing")])
    before, now = clock.taken(), middle(times)
    print(f"| commit of 500 | {told(now)}, at most {told(max(times))} | {told(before)} | {now[0] / before[0]:.3f} |")
    print(f"| 128 new after each commit | {told(middle(looks))}, at most {told(max(looks))} | – | – |")
    print(f"\na reply is durable, and found by another, after {durable}")


def beside_sqlite(folder: Path, rows: int) -> None:
    with closing(sqlite3.connect(folder / "peer.sqlite")) as peer, closing(lake_in(folder)) as lake:
        peer.execute("CREATE TABLE IF NOT EXISTS calls (call_id TEXT PRIMARY KEY, reply TEXT)")
        if not peer.execute("SELECT 1 FROM calls LIMIT 1").fetchone():
            with lake.connection() as con:
                rows_of_it = con.execute("SELECT call_id, reply FROM calls")
                while part := rows_of_it.fetchmany(20_000):
                    peer.executemany("INSERT INTO calls VALUES (?, ?)", part)
            peer.commit()
        print("\n| keys | SQLite with an index |\n|---|---|")
        for name, ids, present in keys(rows):
            print(f"| {name} | {told(median(lambda ids=ids: in_sqlite(peer, ids), 3, present))} |", flush=True)


def in_sqlite(peer: sqlite3.Connection, ids: Sequence[str]) -> list[Any]:
    found = []
    for first in range(0, len(ids), 500):
        part = ids[first : first + 500]
        marks = ",".join("?" * len(part))
        found += peer.execute(f"SELECT call_id, reply FROM calls WHERE call_id IN ({marks})", part).fetchall()
    return found


def keys(rows: int) -> list[tuple[str, list[str], int]]:
    """Sets of keys: name, ids, how many of them there are."""
    drawn = random.Random(7).sample(range(rows), min(10_000, rows))
    start = rows // 3
    return [
        ("10,000 new", [identity(f"new{n}") for n in range(10_000)], 0),
        ("10,000 of one run", [identity(n) for n in range(start, start + 10_000)], 10_000),
        ("10,000 drawn over all", [identity(n) for n in drawn], len(drawn)),
        ("128 new", [identity(f"new{n}") for n in range(128)], 0),
        ("128 of one run", [identity(n) for n in range(start, start + 128)], 128),
        ("128 drawn over all", [identity(n) for n in drawn[:128]], 128),
    ]


class Clock:
    """CPU time of this process, and the time that passed, since it was made: milliseconds."""

    def __init__(self) -> None:
        self.started, self.cpu = time.perf_counter(), time.process_time()

    def taken(self) -> tuple[float, float]:
        return 1e3 * (time.process_time() - self.cpu), 1e3 * (time.perf_counter() - self.started)


def median(ask: Callable[[], Any], times: int, present: int) -> tuple[float, float]:
    taken = []
    for _ in range(times):
        clock = Clock()
        assert len(ask()) == present
        taken.append(clock.taken())
    return middle(taken)


def middle(taken: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(cpu for cpu, _ in taken), statistics.median(passed for _, passed in taken)


def told(taken: tuple[float, float]) -> str:
    return f"{taken[0]:,.0f} ({taken[1]:,.0f})"


def fill(folder: Path, rows: int) -> None:
    draw = random.Random(5)
    words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=draw.randint(2, 9))) for _ in range(3_000)]
    text = " ".join(draw.choices(words, k=250_000))
    started = time.perf_counter()
    with closing(lake_in(folder)) as lake:
        lake.set_inlined_limit("calls", 100)
        with lake.connection() as con:
            for first in range(0, rows, FILE_ROWS):
                con.execute(_FILL, {"first": first, "end": min(first + FILE_ROWS, rows), "words": text})
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    print(f"{rows:,} calls, {size / 1e9:.1f} GB: {seconds(started)} to write", flush=True)


def lake_in(folder: Path) -> LakeStore:
    return LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")


def identity(n: object) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()


def row(n: str) -> dict[str, Any]:
    text = {"role": "vlm", "model": "m", "prompt": "p", "prompt_version": "v", "status": "ok"}
    caller = {"asset": "a", "batch": "b", "run_id": "r", "created_at": datetime.now(UTC)}
    made = {"messages": "[]", "parameters": "{}", "image_ids": [], "reply": f"{n} " + "word " * 240}
    numbers = {"attempts": 1, "prompt_tokens": 300, "completion_tokens": 90, "cost": 0.001, "latency_ms": 50.0}
    return {"call_id": identity(n), **text, **caller, **made, **numbers}


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def seconds(started: float) -> str:
    return f"{time.perf_counter() - started:.2f} s"


if __name__ == "__main__":
    main()
