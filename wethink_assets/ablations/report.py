"""The ablation study's table and plot: accuracy of each arm and its change against the base, with intervals.

Belongs here: numbers from results, Markdown, the plot. Pure. Does not belong here: making results (run.py).

A number is over all seeds of an arm: items of one image, of all seeds together, are one cluster of the bootstrap. So
an interval says how sure the number is for these policies on other images; with one seed, nothing of other seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wethink_assets.ablations.arms import ARMS, BY_NAME
from wethink_assets.evaluation.statistics import Estimate, Observation, difference, estimate

RESAMPLES = 10_000


def observations(results: Mapping[str, Any], arm: str, seeds: Sequence[int]) -> list[Observation]:
    """One observation an item and seed, in the order of both."""
    runs = {run["seed"]: run for run in results["runs"] if run["arm"] == arm}
    return [
        Observation(image, float(right), str(seed))
        for seed in seeds
        for (_, image), right in zip(results["asked"], runs[seed]["right"], strict=True)
    ]


def table_of(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row an arm that was run, in the order of the arms: accuracy and change against the base of the same seeds."""
    seeds_of: dict[str, list[int]] = {}
    for run in results["runs"]:
        seeds_of.setdefault(run["arm"], []).append(run["seed"])
    rows = []
    for arm in ARMS:
        seeds = sorted(set(seeds_of.get(arm.name, ())) & set(seeds_of.get("base", ())))
        if not seeds:
            continue
        own, base = (observations(results, name, seeds) for name in (arm.name, "base"))
        runs = [run for run in results["runs"] if run["arm"] == arm.name and run["seed"] in seeds]
        rows.append(
            {
                "arm": arm.name,
                "says": arm.says,
                "seeds": seeds,
                "rows": max(run["rows"] for run in runs) if arm.learns else 0,
                "accuracy": estimate(own, resamples=RESAMPLES, seed=0),
                "change": None if arm.name == "base" else difference(base, own, resamples=RESAMPLES, seed=0),
                "cpu_seconds": sum(run["cpu_seconds"] or 0.0 for run in runs),
            }
        )
    return rows


def markdown(results: Mapping[str, Any]) -> str:
    """The table, and under it what was not run."""
    lines = ["| arm | rows | seeds | accuracy | change against the base |", "|---|---|---|---|---|"]
    for row in table_of(results):
        seeds, rows = ", ".join(map(str, row["seeds"])), f"{row['rows']:,}" if row["rows"] else ""
        change = "" if row["change"] is None else told(row["change"], "+")
        lines.append(f"| {row['says']} | {rows} | {seeds} | {told(row['accuracy'])} | {change} |")
    run = {row["arm"] for row in table_of(results)}
    missing = [
        f"- {arm.says}: {results['left_out'].get(arm.name, 'not asked for')}." for arm in ARMS if arm.name not in run
    ]
    return "\n".join([*lines, *(["", "Not run:", "", *missing] if missing else [])])


def told(of: Estimate, sign: str = "") -> str:
    """A share with its 95 % interval, three digits."""
    if of.value is None:
        return "–"
    bounds = "" if of.low is None or of.high is None else f" [{of.low:{sign}.3f}, {of.high:{sign}.3f}]"
    return f"{of.value:{sign}.3f}{bounds}"


def plot(results: Mapping[str, Any], path: Path) -> None:
    """Accuracy of every arm with its interval, as a PNG."""
    from matplotlib.figure import Figure

    rows = [row for row in table_of(results) if row["accuracy"].value is not None][::-1]
    figure = Figure(figsize=(7, 0.9 + 0.4 * len(rows)), dpi=100, layout="constrained")
    axes = figure.subplots()
    for place, row in enumerate(rows):
        own = row["accuracy"]
        low, high = own.low if own.low is not None else own.value, own.high if own.high is not None else own.value
        axes.plot([low, high], [place, place], color="steelblue", linewidth=2)
        axes.plot([own.value], [place], "o", color="firebrick" if row["arm"] in ("base", "permuted") else "steelblue")
    axes.set_yticks(range(len(rows)), [BY_NAME[row["arm"]].says.split(":")[0] for row in rows], fontsize=8)
    axes.set_xlim(0, 1)
    axes.set_xlabel("accuracy on held-out rows, greedy, with its 95 % interval", fontsize=8)
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, format="png", metadata={"Software": None})


MARK = "<!-- generated from here on: see the command above -->"


def write_page(results: Mapping[str, Any], page: Path, picture: Path) -> None:
    """Put the table, what was run and the plot below the mark of a page; what stands above is kept.

    Raises:
        ValueError: the page has no mark.
    """
    above, mark, _ = page.read_text("utf-8").partition(MARK)
    if not mark:
        raise ValueError(f"{page} has no line {MARK!r}, below which the numbers belong")
    plot(results, picture)
    text = f"{above}{MARK}\n\n## Results\n\n{summary(results)}\n\n{markdown(results)}\n\n"
    page.write_text(f"{text}![Accuracy of each arm]({picture.relative_to(page.parent)})\n", "utf-8")


def summary(results: Mapping[str, Any]) -> str:
    """One paragraph of what was run."""
    of, sft = results["settings"], results["settings"]["sft"]
    runs = {run["policy"]: run for run in results["runs"]}
    cpu = sum(run["cpu_seconds"] or 0.0 for run in runs.values())
    return (
        f"{results['rows']:,} rows to learn from, {len(results['asked']):,} held-out rows that rules score, asked "
        f"greedily. GRPO: {of['steps']} steps of {of['prompts_per_step']} prompts x {of['group_size']} completions, "
        f"learning rate {of['learning_rate']:g}. SFT: {sft['steps']} steps of {sft['rows_per_step']} rows, learning "
        f"rate {sft['learning_rate']:g}. Base: {of['base']}, {of['warm_start_steps']} warm-start steps. "
        f"{results['processes']} process{'es' if results['processes'] > 1 else ''}; the {len(runs)} policies took "
        f"{cpu:,.0f} CPU-s of their first process."
    )
