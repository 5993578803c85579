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
    for row in sorted(rows, key=lambda row: row["position"]):
        cells = [cell(row["filter"]), *(f"{row[f'dropped_{how}']:,}" for how in ("alone", "first", "only"))]
        if known:
            dropped, caught = row["dropped_alone"], row["bad_alone"] or 0
            cells += [f"{caught / dropped:.2f}" if dropped else "", f"{caught:,} of {row['bad_rows'] or 0:,}"]
        lines.append("|" + "|".join(cells) + "|")
    return {"row_filters": Markdown("\n".join(lines))}
