"""A writer or reader process of the concurrency tests.

usage: lake_worker.py writer|reader CATALOG DATA NAME COUNT
A writer commits COUNT slices of 20 rows and rewrites every third of them; a reader reads COUNT times.
Prints one JSON line; any error reaches the caller as a traceback and a non-zero exit.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from resources.lake_store import Commit, LakeStore, Write  # noqa: E402

ROWS = 20


def rows(asset: str, batch: str) -> list[dict]:
    return [
        {"asset": asset, "batch": batch, "subject_id": f"{batch}-{i}", "verdict": "dropped", "reason": "test", "run_id": "r"}
        for i in range(ROWS)
    ]


def main(role: str, catalog: str, data: str, name: str, count: int) -> None:
    lake = LakeStore(catalog, data)
    if role == "writer":
        for i in range(count):
            batch = f"{name}-{i}"
            for _ in range(2 if i % 3 == 0 else 1):
                lake.write(
                    Commit("asset", batch, "r"),
                    [Write("verdicts", rows("asset", batch), replace={"asset": "asset", "batch": batch})],
                )
        print(json.dumps({"written": count * ROWS}))
    else:
        torn = 0
        for _ in range(count):
            counts = lake.sql("SELECT batch, count(*) AS n FROM verdicts GROUP BY batch")
            torn += sum(n != ROWS for n in counts["n"])
        print(json.dumps({"reads": count, "torn": torn}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
