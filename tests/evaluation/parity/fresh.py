"""Parity with VLMEvalKit on replies that are new to both.

`python -m tests.evaluation.parity.fresh CHECKOUT SEED …` prints every verdict and number that differs; ends with 1
where one does. The golden verdicts have a seed of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from tests.evaluation import test_parity as parity
from tests.evaluation.parity import golden, synthetic, tables


def compare(checkout: Path, seed: str, python: str = sys.executable) -> tuple[int, int, list[str]]:
    """Verdicts and numbers compared, and what differs."""
    synthetic.SEED = seed
    parity.verdicts.cache_clear()
    try:
        return _compare(golden.run(checkout, python)["scores"])
    finally:
        synthetic.SEED = synthetic.GOLDEN_SEED
        parity.verdicts.cache_clear()


def _compare(theirs: dict[str, Any]) -> tuple[int, int, list[str]]:
    rows = numbers = 0
    differ: list[str] = []
    for name, modes in theirs.items():
        replies = {str(row["index"]): row["prediction"] for row, _ in synthetic.rows(name)}
        for mode, result in modes.items():
            mine = parity.by_key(name, mode)
            rows += len(result["rows"])
            differ += [
                f"{name} {mode} {k}: theirs {v}, ours {mine[k]}: {replies.get(k)!r}"
                for k, v in result["rows"].items()
                if mine[k] != v
            ]
            ours = tables.ours(parity.benchmark(name), parity.verdicts(name, mode))
            for label, value in tables.theirs(name, result["numbers"]).items():
                numbers += 1
                if label not in ours or not parity.close(ours[label], value, name):
                    differ.append(f"{name} {mode} {label}: theirs {value}, ours {ours.get(label)}")
    return rows, numbers, differ


if __name__ == "__main__":
    failed = False
    for seed in sys.argv[2:]:
        compared = compare(Path(sys.argv[1]), seed)
        failed |= bool(compared[2])
        head = f"seed {seed}: {compared[0]} verdicts and {compared[1]} numbers compared, {len(compared[2])} differ"
        sys.stdout.write("\n  ".join([head, *compared[2]]) + "\n")
    sys.exit(failed)
