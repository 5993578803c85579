"""Quality gates of the benchmark sets: all files are there, and they are the published ones.

Belongs here: which gates the sets have. Pure. Does not belong here: reading files (items.py), committing (assets.py).
"""

from __future__ import annotations

from wethink_assets.benchmark_sets.registry import sets_of
from wethink_assets.gates import Gate, Outcome, Scope


def _published(scope: Scope) -> Outcome:
    details = scope.details()
    other = list(details.get("other_md5") or [])
    return Outcome(
        not other,
        f"not the published files, so the scores are not comparable with published ones: {', '.join(other)}"
        if other
        else "every file with a published MD5 has it",
        {"md5": dict(details.get("md5") or {})},
    )


def _all_present(scope: Scope) -> Outcome:
    known = scope.lake.rows("benchmark_sets/select_known_sets")
    there = {row["benchmark"] for row in known if row["missing_since"] is None}
    dismissed = scope.settings.evaluation.dismissed
    sets = [b for b in sets_of(scope.settings.evaluation) if b.name in there or b.name not in dismissed]
    missing = [benchmark.file_name for benchmark in sets if benchmark.name not in there]
    return Outcome(
        not missing,
        f"without items: {', '.join(missing)}; put the files into the folder of evaluation sets"
        if missing
        else f"{len(sets)} sets have items",
        {"versions": {row["benchmark"]: row["version"] for row in known}},
    )


ITEM_GATES = (
    Gate(
        "published_files",
        "Scores that are not comparable: a file whose MD5 is not that of the published one.",
        _published,
    ),
    Gate(
        "all_sets_present",
        "A contamination gate and a scoreboard with gaps: a set whose file is missing or holds no item.",
        _all_present,
        error=True,
    ),
)
