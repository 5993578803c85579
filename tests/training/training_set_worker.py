"""A process that opens a training set of many rows as the trainer does, and says what that cost. Argument: a file.

Prints JSON: rows, seconds of CPU and MB that opening took, images opened in two steps, how many these have, the
first row's columns.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text("utf-8")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))) / 1024


def main(path: Path) -> None:
    import torch  # noqa: F401 - the imports are not what is measured
    from datasets import Dataset

    from wethink_assets.training import training_set as module

    Dataset.from_dict({"row": [0]}).select([0])  # nor what is imported then
    opened: list[tuple[int, int]] = []
    module.fit = lambda image, processor: opened.append(image.size) or image
    began, before = time.process_time(), resident_mb()
    rows = module.training_set(path, SimpleNamespace(), 4, 15_000, 0)
    seconds = time.process_time() - began
    first = rows[0]
    for indices in ([0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3]):  # a step of two micro-batches, and the next step
        rows.__getitems__(indices)
    print(
        json.dumps(
            {
                "rows": len(rows),
                "seconds": seconds,
                "mb": resident_mb() - before,
                "opened": len(opened),
                "images": len(set(rows.with_format(None)[:4]["image"])),
                "columns": sorted(first),
                "image": [first["image"].mode, *first["image"].size],
                "prompt": first["prompt"][-1]["role"],
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
