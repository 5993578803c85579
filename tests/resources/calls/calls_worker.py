"""A process that makes calls, to be killed: `calls_worker.py LAKE_FOLDER BASE_URL REQUESTS RUN [HOW] [FILE]`.

HOW: `batch` asks through the Batch API; `acknowledge` appends to the file what the ledger says is durable, one
request's text per line; `late` does so too, with a ledger that keeps replies to itself for half a minute, as it must
not.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resources.calls import ledger
from resources.calls.engine import CallEngine
from resources.calls.messages import ModelRequest
from resources.lake.resource import Commit, LakeStore, Write
from wethink_assets.settings import EndpointSettings, Settings


def requests_of(count: int) -> list[ModelRequest]:
    return [ModelRequest("vlm", str(i), "p", "v", None, f"request {i}") for i in range(count)]


def engine_on(folder: Path, base_url: str, **values: Any) -> CallEngine:
    endpoint = EndpointSettings(base_url=base_url, model="stub", concurrency=8, price_in=1.0, **values)
    return CallEngine(
        Settings(home=folder, endpoints={"vlm": endpoint}),
        LakeStore(f"sqlite:{folder}/lake/catalog.sqlite", f"{folder}/lake/data"),
        backoff_s=0.05,
    )


def acknowledge(engine: CallEngine, log: Path) -> None:
    """Write down what is durable when the store says so: a call that the killed process believed to be safe."""
    write, file = engine.store.write, log.open("a", buffering=1)

    def written(commit: Commit, writes: Sequence[Write]) -> int:
        inserted = write(commit, writes)
        for row in (row for item in writes if item.table == "calls" for row in item.rows):
            file.write(row["reply"].removeprefix("re ") + "\n")
        return inserted

    engine.store.write = written


if __name__ == "__main__":
    how = sys.argv[5] if len(sys.argv) > 5 else ""
    more = {"transport": "batch", "batch_poll_s": 0.05} if how == "batch" else {}
    engine = engine_on(Path(sys.argv[1]), sys.argv[2], **more)
    if how == "late":
        ledger.GROUP_ROWS, ledger.CallLedger._patience = 10**9, lambda self: 30.0
    if how in ("acknowledge", "late"):
        acknowledge(engine, Path(sys.argv[6]))
    engine.run(requests_of(int(sys.argv[3])), asset="a", batch="b", run_id=f"run-{sys.argv[4]}")
    engine.close()
    print("DONE", flush=True)
