"""Every statement of sql/ on generated lakes of 12,000 and 120,000 samples: seconds, peak memory, exponent.

Run `python -m benchmarks.statements [--sizes 5500 55000] [--before]`. The lakes have the proportions of a release and
texts of 200 words (tests/lake_at_size.py), and the largest batch, a half of it, is asked for. Each statement runs in a
process of its own that fetches all rows as a data frame. Seconds are its CPU-s; peak memory is what the process grew by
beyond an open lake. `--before` adds, at the first size, select_questions_to_answer with tables joined by their batches.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from resources.lake.database import Memory
from resources.lake.sql_files import statement
from resources.lake.store import LakeStore
from tests.contracts.query_plans import Operator, plan_of
from tests.contracts.statement_parameters import VALUES, given
from tests.contracts.test_plans import BEFORE, SELECTS
from tests.lake_at_size import fill, parameters

QUESTIONS = "synthesis/select_questions_to_answer"
LEAST_S = 0.03  # below which the ratio of two sizes says nothing
LIMIT = Memory(3 * 10**9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs=2, default=[5_500, 55_000], help="images of the two pools")
    parser.add_argument("--words", type=int, default=200)
    parser.add_argument("--before", action="store_true")
    arguments = parser.parse_args()
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for images in arguments.sizes:
            place = f"{folder}/{images}"
            made = _apart(_fill, place, images, arguments.words)
            print(f"{images:,} images, {made['samples']:,} samples: {made['seconds']:.0f} s to make", flush=True)
            for name in SELECTS:
                found.setdefault(name, []).append(_apart(_measure, place, name, statement(name)))
            if arguments.before and images == arguments.sizes[0]:
                told = _apart(_measure, place, QUESTIONS, BEFORE)
                print(f"{QUESTIONS} as it was: {told['seconds']:.1f} CPU-s, {told['mb']:,.0f} MB", flush=True)
    other = [name for name, (small, large) in found.items() if small["shape"] != large["shape"]]
    print(f"plans that differ between the two sizes: {', '.join(other) or 'none'}\n")
    print("| statement | rows | CPU-s | peak MB | exponent |\n|---|---|---|---|---|")
    growth = math.log(arguments.sizes[1] / arguments.sizes[0])
    for name, (small, large) in sorted(found.items(), key=lambda item: -item[1][1]["seconds"]):
        clear = small["seconds"] >= LEAST_S
        exponent = f"{math.log(large['seconds'] / small['seconds']) / growth:.2f}" if clear else "–"
        pairs = [f"{small[k]:,.{d}f}, {large[k]:,.{d}f}" for k, d in (("rows", 0), ("seconds", 2), ("mb", 0))]
        print(f"| `{name}` | {' | '.join(pairs)} | {exponent} |")


def _apart(work: Callable[..., dict[str, Any]], *arguments: Any) -> dict[str, Any]:
    """What `work` returns, in a forked process, so that no memory of one statement is left for the next."""
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=lambda: send.send(work(*arguments)))
    process.start()
    send.close()
    told = receive.recv()
    process.join()
    return told


def _fill(place: str, images: int, words: int) -> dict[str, Any]:
    started = time.perf_counter()
    store = _lake(place)
    sizes = fill(store, images, text=words)
    store.close()
    return {"samples": sizes["samples"], "seconds": time.perf_counter() - started}


def _measure(place: str, name: str, text: str) -> dict[str, Any]:
    """Figures of one statement, and the shape of its plan."""
    store = _lake(place)
    (parsed,) = duckdb.extract_statements(text)
    with store.connection() as con, given(con, name):
        values = VALUES | parameters(con)
        con.begin()
        con.execute("SELECT call_id FROM calls WHERE call_id = $id", {"id": ""}).pl()  # which imports what it needs
        peak, started = _Peak(), time.process_time()
        rows = con.execute(parsed, {p: values[p] for p in parsed.named_parameters} or None).pl().height
        seconds = time.process_time() - started
        grown = peak.end()
        shape = _shape(plan_of(con, text, values, run=False))
    return {"rows": rows, "seconds": seconds, "mb": grown / 1e6, "shape": shape}


def _shape(plan: Operator) -> Any:
    return plan.name, plan.kind, plan.conditions, plan.table, [_shape(child) for child in plan.children]


class _Peak:
    """Growth of resident memory from now on, looked at every 5 ms."""

    def __init__(self) -> None:
        self._first = self._most = _resident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            self._most = max(self._most, _resident())

    def end(self) -> int:
        self._ended.set()
        self._thread.join()
        return max(self._most, _resident()) - self._first


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _lake(place: str) -> LakeStore:
    return LakeStore(f"sqlite:{place}/catalog.sqlite", f"{place}/data", memory=LIMIT, quick=True)


if __name__ == "__main__":
    main()
