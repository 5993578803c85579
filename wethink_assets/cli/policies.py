"""What `wethink policies` prints: the policies of a lake, one of them, and what was exported.

Belongs here: words and columns. Does not belong here: any verdict about a policy (evaluation/promotion.py).
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from resources.lake.store import LakeStore
from wethink_assets.evaluation.report.number_format import figure, interval
from wethink_assets.evaluation.report.policy_export import card_of, export, policy_named
from wethink_assets.settings import Settings
from wethink_assets.training.job import damage


def show_all(console: Console, lake: LakeStore, settings: Settings) -> None:
    rows = lake.rows("evaluation/select_policies")
    if not rows:
        console.print("there is no policy yet: materialise base_policy and rl_policy, or run `wethink demo`")
        return
    table = Table("policy", "kind", "base", "release", "held out", "promoted", box=None, header_style="bold")
    table.columns[5].overflow = "fold"
    for row in rows:
        accuracy = f"{figure(row['heldout'])} {interval(row['heldout_low'], row['heldout_high'])}".strip()
        verdict = {True: "yes", False: "no", None: "not judged" if row["kind"] == "rl" else ""}[row["promoted"]]
        why = f"{verdict}: {row['why']}" if row["why"] else verdict
        cells = (row["policy_id"], row["kind"], row["parent_id"] or "", row["release_id"] or "", accuracy, why)
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


def show_one(console: Console, lake: LakeStore, settings: Settings, name: str) -> None:
    policy = policy_named(lake, name)
    console.print(Markdown(card_of(lake, policy).split("---\n", 2)[2]))
    if policy["weights_sha256"]:
        folder = settings.home / policy["path"]
        fault = damage(folder, policy["weights_sha256"])
        console.print(fault or f"{folder} holds these weights", markup=False, soft_wrap=True)


def export_one(
    console: Console, lake: LakeStore, settings: Settings, name: str, folder: Path, *, unpromoted: bool
) -> None:
    policy = policy_named(lake, name)
    files = export(lake, settings.home, policy, folder, unpromoted=unpromoted)
    size = sum(path.stat().st_size for path in files)
    console.print(f"{policy['policy_id']}: {len(files)} files, {size / 1e6:,.1f} MB in {folder}", markup=False)
