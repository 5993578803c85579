"""A process that runs synthesis stages over generated rows and says how much memory each took at its highest moment.

Arguments: folder for what is spooled, rows of a window, names of stages. Prints JSON: MB by stage, beyond what the
process held before it. Models answer at once, as in benchmarks/synthesis_memory.py; nothing is committed.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from pathlib import Path

ROWS = 1_500
TEXT = "a red kite stands left of the tall white house " * 400  # 19 KB, so that rows which are held are seen


def resident(peak: bool) -> float:
    name = "VmHWM" if peak else "VmRSS"
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(name))) / 1024


class Generated:
    """A lake whose statements give rows that are made as they are read."""

    rows = ROWS

    def windows(self, name: str, folder: Path, *, size: int, batch: str) -> Generated:
        self.size = size
        return self

    def __iter__(self):
        for start in range(0, ROWS, self.size):
            yield [self.row(n) for n in range(start, min(start + self.size, ROWS))]

    def row(self, n: int) -> dict[str, object]:
        """A row with the columns of every statement of the stages named."""
        return {
            "question_id": f"{n:064x}",
            "description_id": f"{n:064x}",
            "image_id": f"{n:064x}",
            "question": f"Which is number {n}?",
            "category": "FIB",
            "source": "coco",
            "options": [],
            "text": f"{n} {TEXT}",
            "chain": f"{n} {TEXT}",
            "answer": "blue",
            "answer_id": f"{n:064x}",
            **{f"{who}_answer": "blue" for who in ("reasoner", "vlm")},
            **{f"{who}_answer_id": f"{n:064x}" for who in ("reasoner", "vlm")},
            "agreement": "agree",
        }


def main(root: Path, window: int, names: list[str]) -> None:
    from benchmarks.synthesis_memory import Forgetful, replies, settings_of
    from wethink_assets.settings.data import SecondLookSettings
    from wethink_assets.stage_spool import StageSpool
    from wethink_assets.synthesis.assets import run_windows
    from wethink_assets.synthesis.registry import stages
    from wethink_assets.synthesis.stage import StageRun

    took, lake, settings = {}, Generated(), settings_of(root, window)
    looks = settings.synthesis.model_copy(update={"second_look": SecondLookSettings(answers=3)})
    settings = settings.model_copy(update={"synthesis": looks})
    for stage in (stage for stage in stages() if stage.name in names):
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak begins here
        before = resident(peak=False)
        at = StageRun(Forgetful(**replies()), "b", settings, lake)
        spool = StageSpool(stage.name, "b", "r", (stage.table, *stage.further_tables), root / stage.name)
        run_windows(stage, at, spool, lake, root, lambda line: None)
        assert spool.rows_in == ROWS == spool.continued, (stage.name, spool.reasons())
        took[stage.name] = resident(peak=True) - before
    print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
