"""Row filters on an asset's page: what each dropped, and how much of it was bad where that is known.

Belongs here: showing rows of row_filter_counts. Does not belong here: counting (row_filters/counts.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.presentation.markdown import Markdown, cell


def filter_table(rows: Sequence[Mapping[str, Any]]) -> dict[str, Markdown]:
    """Metadata with a Markdown table, a line for each filter in their order; empty of a batch without rows."""
    if not rows:
        return {}
    known = any(row["bad_rows"] is not None for row in rows)
    names = ["filter", "drops alone", "in the order", "no other drops"]
    names += ["precision alone", "bad rows caught"] if known else []
    lines = ["|" + "|".join(names) + "|", "|---" + "|---:" * (len(names) - 1) + "|"]
    for row in _over_sources(rows):
        cells = [cell(row["filter"]), *(f"{row[f'dropped_{how}']:,}" for how in ("alone", "first", "only"))]
        if known:
            dropped, caught = row["dropped_alone"], row["bad_alone"] or 0
            cells += [f"{caught / dropped:.2f}" if dropped else "", f"{caught:,} of {row['bad_rows'] or 0:,}"]
        lines.append("|" + "|".join(cells) + "|")
    return {"row_filters": Markdown("\n".join(lines))}


def _over_sources(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """One row per filter with the sums over all sources, in the order of the filters."""
    sums: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["position"]):
        total = sums.setdefault(row["filter"], {"filter": row["filter"], "bad_rows": None, "bad_alone": None})
        for name in ("dropped_alone", "dropped_first", "dropped_only", "bad_rows", "bad_alone"):
            if row[name] is not None:
                total[name] = (total.get(name) or 0) + row[name]
    return list(sums.values())
