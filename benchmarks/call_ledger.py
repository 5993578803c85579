"""The call ledger at size: 10,000 look-ups among a million calls, opening a run, durability, groups.

How soon a reply is durable, and what groups cost as a run goes on: a run's groups lie in the catalog until there are
many, and the last must cost what the first did.

Run `python -m benchmarks.call_ledger [--rows 1000000]`. The peer is what response caches use:
one SQLite file with key and reply, the key indexed.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from resources.calls.ledger import CallContext, CallLedger
from resources.lake.resource import Commit, LakeStore, Write

LOOK_UPS = 10_000
GROUPS = 60
GROUP_ROWS = 500


def identity(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()


def portion(first: int, count: int) -> pl.DataFrame:
    now = datetime.now(UTC)
    reply = "A red ball lies beside two blue cubes on a wooden table. " * 6
    return pl.DataFrame(
        {
            "call_id": [identity(n) for n in range(first, first + count)],
            "reply": [f"{n} {reply}" for n in range(first, first + count)],
        }
    ).with_columns(
        role=pl.lit("vlm"),
        model=pl.lit("m"),
        served_model=pl.lit("m"),
        endpoint=pl.lit("http://x/v1"),
        prompt=pl.lit("describe"),
        prompt_version=pl.lit("0" * 12),
        messages=pl.lit('[{"role": "user", "content": "' + "word " * 100 + '"}]'),
        image_ids=pl.lit(["i" * 64]),
        images_sent=pl.lit(["i" * 64]),
        parameters=pl.lit("{}"),
        status=pl.lit("ok"),
        reasoning=pl.lit(None, pl.String),
        parsed=pl.lit(None, pl.String),
        finish_reason=pl.lit("stop"),
        error=pl.lit(None, pl.String),
        first_problem=pl.lit(None, pl.String),
        detail=pl.lit(None, pl.String),
        attempts=pl.lit(1, pl.Int32),
        prompt_tokens=pl.lit(300, pl.Int64),
        completion_tokens=pl.lit(90, pl.Int64),
        tokens_estimated=pl.lit(False),
        cost=pl.lit(0.001),
        latency_ms=pl.lit(50.0),
        asset=pl.lit("a"),
        batch=pl.lit("b"),
        run_id=pl.lit("r"),
        created_at=pl.lit(now).cast(pl.Datetime("us", "UTC")),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        store = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
        peer = sqlite3.connect(Path(folder) / "peer.sqlite")
        peer.execute("CREATE TABLE calls (call_id TEXT PRIMARY KEY, reply TEXT)")
        started = time.perf_counter()
        for first in range(0, rows, 50_000):
            frame = portion(first, min(50_000, rows - first))
            store.write(Commit("bench"), [Write("calls", frame)])
            peer.executemany("INSERT INTO calls VALUES (?, ?)", frame.select("call_id", "reply").iter_rows())
        peer.commit()
        print(f"{rows:,} calls written in {time.perf_counter() - started:.0f} s", flush=True)
        store.close()

        numbers = random.Random(7).sample(range(rows), min(LOOK_UPS, rows))
        ids = [identity(n) for n in numbers]
        started = time.perf_counter()
        opened = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
        ledger = CallLedger(opened)
        ledger.known(ids[:1])
        opening = time.perf_counter() - started
        times = []
        for _ in range(5):
            started = time.perf_counter()
            replies = ledger.find(ids)
            times.append(time.perf_counter() - started)
            assert len(replies) == len(ids) and replies[ids[0]]["reply"].startswith(f"{numbers[0]} ")
        started = time.perf_counter()
        for first in range(0, len(ids), 500):
            part = ids[first : first + 500]
            peer.execute(
                f"SELECT call_id, reply FROM calls WHERE call_id IN ({','.join('?' * len(part))})", part
            ).fetchall()
        other = time.perf_counter() - started
        print(f"opening a run: {opening:.2f} s (a lake that exists, and its first look-up)")
        print(
            f"{len(ids):,} look-ups: first {times[0]:.2f} s, median {sorted(times)[2]:.2f} s; SQLite with an index "
            f"{other:.2f} s; "
            f"ratio {sorted(times)[2] / other:.1f}",
            flush=True,
        )

        row = portion(rows, 1).to_dicts()[0]
        started = time.perf_counter()
        ledger.add(CallContext("a", "b", "r"), row)
        while not opened.rows("calls/find_call_ids", ids=[row["call_id"]]):
            time.sleep(0.02)
        print(f"a reply is durable and read by others after {time.perf_counter() - started:.2f} s")
        times = []
        for group in range(GROUPS):
            calls = portion(rows + 1 + group * GROUP_ROWS, GROUP_ROWS).to_dicts()
            started = time.perf_counter()
            for call in calls:
                ledger.add(CallContext("a", "b", "r"), call)
            ledger.flush()
            times.append(time.perf_counter() - started)
        first, last = (sorted(part)[5] for part in (times[1:11], times[-10:]))
        print(
            f"{GROUPS} groups of {GROUP_ROWS}: a commit takes {first:.2f} s at first, {last:.2f} s at last, "
            f"{max(times):.2f} s at most; "
            f"{opened.inlined_rows('calls'):,} rows in the catalog, {opened.small_files('calls')} small files"
        )
        ledger.close()
        opened.close()


if __name__ == "__main__":
    main()
