"""A writer or reader process of the concurrency tests.

usage: lake_worker.py writer|reader CATALOG DATA NAME COUNT
A writer commits COUNT slices of 20 rows and rewrites every third of them; a reader reads COUNT times.
Any error reaches the caller as a traceback and a non-zero exit.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from resources.lake.store import Commit, LakeStore, Write

ROWS = 20


def rows(asset: str, batch: str) -> list[dict]:
    return [
        {
            "asset": asset,
            "batch": batch,
            "subject_id": f"{batch}-{i}",
            "verdict": "dropped",
            "reason": "test",
            "run_id": "r",
        }
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
    else:
        for _ in range(count):
            counts = lake.sql("SELECT batch, count(*) AS n FROM verdicts GROUP BY batch")
            assert set(counts["n"]) <= {ROWS}, f"a slice was read that is not whole: {counts}"


def apart(errors: str, *arguments: Any) -> None:
    """`main` in a process that multiprocessing started; what it says goes to a file."""
    sys.stderr = Path(errors).open("w", buffering=1)  # noqa: SIM115 - open until the process ends
    main(*arguments)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
