"""What the evaluation assets show people in Dagster's UI.

Belongs here: Markdown of counts, examples, thumbnails, and the check of the files' MD5. Does not belong here: numbers
(metrics.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

from wethink_assets.evaluation.scoring import Item, Scored
from wethink_assets.presentation import contact_sheet
from wethink_assets.presentation.markdown import cell

SHOWN = 24
EXAMPLES = 8
WIDE = 80  # characters of a cell
NOTHING = "–"


def per_set(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows by set."""
    counts = Counter(row["benchmark"] for row in rows)
    return "| set | rows |\n|---|---|\n" + "\n".join(f"| {k} | {v} |" for k, v in counts.items())


def preview(items: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]], root: Path) -> str:
    """A contact sheet over all sets."""
    uris = {row["image_id"]: row["image_uri"] for row in images}
    shown: dict[str, Path] = {}
    step = max(1, len(items) // SHOWN)
    for item in items[::step][:SHOWN]:
        image_id = item["image_ids"][0]
        shown[f"{item['benchmark']}:{item['item']}"] = root / uris[image_id]
    return contact_sheet.of_files(shown, title="Evaluation sets")


def worst(verdicts: Mapping[str, Sequence[tuple[Item, Scored]]]) -> str:
    """A few items that each policy got wrong: question, gold, what was said."""
    lines = ["| policy | item | question | gold | said | verdict |", "|---|---|---|---|---|---|"]
    for policy, own in verdicts.items():
        missed = [(item, scored) for item, scored in own if scored.score is not None and scored.score < 1][:EXAMPLES]
        lines += [
            f"| {policy} | {cell(item.item)} | {_wide(item.question)} | {_wide(item.answer)} "
            f"| {_wide(scored.extracted)} | {scored.verdict} |"
            for item, scored in missed
        ]
    return "\n".join(lines)


def _wide(text: str | None) -> str:
    return cell(text or NOTHING, WIDE)


def md5_check(key: dg.AssetKey, details: Mapping[str, Any]) -> dg.AssetCheckResult:
    """A warning that names the files that are not the published ones."""
    other = list(details.get("other_md5") or [])
    return dg.AssetCheckResult(
        asset_key=key,
        check_name="published_files",
        passed=not other,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"not the published files, so scores compare with nobody else's: {', '.join(other)}"
        if other
        else "every file with a published MD5 has it",
        metadata={"md5": dg.MetadataValue.json(dict(details.get("md5") or {}))},
    )
