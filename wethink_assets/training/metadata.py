"""What people see of a training run: plots and examples as Markdown, and whether the reward rose.

Belongs here: pictures and tables from logged steps and rollouts. Pure. Does not belong here: Dagster, files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from wethink_assets.presentation.markdown import Markdown, cell
from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.presentation.row_links import row_link
from wethink_assets.rewards.terms import all_terms


def curves(steps: Sequence[Mapping[str, Any]], names: Mapping[str, str], title: str) -> str:
    """Markdown image of metrics over steps; `names` maps a metric to its label.

    Faint: every step; bold: mean of nine.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3.2), dpi=80, layout="constrained")
    axes = figure.subplots()
    for metric, label in names.items():
        points = [(s["step"], s["metrics"].get(metric)) for s in steps]
        points = [(x, float(y)) for x, y in points if isinstance(y, (int, float))]
        if not points:
            continue
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        smooth = [sum(ys[max(0, i - 4) : i + 5]) / len(ys[max(0, i - 4) : i + 5]) for i in range(len(ys))]
        (line,) = axes.plot(xs, smooth, linewidth=2, label=label)
        axes.plot(xs, ys, linewidth=0.7, alpha=0.35, color=line.get_color())
    axes.set_xlabel("step")
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    if axes.lines:
        axes.legend(fontsize=8)
    return figure_markdown(figure, title)


# Panels of the course of a run: title, and metrics with their labels. One whose metrics a run has not is left out.
PANELS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("held-out rows", {"heldout/accuracy": "accuracy", "heldout/format": "format"}),
    ("accuracy by scorer", {"accuracy/rule": "rule", "accuracy/model": "judge"}),
    ("accuracy by kind", {"accuracy/MC": "MC", "accuracy/FIB": "FIB", "accuracy/DES": "DES"}),
    ("KL to the reference", {"kl": "KL"}),
    ("entropy of a token", {"entropy": "entropy"}),
    ("tokens of a reply", {"completions/mean_length": "mean", "completions/max_length": "most"}),
    (
        "shares",
        {"completions/clipped_ratio": "cut off", "groups/flat": "groups without variance", "left_out": "left out"},
    ),
    ("clipped ratios", {"clip_ratio/low_mean": "low", "clip_ratio/high_mean": "high", "cispo_clip_ratio": "CISPO"}),
    ("engine against trainer", {"sampling/sampling_logp_difference/mean": "nats a token"}),
    ("gradient norm", {"grad_norm": "norm"}),
    ("tokens a second", {"tokens_per_second": "tokens/s"}),
    ("the judge", {"judge/calls": "calls a step", "judge/seconds": "seconds a step"}),
)


