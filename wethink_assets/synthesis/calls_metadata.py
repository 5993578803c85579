"""What a stage's model calls show of themselves: numbers, three gates on their rates and cost, and a plot over growth
batches.

Belongs here: rates and their pictures. Pure. Does not belong here: making calls (resources), gates on rows (each
stage).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wethink_assets.gates import Gate, Outcome, Scope
from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.settings import BudgetSettings

FAILURES = "calls_failure_rate"
MALFORMED = "calls_malformed_rate"
BUDGET = "calls_within_budget"


def metadata(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Rates, tokens and cost of a stage's calls, which Dagster plots. `asked`: the row of synthesis/summarise_calls.

    `calls_refused` were refused in this run in a way that may pass, the most obstinate of them in
    `calls_refused_in_runs` runs so far.
    """
    return {
        "calls_asked": asked["asked"],
        "calls_paid": asked["paid"],
        "calls_reused": asked["reused"],
        "calls_failed": asked["failed"],
        "calls_malformed": asked["malformed"],
        "calls_refused": asked["refused"],
        "calls_refused_in_runs": asked["refused_runs"],
        "failure_rate": _rate(asked["failed"], asked["paid"]),
        "malformed_rate": _rate(asked["malformed"], asked["paid"]),
        "reuse_rate": _rate(asked["reused"], asked["asked"]),
        "http_requests": int(asked["http_requests"]),
        "prompt_tokens": int(asked["prompt_tokens"]),
        "completion_tokens": int(asked["completion_tokens"]),
        "cost": round(asked["cost"], 6),
        "cost_saved": round(asked["saved"], 6),
    }


def passed_limits(budget: BudgetSettings, spent: Mapping[str, Any]) -> str:
    """The limits of [budget] that spending passes, as text; "" for none (the engine stops before that)."""
    limits = {name: getattr(budget, name) for name in ("cost", "tokens", "calls") if getattr(budget, name)}
    return ", ".join(f"{n} {spent[n]:g} of {limit:g}" for n, limit in limits.items() if spent[n] > limit)


def _of_its_run(scope: Scope) -> dict[str, Any]:
    """Rates and cost of the asset's calls in the run that committed its batch."""

    def read() -> dict[str, Any]:
        run_id = scope.accounting().get("run_id", "")
        return metadata(scope.rows("synthesis/summarise_calls", run_id=run_id, asset=scope.asset)[0])

    return scope.once("calls of its run", read)


def _rate_below(rate: str, limit: str) -> Callable[[Scope], Outcome]:
    def judge(scope: Scope) -> Outcome:
        numbers = _of_its_run(scope)
        allowed = getattr(scope.settings.synthesis, limit)
        values = {"rate": numbers[rate], "allowed": allowed, "calls": numbers["calls_paid"]}
        return Outcome(numbers[rate] <= allowed, metadata=values)

    return judge


def _within_budget(scope: Scope) -> Outcome:
    budget = scope.settings.budget
    if not (budget.cost or budget.tokens or budget.calls):  # then nothing is summed over all calls
        return Outcome(True, metadata={"passed_limits": "none"})
    run_id = scope.accounting().get("run_id", "none") if budget.per == "run" else ""
    over = passed_limits(budget, scope.lake.rows("calls/sum_spent", run_id=run_id)[0])
    return Outcome(not over, metadata={"passed_limits": over or "none"})


# They warn, since a bad rate does not make good rows bad.
CALL_GATES = (
    Gate(
        FAILURES,
        "An endpoint that fails unnoticed: more calls failed for good than synthesis.max_failed_share allows.",
        _rate_below("failure_rate", "max_failed_share"),
    ),
    Gate(
        MALFORMED,
        "A model that does not keep to its schema: more replies needed a repair than "
        "synthesis.max_malformed_share allows.",
        _rate_below("malformed_rate", "max_malformed_share"),
    ),
    Gate(BUDGET, "Spending: what calls cost, used and counted passes [budget].", _within_budget),
)


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
