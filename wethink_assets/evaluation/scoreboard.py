"""Scoreboard (leaderboard) of base against RL policy: paired differences on every set, and the table.

Belongs here: rows of table scoreboard and how they are shown. Does not belong here: scoring, pictures
(report/plots.py), Dagster. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.benchmark_sets.registry import ALL_SETS, BENCHMARKS, HELDOUT, MEANS, Benchmark, mean_of
from wethink_assets.evaluation import metrics
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.report.number_format import figure, interval, p_value
from wethink_assets.evaluation.scoring import VLMEVALKIT
from wethink_assets.evaluation.statistics import difference, holm
from wethink_assets.written_rows import ScoreboardRow

ALPHA = 0.05
_PAPER = ("paper_base", "paper_rl")


def board(
    items: Mapping[str, Sequence[Item]],
    item_scores: Sequence[Mapping[str, Any]],
    main: Sequence[Mapping[str, Any]],
    *,
    base_id: str,
    rl_id: str,
    resamples: int,
    seed: int,
    sets: Sequence[Benchmark] = ALL_SETS,
    kit: Sequence[Mapping[str, Any]] = (),
    kit_scorer: str = VLMEVALKIT,
) -> list[ScoreboardRow]:
    """Rows of the scoreboard, one per set, with the paired difference over items that both policies have a score for.

    `main` and `kit` are rows of table scores: the headline numbers, and those by VLMEvalKit's rules, of the version
    that is `kit_scorer`. Holm's correction is over the published sets; the held-out samples stand alone.
    """
    scored: dict[tuple[str, str], dict[str, float]] = {}
    for row in item_scores:
        if row["score"] is not None:
            scored.setdefault((row["benchmark"], row["policy_id"]), {})[row["item"]] = row["score"]
    value = {(row["benchmark"], row["policy_id"]): row["value"] for row in main}
    clean = {(row["benchmark"], row["policy_id"]): row.get("clean_value") for row in main}
    theirs = {(row["benchmark"], row["policy_id"], row["metric"]): row["value"] for row in kit}
    rows: list[ScoreboardRow] = []
    for benchmark in sets:
        base, rl = (scored.get((benchmark.name, policy), {}) for policy in (base_id, rl_id))
        both = [i for i in items.get(benchmark.name, ()) if i.item in base and i.item in rl]
        before, after = (
            metrics.observations(benchmark, [(i, s[i.item]) for i in both])[benchmark.metric] for s in (base, rl)
        )
        change = difference(before, after, resamples=resamples, seed=seed).scaled(benchmark.scale)
        known = change.low is not None and change.high is not None
        metric = metrics.metric_name(benchmark.metric, kit_scorer)
        clean_base, clean_rl = (clean.get((benchmark.name, policy)) for policy in (base_id, rl_id))
        rows.append(
            {
                "benchmark": benchmark.name,
                "base_id": base_id,
                "rl_id": rl_id,
                "n": len(both),
                "base": value.get((benchmark.name, base_id)),
                "rl": value.get((benchmark.name, rl_id)),
                "delta": change.value,
                "low": change.low,
                "high": change.high,
                "significant": (change.low > 0 or change.high < 0) if known else None,
                "paper_base": benchmark.paper_base,
                "paper_rl": benchmark.paper_rl,
                "p": change.p,
                "detectable": change.detectable,
                "clean_delta": None if clean_base is None or clean_rl is None else clean_rl - clean_base,
                "vlmevalkit_base": theirs.get((benchmark.name, base_id, metric)),
                "vlmevalkit_rl": theirs.get((benchmark.name, rl_id, metric)),
            }
        )
    corrected = holm({row["benchmark"]: row["p"] for row in rows if row["benchmark"] != HELDOUT})
    return [{**row, "p_holm": corrected.get(row["benchmark"], row["p"])} for row in rows]


def stage(rows: Sequence[Mapping[str, Any]]) -> StageResult:
    """The scoreboard as a stage's result: a set without a comparable item leaves the comparison, not the table."""
    dropped = [
        Stopped(r["benchmark"], "nothing_to_compare", "no item has a score for both policies")
        for r in rows
        if not r["n"]
    ]
    return StageResult(len(rows), len(rows) - len(dropped), {"scoreboard": rows}, dropped=dropped)


