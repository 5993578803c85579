"""`wethink summary`, also at the end of the demo: rows, calls, scores, and where things are.

Belongs here: tables for a terminal over statements in sql/summary/. Does not belong here: any arithmetic on scores.
"""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from resources.lake.store import LakeStore
from wethink_assets.settings import Settings


def wide_console() -> Console:
    """The terminal's own width, or room for whole tables where the output goes to a file."""
    return Console(width=None if sys.stdout.isatty() else 180)


def print_summary(console: Console, lake: LakeStore, settings: Settings, batch: str | None = None) -> None:
    """Print what the lake holds for one growth batch (the latest unless named)."""
    if batch is None:
        batches = lake.rows("growth/select_batches")
        batch = batches[-1]["batch"] if batches else ""
    console.print(_stages(lake.rows("summary/select_stages", batch=batch), batch))
    run = lake.rows("summary/select_latest_run")
    reuse = lake.rows("summary/select_reuse", run_id=run[0]["run_id"] if run else "")[0]
    console.print(_calls(lake.rows("summary/select_calls"), reuse))
    board = lake.rows("summary/select_scoreboard")
    if board:
        console.print(_scores(board))
    console.print(f"lake     {settings.lake_catalog}", markup=False, highlight=False)
    console.print(f"data     {settings.lake_data_path}", markup=False, highlight=False)
    console.print("UI       make ui, then http://127.0.0.1:3000", markup=False, highlight=False)


def _stages(rows: list[dict[str, Any]], batch: str) -> Table:
    table = Table(title=f"Rows per stage ({batch}); in = on + dropped + failed", title_justify="left")
    for name in ("asset", "in", "on", "dropped", "failed", "written", "s", "why rows stopped"):
        table.add_column(name, justify="left" if name in ("asset", "why rows stopped") else "right", overflow="fold")
    for r in rows:
        numbers = [f"{r[k]:,}" for k in ("rows_in", "continued", "dropped", "failed", "rows_written")]
        table.add_row(r["asset"], *numbers, f"{r['seconds']:.1f}", r["reasons"] or "")
    return table


def _calls(rows: list[dict[str, Any]], reuse: dict[str, Any]) -> Table:
    table = Table(
        title=f"Model calls, ever paid; this run asked {reuse['asked']:,}, paid {reuse['paid']:,}, "
        f"reused {reuse['reused']:,} (cost saved {reuse['saved']:.4f})",
        title_justify="left",
    )
    for name in ("role", "model", "calls", "failed", "requests", "tokens in", "tokens out", "cost"):
        table.add_column(name, justify="left" if name in ("role", "model") else "right")
    for r in rows:
        table.add_row(
            r["role"],
            r["model"],
            *(f"{int(r[k]):,}" for k in ("calls", "failed", "requests", "prompt_tokens", "completion_tokens")),
            f"{r['cost']:.4f}",
        )
    table.add_section()
    sums = [
        f"{int(sum(r[k] for r in rows)):,}"
        for k in ("calls", "failed", "requests", "prompt_tokens", "completion_tokens")
    ]
    table.add_row("all", "", *sums, f"{sum(r['cost'] for r in rows):.4f}")
    return table


def _scores(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title="Base and RL policy; 95 % intervals; * the difference's interval excludes zero", title_justify="left"
    )
    for name in ("set", "metric", "n", "base", "RL", "RL − base"):
        table.add_column(name, justify="left" if name in ("set", "metric") else "right")
    for r in rows:
        n = f"{r['n']}" if r["n_set"] in (None, r["n"]) else f"{r['n']} of {r['n_set']}"
        table.add_row(
            "held-out questions" if r["benchmark"] == "heldout" else r["benchmark"],
            r["metric"] or "",
            n,
            _value(r["base"], r["base_low"], r["base_high"]),
            _value(r["rl"], r["rl_low"], r["rl_high"]),
            _value(r["delta"], r["low"], r["high"], sign="+") + (" *" if r["significant"] else ""),
        )
    return table


def _value(value: float | None, low: float | None, high: float | None, sign: str = "") -> str:
    if value is None:
        return "no gold"
    interval = f" [{low:{sign}.1f}, {high:{sign}.1f}]" if low is not None and high is not None else ""
    return f"{value:{sign}.1f}{interval}"
