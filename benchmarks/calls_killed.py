"""kill -9 in mid-run, five times at random: what is asked again, and whether anything durable is lost.

Run `python -m benchmarks.calls_killed [--requests 3000]`. A stub server in this process counts what it was asked.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.resources.calls_worker import engine_on, requests_of
from tests.resources.stub_endpoint import Act, StubEndpoint, completion
from wethink_assets.settings import PROJECT_ROOT

KILLS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    lost = again_at_most = 0
    durable: set[str] = set()
    with tempfile.TemporaryDirectory() as name, StubEndpoint(lambda c: Act(completion(f"re {c.text}"), delay_s=0.05)) as server:
        folder = Path(name)
        reader = engine_on(folder, server.base_url)
        reader.store.snapshot_id()
        for nth in range(KILLS):
            begun = len(server.calls)
            worker = subprocess.Popen(
                [sys.executable, "-m", "tests.resources.calls_worker", name, server.base_url, str(options.requests), str(nth)], cwd=PROJECT_ROOT
            )
            while len(server.calls) == begun and worker.poll() is None:
                time.sleep(0.01)
            time.sleep(draw.uniform(0.2, 4.0))
            worker.kill()
            worker.wait()
            rows = {r["call_id"] for r in reader.store.sql("SELECT call_id FROM calls").to_dicts()}
            lost += len(durable - rows)
            not_kept = len(server.calls) - begun - len(rows - durable)
            again_at_most += not_kept
            durable = rows
            print(f"kill {nth + 1}: {len(server.calls) - begun} asked, {len(rows)} durable, {not_kept} in flight or not yet durable", flush=True)
        replies = reader.run(requests_of(options.requests), asset="a", batch="b", run_id="last")
        reader.close()
        asked = Counter(c.text for c in server.calls)
        repeated = sum(asked.values()) - options.requests
        print(f"{options.requests} requests, {sum(asked.values())} asked: {repeated} repeated, of {again_at_most} that may be; "
              f"{lost} durable replies lost; {sum(r.ok for r in replies)} answered", flush=True)  # fmt: skip
        if lost or repeated > again_at_most or not all(r.ok for r in replies):
            raise SystemExit("a durable reply was lost or asked again")


if __name__ == "__main__":
    main()
