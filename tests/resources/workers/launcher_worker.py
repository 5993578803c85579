"""A worker for the launcher's tests: reports, fails, or waits with a child of its own, as its argument says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path


def main(what: str, path: str) -> None:
    from dagster_pipes import open_dagster_pipes

    with open_dagster_pipes() as pipes:
        pipes.report_custom_message(
            {"rank": os.environ["RANK"], "threads": os.environ["OMP_NUM_THREADS"], "extras": pipes.extras}
        )
        if what == "report":
            return
        if what == "fail":
            print("loading\nworker error: the checkpoint 'x' has no weights", file=sys.stderr)
            raise SystemExit(2)
        if what == "crash":
            raise ValueError("something unforeseen")
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        part = Path(path + ".part")
        part.write_text(f"{os.getpid()} {child.pid}")
        part.replace(path)
        time.sleep(600)


if __name__ == "__main__":
    main(*sys.argv[1:])
