"""Scores of a set (rows of table scores): every metric by one scorer, with what has to be known to trust it.

Belongs here: interval, bounds without a judge, extraction failures, the value without contaminated items, the name that
says on what it stands. Does not belong here: what a number is (metrics.py), arithmetic (statistics.py). Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.families.registry import family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.observing import Pair
from wethink_assets.evaluation.scorers.vlmevalkit.versions import BY_SCORER
from wethink_assets.evaluation.scoring import HIDDEN, STRICT, Scored
from wethink_assets.evaluation.statistics import estimate, mean
from wethink_assets.rewards.verdict import Verdict
from wethink_assets.written_rows import ScoreRow

_UNPARSED = (Verdict.UNPARSEABLE, Verdict.HEDGED)


def numbers_of(
    benchmark: Benchmark,
    scorer: str,
    verdicts: Sequence[tuple[Item, Scored]],
    *,
    policy_id: str,
    policy_kind: str,
    n_set: int,
    resamples: int,
    seed: int,
    rules_only: bool = False,
    contaminated: Collection[str] = (),
) -> list[ScoreRow]:
    """Rows of table scores, one per metric."""
    pairs = [(item, scored.score) for item, scored in verdicts if scored.score is not None]
    known = metrics.observations(benchmark, pairs, scorer)
    clean = metrics.observations(benchmark, [p for p in pairs if p[0].item not in contaminated], scorer)
    tables = metrics.breakdowns(benchmark, pairs, scorer)
    bounds = [metrics.observations(benchmark, _decided(verdicts, value), scorer) for value in (0.0, 1.0)]
    peculiar = family(benchmark.rule).peculiar
    odd = Counter(note for item, _ in verdicts if peculiar and (note := peculiar(item)))
    hidden = sum(scored.verdict == HIDDEN for _, scored in verdicts)
    notes = notes_of(scorer, odd)
    n_unparsed = sum(scored.verdict in _UNPARSED for _, scored in verdicts)
    n_judged = sum(_needs_judge(scored) for _, scored in verdicts)
    n_contaminated = sum(item.item in contaminated for item, _ in pairs)
    rows: list[ScoreRow] = []
    for metric, values in known.items():
        number = estimate(values, resamples=resamples, seed=seed).scaled(benchmark.scale)
        without = number
        if n_contaminated:
            without = estimate(clean[metric], resamples=resamples, seed=seed).scaled(benchmark.scale)
        low, high = (benchmark.scale * mean(b[metric]) if b.get(metric) else None for b in bounds)
        rows.append(
            {
                "policy_id": policy_id,
                "policy_kind": policy_kind,
                "benchmark": benchmark.name,
                "metric": metric,
                "name": shown_name(metric, len(pairs), n_set, rules_only=rules_only),
                "main": scorer == STRICT and metric == benchmark.metric,
                "scorer": scorer,
                "rules_only": rules_only,
                "value": number.value,
                "low": number.low,
                "high": number.high,
                "scale": benchmark.scale,
                "n": len(pairs),
                "n_set": n_set,
                "n_failed": n_set - len(pairs) - hidden,
                "n_unparsed": n_unparsed,
                "n_judged": n_judged,
                "bound_low": low,
                "bound_high": high,
                "n_contaminated": n_contaminated,
                "clean_value": without.value,
                "clean_low": without.low,
                "clean_high": without.high,
                "breakdown": tables.get(metric, {}),
                "notes": notes,
            }
        )
    return rows


def notes_of(scorer: str, odd: Mapping[str, int]) -> str | None:
    """What has to be said of a scorer's numbers: its version of VLMEvalKit, golds that it cannot score as meant."""
    version = BY_SCORER.get(scorer)
    said = [f"VLMEvalKit of {version.name} ({version.differs})"] if version else []
    return "; ".join([*said, *(f"{count} x {note}" for note, count in sorted(odd.items()))]) or None


def shown_name(metric: str, n: int, n_set: int, *, rules_only: bool) -> str:
    """The metric's name, which says so where it stands on fewer items than the set has, or on rules without a judge."""
    name = metric if n == n_set else f"{metric} over {n} of {n_set} items"
    return f"{name}, rules only" if rules_only else name


def _needs_judge(scored: Scored) -> bool:
    """Decided by a judge, or only by one that was not asked; a call of the policy that failed is neither."""
    return scored.method == "judge" or (scored.method == "none" and scored.verdict != HIDDEN and not scored.lost)


def _decided(verdicts: Sequence[tuple[Item, Scored]], value: float) -> list[Pair]:
    """Scores with `value` in the place of each that needs a judge."""
    pairs = []
    for item, scored in verdicts:
        if _needs_judge(scored):
            pairs.append((item, value))
        elif scored.score is not None:
            pairs.append((item, scored.score))
    return pairs
