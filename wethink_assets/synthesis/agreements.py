"""Inter-rater agreement of rule and judge on scored replies, per category and source.

Belongs here: the table of agreement. Pure.
Does not belong here: scoring the replies, what becomes of a row (route.py), showing the table (routing_metadata.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from wethink_assets.rewards.calibration import weighted_kappa
from wethink_assets.rewards.verifier import Verdict
from wethink_assets.synthesis.answer import AGREEING_TIER
from wethink_assets.synthesis.stage_calls import Row
from wethink_assets.written_rows import RewardAgreementRow


class Agreements:
    """Agreement and Cohen's kappa of rule and judge per category and source, from rows of table scored_replies."""

    def __init__(self) -> None:
        self._replies: dict[tuple[str, str], Counter[tuple[bool, bool] | None]] = defaultdict(Counter)
        self._rows: dict[tuple[str, str], set[str]] = defaultdict(set)

    def add(self, evidence: Iterable[Row]) -> None:
        for row in evidence:
            group = row["category"], row["source"]
            right = (row["verdict"] == Verdict.CORRECT, (row["tier"] or 0) >= AGREEING_TIER)
            self._replies[group][None if row["agrees"] is None else right] += 1
            self._rows[group].add(row["question_id"])

    def table(self, batch: str) -> list[RewardAgreementRow]:
        """Rows of table reward_agreements."""
        table: list[RewardAgreementRow] = []
        for (category, source), replies in sorted(self._replies.items()):
            decided = {right: count for right, count in replies.items() if right is not None}
            total, agreeing = sum(decided.values()), decided.get((True, True), 0) + decided.get((False, False), 0)
            pairs = [right for right, count in sorted(decided.items()) for _ in range(count)]
            table.append(
                {
                    "batch": batch,
                    "category": category,
                    "source": source,
                    "rows": len(self._rows[category, source]),
                    "replies": replies.total(),
                    "decided": total,
                    "agreeing": agreeing,
                    "rule_correct": sum(count for (by_rule, _), count in decided.items() if by_rule),
                    "judge_correct": sum(count for (_, by_judge), count in decided.items() if by_judge),
                    "agreement": agreeing / total if total else None,
                    "kappa": weighted_kappa([float(r) for r, _ in pairs], [float(j) for _, j in pairs]),
                }
            )
        return table
