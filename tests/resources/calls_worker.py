"""A process that asks, to be killed: `calls_worker.py <lake folder> <base url> <number of requests> <run> [batch]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from resources.call_engine import CallEngine
from resources.lake import LakeStore
from resources.requests import ModelRequest
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


if __name__ == "__main__":
    more = {"transport": "batch", "batch_poll_s": 0.05} if sys.argv[5:] == ["batch"] else {}
    engine = engine_on(Path(sys.argv[1]), sys.argv[2], **more)
    engine.run(requests_of(int(sys.argv[3])), asset="a", batch="b", run_id=f"run-{sys.argv[4]}")
    engine.close()
    print("DONE", flush=True)
