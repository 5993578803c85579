"""Start-up cost in CPU seconds, user and system: loading the definitions, `wethink --help`, a lineage walk.

    python -m benchmarks.start_up [--peer FOLDER_OF_ANOTHER_CHECKOUT] [--lake FOLDER --id ROW_ID] [--runs N]

Prints the lowest of N runs each, and beside it the same command from the peer, in turns, so that both meet the same
load. Without --lake the walk goes over a lake with one row of every kind (tests/lineage). Exits 1 over a limit.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LIMITS = {"definitions": 2.0, "--help": 0.3, "lineage": 0.8}  # CPU-s on a quiet core


def cpu_seconds(command: list[str], checkout: Path, env: dict[str, str]) -> float:
    """CPU seconds of one run of `command` with the package of this checkout."""
    env = {**os.environ, **env, "PYTHONPATH": str(checkout)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # the first run compiles, the lowest one finds it done
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=checkout, env=env, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} in {checkout} failed:\n{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def small_lake(folder: Path) -> str:
    """A lake with a row of every kind; the id of its sample."""
    from resources.lake.store import Commit, LakeStore, Write
    from tests.lineage.every_kind import ROWS, key

    store = LakeStore(f"sqlite:{folder}/catalog.sqlite", f"{folder}/data")
    store.write(Commit("start_up"), [Write(table, rows) for table, rows in ROWS.items()])
    store.close()
    return key("sample")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, help="another checkout of this project, such as a worktree")
    parser.add_argument("--lake", type=Path, help="folder with catalog.sqlite and data/")
    parser.add_argument("--id", default="", help="the row that lineage is asked for")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        lake, row_id = options.lake or Path(temporary), options.id
        if options.lake is None:
            row_id = small_lake(lake)
        env = {"WETHINK_LAKE_CATALOG": f"sqlite:{lake}/catalog.sqlite", "WETHINK_LAKE_DATA": f"{lake}/data"}
        wethink = [sys.executable, "-m", "wethink_assets.cli.main"]
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import dagster": [sys.executable, "-c", "import dagster"],
            "definitions": [sys.executable, "-c", "import wethink_assets.definitions"],
            "--help": [*wethink, "--help"],
            "lineage": [*wethink, "lineage", row_id],
        }
        checkouts = [ROOT, *([options.peer.resolve()] if options.peer else [])]
        print(f"| command | CPU-s{' | peer' if options.peer else ''} | limit |")
        print(f"|---|---|{'---|' if options.peer else ''}---|")
        over = []
        for name, command in commands.items():
            runs = [[cpu_seconds(command, checkout, env) for checkout in checkouts] for _ in range(options.runs)]
            best = [min(run[place] for run in runs) for place in range(len(checkouts))]
            print(f"| {name} | {' | '.join(f'{b:.2f}' for b in best)} | {LIMITS.get(name, '')} |", flush=True)
            if best[0] > LIMITS.get(name, float("inf")):
                over.append(name)
    if over:
        print(f"over the limit: {', '.join(over)}", file=sys.stderr)
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
