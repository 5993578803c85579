"""Quality gates of growth: a plan that keeps its batch's limits, a policy that is worse on no set than the one before.

Belongs here: what is wrong with a plan or a report, read back from the lake. Does not belong here: making one.
"""

from __future__ import annotations

from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.growth.report import worse
from wethink_assets.sources.catalog import sources_of


def _within_limits(scope: Scope) -> Outcome:
    rows = scope.rows("growth/select_plan")
    limit = scope.settings.growth.images
    bounded = [row["quota"] for row in rows if row["quota"] is not None]
    asked = sum(bounded)
    wrong = [f"{row['source']}: {row['quota']} images" for row in rows if (row["quota"] or 0) < 0]
    if missing := sorted({s.key for s in sources_of(scope.settings.sources)} - {row["source"] for row in rows}):
        wrong.append(f"no quota for {', '.join(missing)}")
    quotas = {row["source"]: row["quota"] for row in rows}
    wrong += [
        f"{taken['source']} has given {taken['n']:,} images, its plan is {quota:,}"
        for taken in scope.rows("growth/count_taken_of_batch")
        if (quota := quotas.get(taken["source"], 0)) is not None and taken["n"] > quota
    ]
    if limit is not None and (asked > limit or len(bounded) < len(rows)):
        wrong.append(f"{asked:,} images asked, or no limit for a source, where [growth] images is {limit:,}")
    return Outcome(
        not wrong,
        "; ".join(wrong) or f"{asked:,} images of {sum(q > 0 for q in bounded)} sources",
        {"images": asked, "sources": len(rows)},
    )


def _nothing_worse(scope: Scope) -> Outcome:
    rows = scope.once("growth_report", lambda: scope.lake.rows("growth/select_report"))
    trained = [row["policy_id"] for row in scope.lake.rows("growth/select_trained_policies")]
    newest = [row for row in rows if trained and row["policy_id"] == trained[-1]]
    lost = worse(newest)
    return Outcome(
        not lost,
        f"worse than the policy before: {', '.join(lost)}" if lost else "no set got worse since the policy before",
        {"sets": len(newest), "worse": len(lost)},
    )


REPORT_GATES = (
    Gate(
        "no_set_got_worse",
        "Growth that raises the mean and lowers a set: the newest policy is worse on one than the policy before it.",
        _nothing_worse,
    ),
)
PLAN_GATES = (
    Gate(
        "plan_within_limits",
        "A batch that takes more images than it may, or takes a source's files without having been asked to.",
        _within_limits,
    ),
)
