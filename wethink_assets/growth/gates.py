"""Quality gates of a batch's plan: it keeps the batch's limits and names every source.

Belongs here: what is wrong with a plan, read back from the lake. Does not belong here: making one (plan.py).
"""

from __future__ import annotations

from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.sources.catalog import sources_of


def _within_limits(scope: Scope) -> Outcome:
    rows = scope.rows("growth/select_plan")
    limit = scope.settings.growth.images
    bounded = [row["quota"] for row in rows if row["quota"] is not None]
    asked = sum(bounded)
    wrong = [f"{row['source']}: {row['quota']} images" for row in rows if (row["quota"] or 0) < 0]
    if missing := sorted({s.key for s in sources_of(scope.settings.sources)} - {row["source"] for row in rows}):
        wrong.append(f"no quota for {', '.join(missing)}")
    if limit is not None and (asked > limit or len(bounded) < len(rows)):
        wrong.append(f"{asked:,} images asked, or no limit for a source, where [growth] images is {limit:,}")
    return Outcome(
        not wrong,
        "; ".join(wrong) or f"{asked:,} images of {sum(q > 0 for q in bounded)} sources",
        {"images": asked, "sources": len(rows)},
    )


PLAN_GATES = (
    Gate(
        "plan_within_limits",
        "A batch that takes more images than it may, or takes a source's files without having been asked to.",
        _within_limits,
    ),
)
