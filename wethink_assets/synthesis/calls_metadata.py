"""What a stage's model calls show of themselves: numbers, three checks, and a plot over growth batches.

Belongs here: rates and their pictures. Does not belong here: making calls (resources), the checks on rows (assets.py).
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.settings import SynthesisSettings

FAILURES = "calls_failure_rate"
MALFORMED = "calls_malformed_rate"
BUDGET = "calls_within_budget"


def specs(key: str) -> list[dg.AssetCheckSpec]:
    """The checks that every asking asset declares; they warn, since a bad rate does not make good rows bad."""
    rules = {
        FAILURES: "No more calls of this run failed for good than synthesis.max_failed_share allows.",
        MALFORMED: "No more replies of this run needed a repair than synthesis.max_malformed_share allows.",
        BUDGET: "What the calls cost, used and counted is within [budget].",
    }
    return [dg.AssetCheckSpec(name, asset=key, description=rule) for name, rule in rules.items()]


def metadata(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers that Dagster plots over the partitions. `asked`: the row of synthesis/summarise_calls."""
    return {
        "calls_asked": asked["asked"],
        "calls_paid": asked["paid"],
        "calls_reused": asked["reused"],
        "calls_failed": asked["failed"],
        "calls_malformed": asked["malformed"],
        "failure_rate": _rate(asked["failed"], asked["paid"]),
        "malformed_rate": _rate(asked["malformed"], asked["paid"]),
        "reuse_rate": _rate(asked["reused"], asked["asked"]),
        "http_requests": int(asked["http_requests"]),
        "prompt_tokens": int(asked["prompt_tokens"]),
        "completion_tokens": int(asked["completion_tokens"]),
        "cost": round(asked["cost"], 6),
        "cost_saved": round(asked["saved"], 6),
    }


def results(
    key: dg.AssetKey, shown: Mapping[str, Any], over_budget: str, limits: SynthesisSettings
) -> list[dg.AssetCheckResult]:
    """`shown`: what `metadata` gave; `over_budget`: which limits are passed."""

    def result(name: str, passed: bool, **more: Any) -> dg.AssetCheckResult:
        return dg.AssetCheckResult(
            asset_key=key, check_name=name, passed=passed, severity=dg.AssetCheckSeverity.WARN, metadata=more
        )

    return [
        result(
            FAILURES,
            shown["failure_rate"] <= limits.max_failed_share,
            rate=shown["failure_rate"],
            allowed=limits.max_failed_share,
            calls=shown["calls_paid"],
        ),
        result(
            MALFORMED,
            shown["malformed_rate"] <= limits.max_malformed_share,
            rate=shown["malformed_rate"],
            allowed=limits.max_malformed_share,
            calls=shown["calls_paid"],
        ),
        result(BUDGET, not over_budget, passed_limits=over_budget or "none"),
    ]


def plot(batches: Sequence[Mapping[str, Any]]) -> str:
    """Markdown image: cost, tokens, and the rates of failed, malformed and reused calls over growth batches."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2.6), dpi=80, layout="constrained")
    names = [b["batch"] for b in batches]
    for axes, columns, title in zip(
        figure.subplots(1, 3),
        (("cost",), ("tokens",), ("failure_rate", "malformed_rate", "reuse_rate")),
        ("cost", "tokens", "shares"),
        strict=True,
    ):
        for column in columns:
            axes.plot(range(len(names)), [b[column] for b in batches], marker="o", label=column.replace("_", " "))
        axes.set_title(title, fontsize=9)
        axes.set_ylim(bottom=0)
        axes.set_xticks(range(len(names)), names, rotation=45, fontsize=6)
        axes.grid(alpha=0.3)
        if len(columns) > 1:
            axes.legend(fontsize=6)
    too_large = "too many growth batches for a plot"
    return figure_markdown(figure, "model calls over growth batches", too_large=too_large)


def _rate(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
