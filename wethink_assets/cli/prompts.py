"""`wethink prompts diff`: what changed prompt versions would pay again, as a table.

Belongs here: reading the ledger and shaping the outcome for a terminal.
Does not belong here: the comparison (synthesis/prompt_changes.py).
"""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from resources.lake.store import LakeStore
from wethink_assets.prompt_files import all_prompts
from wethink_assets.settings import ROLES, Settings
from wethink_assets.synthesis.prompt_changes import Change, changes


def show_prompt_changes(console: Console, lake: LakeStore, settings: Settings) -> None:
    """Print a row per prompt, and what the changes would pay again: the changed prompts, or all that follow them."""
    rows_in = {(r["asset"], r["batch"]): r["rows_in"] for r in lake.rows("calls/count_asset_rows")}
    prices = {role: (settings.endpoint(role).price_in, settings.endpoint(role).price_out) for role in ROLES}
    prompts = changes(all_prompts(), lake.rows("calls/summarise_prompts"), rows_in, prices)
    table = Table(title="Prompt files and the calls of the ledger", title_justify="left")
    for name in ("prompt", "role", "state", "asked with", "file", "rows", "calls", "cost at today's prices"):
        table.add_column(
            name, justify="right" if name in ("rows", "calls") or "cost" in name else "left", overflow="fold"
        )
    for c in prompts:
        state = (
            c.state if not c.because_of or c.state == "changed" else f"{c.state}; may follow {', '.join(c.because_of)}"
        )
        table.add_row(
            c.prompt, c.role, state, " ".join(c.asked_with), c.version, f"{c.rows:,}", f"{c.calls:,}", f"{c.cost:.4f}"
        )
    console.print(table)
    changed = [c for c in prompts if c.state == "changed"]
    follow = [c for c in prompts if c.because_of and c.state != "changed"]
    if not changed:
        console.print("No prompt differs from what was asked: materialising again pays for nothing.", markup=False)
        return
    console.print(f"To pay again for the changed prompts: {_sum(changed)}.", markup=False, highlight=False)
    console.print(
        f"At most, where every reply changes what later stages ask: {_sum([*changed, *follow])}.",
        markup=False,
        highlight=False,
    )
    console.print("Nothing else is asked again; nothing is paid until the assets are materialised.", markup=False)


def _sum(prompts: list[Change]) -> str:
    rows, calls, cost = (sum(getattr(c, name) for c in prompts) for name in ("rows", "calls", "cost"))
    return f"{calls:,} calls for {rows:,} rows, about {cost:.4f}"
