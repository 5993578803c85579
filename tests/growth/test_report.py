"""The growth report: rows per set, losses first, a curve over releases, and its gate."""

from __future__ import annotations

from wethink_assets.gates import Scope
from wethink_assets.growth.gates import REPORT_GATES
from wethink_assets.growth.report import Grown, batches_markdown, curve, markdown, report_rows, worse
from wethink_assets.presentation.plots import figure_markdown
from wethink_assets.settings import Settings

GROWN = Grown("release-2", 2, 800, 300, 1.5)


def headline(benchmark: str, value: float | None, scale: float = 100.0) -> dict:
    spread = None if value is None else 5.0
    low, high = (None, None) if value is None else (value - spread, value + spread)
    return {"benchmark": benchmark, "value": value, "low": low, "high": high, "scale": scale}


def change(benchmark: str, delta: float, low: float, high: float) -> dict:
    return {"benchmark": benchmark, "delta": delta, "low": low, "high": high, "n": 40, "p_holm": 0.04}


ROWS = report_rows(
    "rl-2",
    "rl-1",
    GROWN,
    [headline("heldout", 51.0), headline("MathVista_MINI", 40.0), headline("OCRBench", 700.0, 1000.0),
     headline("MMVet", None), headline("MMStar", 30.0)],
    [change("heldout", 9.0, 2.0, 16.0), change("MathVista_MINI", -6.0, -11.0, -1.0),
     change("OCRBench", 20.0, -30.0, 70.0), change("MMStar", -2.0, -9.0, 5.0)],
)  # fmt: skip


def test_losses_stand_first_and_only_sure_ones_count():
    assert worse(ROWS) == ["MathVista_MINI"]
    lines = markdown(ROWS).splitlines()[2:]
    assert [line.split("|")[1].strip(" *").replace("\\", "") for line in lines] == [
        "MathVista_MINI",
        "heldout",
        "MMStar",
        "MMVet",
        "OCRBench",
    ]
    assert "-6.0 [-11.0, -1.0]" in lines[0] and lines[0].startswith("| **") and "–" in lines[3]
    assert all(row["rows"] == 800 and row["images"] == 300 and row["batches"] == 2 for row in ROWS)


def test_the_first_policy_has_no_change_and_nothing_is_worse():
    first = report_rows("rl-1", None, GROWN, [headline("heldout", 51.0)], [])
    assert worse(first) == [] and "| – |" in markdown(first)


def test_the_curve_is_a_picture_in_percent_of_each_scale():
    earlier = report_rows("rl-1", None, Grown("release-1", 1, 400, 150, 0.7), [headline("heldout", 42.0)], [])
    drawn = curve([*earlier, *ROWS])
    (axes,) = drawn.axes
    highest = max(y for line in axes.lines for y in line.get_ydata() if y == y)
    assert highest == 70.0, "OCRBench's 700 of 1000"
    (held,) = [c for c in axes.containers if c.get_label() == "held-out"]
    assert list(held.lines[0].get_xdata()) == [400, 800] and list(held.lines[0].get_ydata()) == [42.0, 51.0]
    assert figure_markdown(drawn, "scores over rows").startswith("![scores over rows](data:image/png")


def test_batches_stand_in_the_order_of_growth_with_what_they_gave():
    accounts = [
        {"batch": "b", "images": 10, "samples": 25},
        {"batch": "a|x", "images": 0, "samples": 0},
        {"batch": "", "images": 0, "samples": 0},
    ]
    table = batches_markdown(accounts, [{"batch": "b", "calls": 1200, "cost": 0.5}], ["a|x", "b", "not begun"])
    assert [line.split(" | ")[1:] for line in table.splitlines()[2:]] == [
        ["0", "0", "–", "0", "0.00 |"],
        ["10", "25", "2.50", "1,200", "0.50 |"],
    ]


class Lake:
    def __init__(self, rows, trained):
        self.answers = {"growth/select_report": rows, "growth/select_trained_policies": trained}

    def rows(self, name, **parameters):
        return self.answers[name]


def test_the_gate_is_about_the_newest_policy():
    (gate,) = REPORT_GATES
    settings = Settings(home="/nowhere")

    def judged(*trained: str):
        lake = Lake(ROWS, [{"policy_id": name} for name in trained])
        return gate.judge(Scope(lake, settings, "growth_report", ""))

    bad = judged("rl-1", "rl-2")
    assert not bad.passed and "MathVista_MINI" in bad.description
    assert judged("rl-2", "rl-3").passed and judged().passed
