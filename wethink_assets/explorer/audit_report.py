"""What an audit comes to, for the page (annotation report): the command's report, and the picture of the estimate.

Belongs here: figures and points of the picture. Pure. Does not belong here: the estimate (auditing/), requests
(audit_pages.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.auditing.estimate import Estimate, course, report
from wethink_assets.auditing.sample import Stratum

POINTS = 32  # of the picture of the estimate
WIDE, HIGH = 320, 72  # of that picture


def report_of(verdicts: Sequence[Mapping[str, Any]], strata: Mapping[Stratum, int]) -> dict[str, Any]:
    """What `wethink audit report` prints, the rows on which people differ, and the estimate as it grew."""
    said: dict[str, dict[str, str]] = {}
    for row in verdicts:
        said.setdefault(row["sample_id"], {})[row["person"]] = row["verdict"]
    grown = course(verdicts, strata, POINTS)
    return {
        "found": report(verdicts, strata),
        "grown": grown,
        "band": band(grown),
        "differing": [(name, own) for name, own in said.items() if len(set(own.values())) > 1][:50],
    }


def band(grown: Sequence[Estimate]) -> dict[str, Any] | None:
    """The estimate with its interval over the number of judged rows, as points of a picture of WIDE x HIGH.

    The scale reaches to twice the upper end of the last interval. None of fewer than two points.
    """
    if len(grown) < 2:
        return None
    top = min(1.0, 2 * grown[-1].high) or 1.0
    most = max(1, grown[-1].rows)

    def point(rows: int, share: float) -> str:
        return f"{WIDE * rows / most:.1f},{HIGH * (1 - min(share, top) / top):.1f}"

    upper = [point(one.rows, one.high) for one in grown]
    lower = [point(one.rows, one.low) for one in reversed(grown)]
    line = [point(one.rows, one.share) for one in grown]
    return {"area": " ".join(upper + lower), "line": " ".join(line), "top": top, "wide": WIDE, "high": HIGH}