def regressions(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Regressions: sets on which the RL policy is worse, with the whole interval below zero.

    Uncorrected: a guard should rather warn.
    """
    return [row["benchmark"] for row in rows if row["significant"] and row["delta"] < 0]


def sure_regressions(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Regressions that stand after Holm's correction over all sets."""
    return [r["benchmark"] for r in rows if r["p_holm"] is not None and r["p_holm"] < ALPHA and r["delta"] < 0]


def sure_gains(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Gains that stand after Holm's correction over all sets."""
    return [r["benchmark"] for r in rows if r["p_holm"] is not None and r["p_holm"] < ALPHA and r["delta"] > 0]


def mean_scores(rows: Sequence[Mapping[str, Any]], name: str) -> tuple[float, float] | None:
    """A mean score of the board for base and RL, over the sets that have a number for both."""
    both = [row for row in rows if row["base"] is not None and row["rl"] is not None]
    base = mean_of(name, {row["benchmark"]: row["base"] for row in both})
    rl = mean_of(name, {row["benchmark"]: row["rl"] for row in both})
    return None if base is None or rl is None else (base, rl)


def markdown(
    rows: Sequence[Mapping[str, Any]], main: Sequence[Mapping[str, Any]], sets: Sequence[Benchmark] = ALL_SETS
) -> str:
    """The scoreboard as a Markdown table.

    Figures of the paper are of Qwen2.5-VL-7B and WeThink-7B, and marked as the paper's [A].
    """
    counts = {(row["benchmark"], row["policy_id"]): row for row in main}
    lines = [
        (
            "| set | metric | n | base | RL | change (95 % interval) | p (Holm) | detectable | without contaminated "
            "| VLMEvalKit's rules: base → RL | paper: Qwen2.5-VL-7B [A] | paper: WeThink-7B [A] |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for benchmark, row in zip(sets, rows, strict=True):
        scores = [counts.get((benchmark.name, policy)) for policy in (row["base_id"], row["rl_id"])]
        n_set = max((f["n_set"] for f in scores if f), default=0)
        size = f"{row['n']}" if row["n"] == n_set else f"**{row['n']} of {n_set}**"
        cells = [_number(row["base"], scores[0]), _number(row["rl"], scores[1])]
        note = f" ({benchmark.paper_note})" if benchmark.paper_note else ""
        paper = [f"{v:g}{note}" if v is not None else "–" for v in (row["paper_base"], row["paper_rl"])]
        name = next((f["name"] for f in scores if f and f.get("name")), benchmark.metric)
        kit = [figure(row["vlmevalkit_base"]), figure(row["vlmevalkit_rl"])]
        tested = [p_value(row["p_holm"]), figure(row["detectable"]), figure(row["clean_delta"], "+"), " → ".join(kit)]
        lines.append(" | ".join(["| " + benchmark.name, name, size, *cells, _change(row), *tested, *paper]) + " |")
    for name in MEANS:
        if mean := mean_scores(rows, name):
            paper = [mean_of(name, {b.name: v for b in BENCHMARKS if (v := getattr(b, f)) is not None}) for f in _PAPER]
            means = (
                f"{mean[0]:.1f} | {mean[1]:.1f} | {mean[1] - mean[0]:+.1f} | | | | | {paper[0]:.1f} | {paper[1]:.1f}"
            )
            lines.append(f"| *{name} mean* | percent | | {means} |")
    return "\n".join(lines)


def _number(value: float | None, row: Mapping[str, Any] | None) -> str:
    if value is None:
        return "hidden gold or no file" if row is None or row["n"] == 0 else "–"
    if row is None or row["low"] is None:
        return f"{value:.1f}"
    return f"{figure(value)} {interval(row['low'], row['high'])}"


def _change(row: Mapping[str, Any]) -> str:
    if row["delta"] is None:
        return "–"
    if row["low"] is None:
        return f"{row['delta']:+.1f}"
    mark = " **" if row["significant"] else " "
    return f"{row['delta']:+.1f}{mark}[{row['low']:+.1f}, {row['high']:+.1f}]{mark.strip()}"
