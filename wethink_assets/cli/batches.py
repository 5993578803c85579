"""`wethink batches`: every growth batch with how far it has come, as a table.

Belongs here: shaping the states for a terminal. Does not belong here: the states (jobs/batch_states.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from jobs.batch_states import BatchState

COLUMNS = ("batch", "state", "sources", "images", "samples", "in the release", "last change (UTC)")


def show_batches(console: Console, states: Sequence[BatchState]) -> None:
    """Print a row per batch, and below it what is missing or was filled later."""
    if not states:
        console.print("no growth batch yet: `wethink run` opens the first")
        return
    table = Table(*COLUMNS, box=None, header_style="bold")
    for s in states:
        table.add_row(
            s.batch,
            s.state,
            str(s.filled),
            f"{s.images:,}",
            f"{s.samples:,}",
            f"{s.released:,}" if s.released else "no",
            f"{s.at:%Y-%m-%d %H:%M}" if s.at else "",
        )
    console.print(table)
    for s in states:
        for line in _told(s):
            console.print(line, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _told(s: BatchState) -> list[str]:
    again = f"`wethink run --part data --batch {s.batch}`"
    lines = [f"{s.batch}: run {s.run_id[:8]} did not succeed: {s.why}"] if s.why else []
    if s.state == "incomplete":
        lines.append(f"{s.batch} is incomplete, it has no samples yet: {again} goes on")
    if s.state == "filled later":
        lines.append(f"{s.batch} was filled after its samples were made: {again} makes them anew")
    if s.missing:
        lines.append(f"{s.batch} holds nothing of {', '.join(s.missing)}: {again} takes them, or pause these sources")
    return lines
