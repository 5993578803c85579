"""The cost of an evaluation: overhead beside a bare client, scoring, reading, bootstrap.

Run `python -m benchmarks.evaluation [overhead|scoring|reading|bootstrap …] [--full]`; all parts unless some are named.
`--full`: 3,000 items, 15,000 predictions, a TSV of 1 GB (in a temporary folder, deleted after). Ratios come from one
run; CPU seconds are this process's, children included.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.model_calls import Blobs, bare, serve
from resources.calls.engine import CallEngine
from resources.calls.messages import ModelRequest
from resources.lake.store import Commit, LakeStore, Write
from resources.workers.processes import end_process_group, start_process
from wethink_assets.benchmark_sets.registry import BENCHMARKS
from wethink_assets.evaluation import predictions
from wethink_assets.evaluation.item import Item
from wethink_assets.settings import EndpointSettings, EvaluationSettings, Settings

IN_FLIGHT = 64
DELAY_S = 0.02
IMAGE_BYTES = 50_000


def cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def overhead(full: bool) -> None:
    """Wall time per item: requests, ledger and committed rows of predictions, beside a semaphore around `create`.

    Both sides answer 64 other questions first: imports, connections and the lake are opened once per process, whatever
    is asked.
    """
    count = 3_000 if full else 600
    items = [
        Item(
            "MMStar",
            str(i),
            f"Which one is it? {i}",
            (f"{i % 200:064d}",),
            options=("red", "blue", "green", "grey"),
            answer="A",
        )
        for i in range(count)
    ]
    own = {"policy_id": "stub", "kind": "external"}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        server = start_process([sys.executable, "-m", "benchmarks.evaluation", "--serve"], dict(os.environ), log)
        try:
            port = _port(log, server)
            url = f"http://127.0.0.1:{port}/v1"
            blobs = Blobs(IMAGE_BYTES)
            first = predictions.build_requests(
                [replace(i, question=f"First: {i.question}") for i in items[:64]], EvaluationSettings()
            )
            asyncio.run(bare(url, first, blobs, IN_FLIGHT, fast=False))
            began = time.perf_counter()
            asyncio.run(
                bare(url, predictions.build_requests(items, EvaluationSettings()), blobs, IN_FLIGHT, fast=False)
            )
            peer = time.perf_counter() - began
            began = time.perf_counter()
            settings = Settings(home=Path(folder) / "home")
            store = LakeStore.of(settings, create=True)
            endpoint = EndpointSettings(base_url=url, model="stub", concurrency=IN_FLIGHT, structured_outputs=False)
            engine = CallEngine(settings, store, blobs)

            def ask(some: list[Item], requests: list[ModelRequest]) -> list[dict[str, Any]]:
                replies = engine.run(requests, asset="bench", batch="", run_id="bench", endpoint=endpoint)
                collected = predictions.collect(some, requests, replies, **own).rows["predictions"]
                rows = [{**row, "run_id": "bench"} for row in collected]
                store.write(Commit("bench", "", "bench"), [Write("predictions", rows, mode="upsert")])
                return rows

            ask(items[:64], first)
            start = time.perf_counter() - began
            began = time.perf_counter()
            rows = ask(items, predictions.build_requests(items, EvaluationSettings()))
            ours = time.perf_counter() - began
            assert len(rows) == count and all(r["reply"] for r in rows)
            engine.close()
            store.close()
        finally:
            end_process_group(server)
    print(
        f"overhead: {count} items, {IN_FLIGHT} in flight, {DELAY_S * 1000:.0f} ms delay, "
        f"{IMAGE_BYTES // 1000} KB images"
    )
    print(
        f"  bare asynchronous client {1000 * peer / count:.2f} ms per item, ours {1000 * ours / count:.2f} ms: "
        f"ratio {ours / peer:.2f}"
    )
    print(
        f"  once per process: {start:.1f} s for imports, a new lake and the first 64; "
        f"ratio with it {(start + ours) / peer:.2f}"
    )


def _port(log: Path, server: subprocess.Popen[bytes]) -> int:
    while server.poll() is None:
        for line in log.read_text("utf-8").splitlines() if log.is_file() else ():
            if line.startswith("READY"):
                return int(line.split()[1])
        time.sleep(0.05)
    raise SystemExit(f"the stub server ended: {log.read_text('utf-8')[-500:]}")


def scoring(full: bool) -> None:
    """CPU seconds of both scorers over all 14 sets, without a judge, on the synthetic replies of the parity tests."""
    from tests.evaluation.parity import ours
    from wethink_assets.evaluation.set_scores import score_set, verdicts_by_set

    pairs_by_set: dict[str, list[tuple[Item, str]]] = {b.name: ours.items(b.name) for b in BENCHMARKS}
    own = sum(map(len, pairs_by_set.values()))
    times = max(1, round((15_000 if full else own) / own))
    items: dict[str, list[Item]] = {name: [] for name in pairs_by_set}
    answers: list[dict[str, Any]] = []
    for name, pairs in pairs_by_set.items():
        for turn in range(times):
            for item, reply in pairs:
                # every turn says something of its own, so that nothing is answered from a cache
                index = str(int(item.item) + 10_000 * turn) if item.item.isdigit() else f"{item.item}_{turn}"
                copy = replace(item, item=index)
                items[name].append(copy)
                answers.append({"policy_id": "p", "benchmark": name, "item": index, "reply": f"{reply}{' ' * turn}"})
    began = cpu_seconds()
    scored_answers = verdicts_by_set(items, answers, BENCHMARKS, None)
    scored = cpu_seconds() - began
    for benchmark in BENCHMARKS:
        score_set(
            benchmark,
            scored_answers[benchmark.name],
            {"p": "base"},
            n_set=len(items[benchmark.name]),
            resamples=10_000,
            seed=0,
            rules_only=True,
        )
    whole = cpu_seconds() - began
    print(
        f"scoring: {len(answers)} predictions, both scorers, no judge: {scored:.1f} CPU-s, "
        f"with all numbers and intervals {whole:.1f} CPU-s"
    )


def reading(full: bool) -> None:
    """Peak memory of reading one large TSV as a stream, beside the file's size."""
    size = 1_000_000_000 if full else 60_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "MMStar.tsv"
        written = 0
        with path.open("w", encoding="utf-8") as file:
            file.write("index\timage\tquestion\tA\tB\tanswer\tcategory\n")
            index = 0
            while written < size:
                cell = base64.b64encode(b"\x89PNG" + os.urandom(300_000)).decode()
                written += file.write(f"{index}\t{cell}\tWhich?\tred\tblue\tA\tx\n")
                index += 1
        program = (
            "import resource,sys,time\nfrom pathlib import Path\n"
            "from wethink_assets.benchmark_sets.image_store import ImageStore\n"
            "from wethink_assets.benchmark_sets.tsv import read_set\n"
            "t=time.process_time()\nf=read_set(Path(sys.argv[1]),'MMStar',ImageStore(Path(sys.argv[2])).keep)\n"
            "print(len(f.items),f.rows_in,resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024,round(time.process_time()-t,1))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), f"{folder}/images"], capture_output=True, text=True, check=True
        )
        items, rows, peak, seconds = done.stdout.split()
        assert items == rows == str(index)
        print(
            f"reading: {path.stat().st_size / 1e6:.0f} MB, {items} items, images stored: peak {peak} MB of memory, "
            f"{seconds} CPU-s"
        )


