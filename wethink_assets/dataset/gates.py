"""The release's quality gates: its rows and its export, read back from the lake and from the disk.

Belongs here: which defect belongs to which gate. Pure.
Does not belong here: reading an export (export.py), committing (assets.py).
"""

from __future__ import annotations

from wethink_assets.dataset import export
from wethink_assets.gates import Gate, Outcome, Scope

_SPLIT_DEFECTS = frozenset({"image_in_both_splits", "benchmark_image"})


def _defects(scope: Scope) -> tuple[int, dict[str, list[str]]]:
    """The number of rows of the latest release, and their defects as {defect: examples}."""
    releases = scope.lake.rows("dataset/select_latest_release")
    if not releases:
        return 0, {"no_release": ["there is no release: materialise it"]}
    release = releases[0]
    with scope.windows("dataset/select_release_rows", release_id=release["release_id"]) as rows:
        defects = export.defects(scope.settings.releases_dir / release["release_id"], rows)
    if rows.rows != release["rows"]:
        defects["rows_missing"] = [f"the lake holds {rows.rows} rows of {release['rows']}"]
    for row in scope.lake.rows("dataset/select_release_defects", release_id=release["release_id"]):
        defects.setdefault(row["defect"], []).append(row["sample_id"])
    return rows.rows, defects


def _outcome(scope: Scope, *, of_split: bool) -> Outcome:
    rows, defects = scope.once("release_defects", lambda: _defects(scope))
    own = {defect: examples for defect, examples in defects.items() if (defect in _SPLIT_DEFECTS) == of_split}
    if of_split and "no_release" in defects:
        own = {"no_release": defects["no_release"]}
    return Outcome(
        not own,
        ", ".join(f"{defect}: {len(examples)} (first: {examples[0]})" for defect, examples in own.items())
        or f"{rows} rows read back, none bad",
        {"rows": rows, **{f"defect_{defect}": len(examples) for defect, examples in own.items()}},
    )


RELEASE_GATES = (
    Gate(
        "no_defects",
        "A published row with tags, placeholders or empty text, without its image file, or that its own rule does not "
        "verify.",
        lambda scope: _outcome(scope, of_split=False),
        blocking=True,
    ),
    Gate(
        "no_contamination",
        "Contamination: an image of an evaluation set in the release, or one image on both sides of the split.",
        lambda scope: _outcome(scope, of_split=True),
        blocking=True,
    ),
)
