"""`wethink calls`: recorded model calls as a file, and calls that are to be asked again, at the terminal.

Belongs here: the wording. Does not belong here: the file (resources/calls/bundle.py), which calls are forgotten and
what that costs (resources/calls/forgetting.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from resources.calls.bundle import export_calls, import_calls
from resources.calls.forgetting import Group, Refused, Which, forget, forgettable, refused_calls
from resources.lake.store import LakeStore
from wethink_assets.settings import Settings


def export_line(lake: LakeStore, path: Path, batch: str) -> str:
    count = export_calls(lake, path, batch=batch)
    return f"{count:,} calls in {path} ({path.stat().st_size:,} bytes)"


def import_line(lake: LakeStore, path: Path) -> str:
    imported = import_calls(lake, path)
    line = f"{imported.calls:,} calls in {path}: {imported.new:,} new, {imported.calls - imported.new:,} known"
    if imported.different:
        line += f", {imported.different:,} of them with another reply here, which stays"
    return line


def show_refused(console: Console, lake: LakeStore, settings: Settings) -> None:
    """Refused calls with the number of runs that asked them."""
    groups = refused_calls(lake, settings)
    if not groups:
        console.print("No call waits that was refused.", markup=False)
        return
    console.print(_refused_table(groups))
    aside = sum(g.calls for g in groups if g.aside)
    _print_lines(
        console,
        f"{sum(g.calls for g in groups):,} calls were refused and not answered since; later runs ask "
        f"{sum(g.calls for g in groups) - aside:,} of them again.",
        f"{aside:,} are asked no more: cure what refuses them, then `wethink calls forget --error refused_repeatedly`."
        if aside
        else "",
    )


def _refused_table(groups: Sequence[Refused]) -> Table:
    table = Table(title="Refused calls", title_justify="left")
    for name in ("role", "model", "endpoint", "refused as", "in runs", "calls", "again", "last", "what it said"):
        table.add_column(name, justify="right" if name in ("in runs", "calls") else "left", overflow="fold")
    for g in groups:
        again = "no more" if g.aside else "yes"
        cells = (g.role, g.model, g.endpoint, g.error, f"{g.runs:,}", f"{g.calls:,}", again)
        table.add_row(*map(escape, cells), f"{g.last:%Y-%m-%d %H:%M}", escape((g.detail or "-")[:80]))
    return table


def _print_lines(console: Console, *lines: str) -> None:
    for line in filter(None, lines):
        console.print(line, markup=False, highlight=False)


def show_forgetting(console: Console, lake: LakeStore, settings: Settings, which: Which, *, yes: bool) -> None:
    """What would be forgotten and what asking again costs at most; with `yes`, forget it."""
    groups = forgettable(lake, which, settings)
    refused = refused_calls(lake, settings, which)
    if not groups and not refused:
        console.print("The ledger holds no such call.", markup=False)
        return
    if refused:
        console.print(_refused_table(refused))
    if groups:
        console.print(_forgotten_table(groups))
    calls, paid = sum(g.calls for g in groups), sum(g.paid for g in groups)
    again = sum(g.again or 0.0 for g in groups)
    waiting, answered = sum(g.calls for g in refused), sum(g.at_most for g in refused)
    lines = [f"{calls:,} calls, for which {paid:.4f} was paid. Asked again, they cost at most {again:.4f}."]
    if refused:
        lines.append(f"{waiting:,} calls that were refused, for nothing. Answered, they cost at most {answered:.4f}.")
    if yes:
        done = forget(lake, which)
        lines.append(f"{done:,} calls are forgotten. Runs ask them again as they need them; what names them stays.")
        lines += [f"{waiting:,} refused calls are asked again, as if for the first time."] if refused else []
    else:
        lines.append("Nothing was forgotten yet: give --yes to do it.")
    _print_lines(console, *lines)


def _forgotten_table(groups: Sequence[Group]) -> Table:
    table = Table(title="Calls to forget", title_justify="left")
    for name in ("role", "model", "endpoint", "ended", "calls", "paid", "again at most", "from", "to"):
        right = name in ("calls", "paid", "again at most")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    for g in groups:
        again = "-" if g.again is None else f"{g.again:.4f}"
        cells = (g.role, g.model, g.endpoint, g.kind, f"{g.calls:,}", f"{g.paid:.4f}", again)
        table.add_row(*map(escape, cells), f"{g.first:%Y-%m-%d %H:%M}", f"{g.last:%Y-%m-%d %H:%M}")
    return table