def bootstrap(full: bool) -> None:
    """10,000 resamples over 3,000 items, as the headline number of every rule."""
    from wethink_assets.evaluation.statistics import Observation, difference, estimate

    first = [Observation(f"image {i // 2}", float(i * 7 % 10 < 6)) for i in range(3_000)]
    second = [Observation(o.cluster, float(i * 3 % 10 < 7)) for i, o in enumerate(first)]
    graded = [Observation(o.cluster, (i * 37 % 101) / 101) for i, o in enumerate(first)]
    parts: Sequence[tuple[str, Callable[[], Any]]] = (
        ("interval, right or wrong", lambda: estimate(first, resamples=10_000, seed=0)),
        ("interval, every value another", lambda: estimate(graded, resamples=10_000, seed=0)),
        ("paired interval and test", lambda: difference(first, second, resamples=10_000, seed=0)),
    )
    for name, run in parts:
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        print(f"bootstrap: {name}: {time.perf_counter() - wall:.3f} s ({time.process_time() - cpu:.3f} CPU-s)")


PARTS = {f.__name__: f for f in (bootstrap, scoring, reading, overhead)}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all unless given")
    arguments.add_argument("--full", action="store_true")
    arguments.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.serve:
        asyncio.run(serve(DELAY_S))
        return
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for name in given.parts or PARTS:
        PARTS[name](given.full)


if __name__ == "__main__":
    main()
