"""What `wethink release import` prints: one table of what became of the lines, or JSON.

Belongs here: words and columns. Does not belong here: the import (wethink_assets/imports/).
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.table import Table
from rich.text import Text

from resources.lake.store import LakeStore
from wethink_assets.cli.summary import wide_console
from wethink_assets.dataset import catalogue
from wethink_assets.imports.job import Imported, run
from wethink_assets.settings import Settings


def import_file(
    store: LakeStore,
    settings: Settings,
    file: Path,
    images: Path,
    *,
    tag: str | None,
    dry_run: bool,
    set_aside: Path | None,
    as_json: bool,
) -> bool:
    """Whether any row was taken."""
    if tag is not None:
        catalogue.check_tag(tag)
    done = run(
        store,
        settings,
        file,
        images,
        dry_run=dry_run,
        set_aside=set_aside,
        say=lambda line: click.echo(line, err=True),
    )
    moved = ""
    if tag is not None and done.release_id and not dry_run:
        moved = catalogue.tag(store, tag, done.release_id, getpass.getuser())
    if as_json:
        click.echo(json.dumps({**asdict(done), "dry_run": dry_run}, ensure_ascii=False, indent=1))
        return bool(done.taken)
    wide_console().print(_table(done))
    for line in (*_lines(done, dry_run), moved):
        if line:
            click.echo(line)
    return bool(done.taken)


def _table(done: Imported) -> Table:
    table = Table(
        title=f"{done.name}: lines = taken + dropped + failed", title_justify="left", box=None, header_style="bold"
    )
    table.add_column("")
    table.add_column("reason or repair")
    table.add_column("rows", justify="right")
    table.add_row("lines", "", f"{done.lines:,}")
    table.add_row("taken", "", f"{done.taken:,}")
    parts = (("repaired", done.repairs), ("dropped", done.dropped), ("failed", done.failed))
    for part, counts in parts:
        for name, count in counts.items():
            table.add_row(part, Text(name), f"{count:,}")
    return table


def _lines(done: Imported, dry_run: bool) -> list[str]:
    lines = [f"set aside, with reasons: {done.set_aside}"] if done.set_aside else []
    if not done.held_against:
        lines.append(
            "no evaluation set is known, so nothing was held against any: put their TSVs into benchmarks_root, "
            "materialise benchmark_items and import again"
        )
    if not done.release_id:
        return [*lines, "no line can be used: nothing was imported"]
    split = ", ".join(f"{count:,} {name}" for name, count in sorted(done.rows.items(), reverse=True))
    told = f"release {done.release_id} ({split})"
    if not done.new:
        return [*lines, f"{told} is there already, from an earlier import of these rows: nothing was written"]
    if dry_run:
        return [*lines, f"{told} would be made; nothing was written"]
    return [*lines, f"{told} is at {done.folder}"]
