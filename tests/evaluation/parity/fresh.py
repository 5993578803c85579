"""Parity with VLMEvalKit on replies that are new to both.

`python -m tests.evaluation.parity.fresh CHECKOUT SEED …` holds each of our versions against a checkout and prints, for
the nearest, which rule differs, on how many verdicts, and every one of them; ends with 1 where one does. The golden
verdicts have a seed of their own.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.evaluation import test_parity as parity
from tests.evaluation.parity import golden, synthetic, tables
from wethink_assets.evaluation.scorers.vlmevalkit.versions import VERSIONS, Version


@dataclass
class Compared:
    """One of our versions against a checkout. `rules` counts verdicts that differ, by the rule that gave them."""

    version: Version
    verdicts: int = 0
    numbers: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    @property
    def differ(self) -> int:
        return sum(self.rules.values())

    def report(self, most: int | None = None) -> str:
        """For people: what was compared, which rule differs, on how many verdicts, the first of them."""
        head = (
            f"VLMEvalKit of {self.version.name}: {self.differ} of {self.verdicts} verdicts and "
            f"{len(self.lines) - self.differ} of {self.numbers} numbers of the checkout differ"
        )
        by_rule = [f"{rule}: {count} verdicts" for rule, count in self.rules.most_common()]
        return "\n  ".join([head, *by_rule, *self.lines[:most]])


def compare(checkout: Path, seed: str, python: str = sys.executable) -> list[Compared]:
    """Each of our versions against the checkout, the nearest first."""
    synthetic.SEED = seed
    parity.verdicts.cache_clear()
    try:
        return nearest(golden.run(checkout, python)["scores"])
    finally:
        synthetic.SEED = synthetic.GOLDEN_SEED
        parity.verdicts.cache_clear()


def nearest(theirs: dict[str, Any]) -> list[Compared]:
    """Each of our versions against what a checkout said, the nearest first."""
    return sorted((_compare(theirs, version) for version in VERSIONS.values()), key=lambda c: (c.differ, len(c.lines)))


def _compare(theirs: dict[str, Any], version: Version) -> Compared:
    done = Compared(version)
    for name, modes in theirs.items():
        replies = {str(row["index"]): row["prediction"] for row, _ in synthetic.rows(name)}
        rule = f"{parity.benchmark(name).rule} ({name})"
        for mode, result in modes.items():
            mine = parity.by_key(name, mode, version.scorer)
            done.verdicts += len(result["rows"])
            other = {key: score for key, score in result["rows"].items() if mine[key] != score}
            if other:
                done.rules[f"{rule}, {'judged' if mode == 'judge' else 'without a judge'}"] += len(other)
            done.lines += [
                f"{name} {mode} {key}: theirs {score}, ours {mine[key]}: {replies.get(key)!r}"
                for key, score in other.items()
            ]
            ours = tables.ours(parity.benchmark(name), parity.verdicts(name, mode, version.scorer), version.scorer)
            for label, value in (tables.theirs(name, result["numbers"]) if result["numbers"] else {}).items():
                done.numbers += 1
                if label not in ours or not parity.close(ours[label], value, name):
                    done.lines.append(f"{name} {mode} {label}: theirs {value}, ours {ours.get(label)}")
    return done


if __name__ == "__main__":
    failed = False
    for seed in sys.argv[2:]:
        best = compare(Path(sys.argv[1]), seed)[0]
        failed |= bool(best.lines)
        sys.stdout.write(f"seed {seed}, nearest to {best.report()}\n")
    sys.exit(failed)
