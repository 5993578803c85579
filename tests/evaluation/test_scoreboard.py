"""The scoreboard: regressions that a mean hides, and p-values as they are written."""

from __future__ import annotations

import pytest

from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME
from wethink_assets.evaluation import scoreboard
from wethink_assets.evaluation.report.number_format import p_value
from wethink_assets.evaluation.statistics import holm

STAR = BY_NAME["MMStar"]


def test_one_sure_regression_is_named_though_the_mean_rose():
    # fourteen sets rise a little; MMVet falls on all of its items
    rows = []
    for benchmark in BENCHMARKS:
        up = benchmark.name != "MMVet"
        p = 0.0001 if not up else 0.2
        rows.append({"benchmark": benchmark.name, "delta": 1.0 if up else -5.0, "p": p, "significant": not up})
    corrected = holm({r["benchmark"]: r["p"] for r in rows})
    rows = [{**r, "p_holm": corrected[r["benchmark"]]} for r in rows]
    assert scoreboard.regressions(rows) == scoreboard.sure_regressions(rows) == ["MMVet"]
    weak = [{**r, "p_holm": 0.4} for r in rows]
    assert scoreboard.regressions(weak) == ["MMVet"] and scoreboard.sure_regressions(weak) == []


@pytest.mark.parametrize(
    ("p", "shown"),
    [(None, "–"), (0.0, "<0.001"), (0.0001, "<0.001"), (0.0005, "0.001"), (0.0494, "0.049"), (1.0, "1.000")],
)
def test_no_p_value_is_written_as_zero(p, shown):
    assert p_value(p) == shown
    row = {
        "base_id": "b",
        "rl_id": "r",
        "benchmark": "MMStar",
        "n": 9,
        "base": 1.0,
        "rl": 2.0,
        "delta": 1.0,
        "low": 0.5,
        "high": 1.5,
        "p_holm": p,
        "significant": True,
        "detectable": 1.0,
        "clean_delta": None,
        "vlmevalkit_base": None,
        "vlmevalkit_rl": None,
        "paper_base": None,
        "paper_rl": None,
    }
    assert f"| {shown} |" in scoreboard.markdown([row], [], [STAR])