def course(steps: Sequence[Mapping[str, Any]], title: str = "The course of the run") -> str:
    """Markdown image of all that is logged beside the reward: a small panel for each thing."""
    from matplotlib.figure import Figure

    logged = {name for step in steps for name, value in step["metrics"].items() if isinstance(value, (int, float))}
    panels = [(name, metrics) for name, metrics in PANELS if logged & metrics.keys()]
    if not panels:
        return f"_{title}: nothing is logged yet_"
    rows = -(-len(panels) // 3)
    figure = Figure(figsize=(9, 1.9 * rows), dpi=80, layout="constrained")
    for place, (name, metrics) in enumerate(panels, 1):
        axes = figure.add_subplot(rows, 3, place)
        for metric, label in metrics.items():
            points = [(s["step"], s["metrics"].get(metric)) for s in steps]
            points = [(x, float(y)) for x, y in points if isinstance(y, (int, float))]
            if points:
                axes.plot(*zip(*points, strict=True), linewidth=1, label=label, marker="." if len(points) < 15 else "")
        axes.set_title(name, fontsize=8)
        axes.tick_params(labelsize=7)
        axes.grid(alpha=0.3)
        if len(axes.lines) > 1:
            axes.legend(fontsize=6)
    return figure_markdown(figure, title)


def live(steps: Sequence[Mapping[str, Any]], of: int) -> dict[str, Any]:
    """What the page of an RL policy shows while it learns, from the steps logged so far."""
    latest = steps[-1]["metrics"]
    told = {"step": f"{steps[-1]['step']} of {of}"}
    numbers = {
        name: float(latest[name]) for name in ("reward", "entropy", "kl") if isinstance(latest.get(name), (int, float))
    }
    return {**told, **numbers, "rewards": rewards(steps), "course": Markdown(course(steps))}


def live_sft(steps: Sequence[Mapping[str, Any]], of: int) -> dict[str, Any]:
    """What the page of an SFT policy shows while it learns, from the steps logged so far."""
    latest = steps[-1]["metrics"]
    numbers = {
        name: float(latest[name]) for name in ("loss", "mean_token_accuracy") if isinstance(latest.get(name), float)
    }
    return {"step": f"{steps[-1]['step']} of {of}", **numbers, **of_sft(steps)}


def of_sft(steps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Curves of an SFT run."""
    shown = {"loss": "loss", "mean_token_accuracy": "token accuracy"}
    return {
        "loss": Markdown(curves(steps, shown, "Loss and accuracy of the replies' tokens")),
        "course": Markdown(course(steps)),
    }


def rewards(steps: Sequence[Mapping[str, Any]]) -> Markdown:
    """Curves of the reward and its terms."""
    terms = {f"rewards/{term.name}/mean": term.name for term in all_terms()}
    return Markdown(curves(steps, {"reward": "reward", **terms}, "Mean reward of each step's completions"))


def examples(
    rollouts: Sequence[Mapping[str, Any]],
    problems: Mapping[str, tuple[str, str]],
    limit: int = 8,
    explorer: str = "",
) -> str:
    """Markdown table of first and last completions of the same rows. `problems`: sample id -> (problem, answer).

    `explorer` is the address below which rows have pages.
    """
    first: dict[str, Mapping[str, Any]] = {}
    last: dict[str, Mapping[str, Any]] = {}
    for row in rollouts:
        if row["member"] == 0:
            first.setdefault(row["sample_id"], row)
            last[row["sample_id"]] = row
    sample_ids = sorted((i for i in first if last[i]["step"] > first[i]["step"]), key=lambda i: -last[i]["step"])[
        :limit
    ]
    lines = ["| question | answer | first sampled | reward | last sampled | reward | row |", "|---" * 7 + "|"]
    for sample in sample_ids:
        problem, answer = problems.get(sample, ("?", "?"))
        cells = [problem, answer]
        for row in (first[sample], last[sample]):
            cells += [row["completion"], "left out" if row["reward"] is None else f"{row['reward']:.2f}"]
        lines.append("| " + " | ".join([*(cell(c) for c in cells), row_link(explorer, sample)]) + " |")
    return "\n".join(lines)


def rise(steps: Sequence[Mapping[str, Any]], metric: str = "reward") -> tuple[float, float]:
    """Mean of a metric over the first and over the last fifth of the steps."""
    values = [float(v) for s in steps if isinstance(v := s["metrics"].get(metric), (int, float))]
    if not values:
        return 0.0, 0.0
    n = max(1, len(values) // 5)
    return sum(values[:n]) / n, sum(values[-n:]) / n


def of_run(
    steps: Sequence[Mapping[str, Any]],
    rollouts: pl.LazyFrame,
    problems: Callable[[set[str]], Mapping[str, tuple[str, str]]],
    explorer: str = "",
) -> dict[str, Any]:
    """What an RL policy's page shows of its run: rewards over steps, losses, and how completions changed.

    `problems` gives (problem, answer) of some samples; `explorer` is the address below which rows have pages.
    """
    before, after = rise(steps)
    counts = rollouts.select(pl.len().alias("all"), pl.col("reward").null_count().alias("left_out")).collect().row(0)
    shown = _most_sampled(rollouts)
    return {
        "reward_first_fifth": before,
        "reward_last_fifth": after,
        "accuracy_last_fifth": rise(steps, "rewards/accuracy/mean")[1],
        "rollouts": counts[0],
        "rollouts_left_out": counts[1],
        "rewards": rewards(steps),
        "course": Markdown(course(steps)),
        "loss": Markdown(curves(steps, {"loss": "loss", "entropy": "entropy"}, "Loss and entropy")),
        "example_rollouts": Markdown(examples(shown, problems({row["sample_id"] for row in shown}), explorer=explorer)),
    }


def _most_sampled(rollouts: pl.LazyFrame, limit: int = 8) -> list[dict[str, Any]]:
    """First completions of the rows that were sampled in several steps, latest first; at most `limit` rows' own."""
    first = rollouts.filter(pl.col("member") == 0)
    spans = first.group_by("sample_id").agg(pl.col("step").min().alias("first"), pl.col("step").max().alias("last"))
    several = spans.filter(pl.col("last") > pl.col("first")).sort("last", "sample_id", descending=[True, False])
    ids = several.head(limit).select("sample_id").collect()["sample_id"]
    return first.filter(pl.col("sample_id").is_in(ids.implode())).collect().to_dicts()
