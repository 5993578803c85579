"""`wethink sources check`: the data check of image sources, as a table.

Belongs here: shaping the outcome for a terminal. Does not belong here: the check itself (sources/check.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from wethink_assets.settings import Settings
from wethink_assets.sources.catalog import sources_of
from wethink_assets.sources.check import COUNTED, READ, Checked, check_source


class UnknownSourceError(ValueError):
    """No source has this key; the message lists all."""


def check_sources(
    console: Console, progress: Console, settings: Settings, keys: Sequence[str], *, full: bool, sample: int
) -> int:
    """Print a row per source and what to do about each; returns the exit code: 0 where all can be taken from, else 1.

    Raises:
        UnknownSourceError: a key is no source's.
    """
    sources = sources_of(settings.sources)
    known = {source.key: source for source in sources}
    if unknown := [key for key in keys if key not in known]:
        raise UnknownSourceError(f"no source {unknown[0]!r}; the sources are {', '.join(known)}")
    outcomes = []
    with progress.status("looking …") as status:
        for source in [known[key] for key in keys] or sources:
            status.update(f"looking at {source.key} …")
            outcomes.append(check_source(source, settings, full=full, sample=sample))
    console.print(_table(outcomes, settings))
    for checked in outcomes:
        for line in checked.advice():
            console.print(f"{checked.source.key}: {line}", markup=False, highlight=False, soft_wrap=True)
    if not full and any(not c.counted_all or c.in_part for c in outcomes):
        console.print(
            f"+ there may be more: counting stops at {COUNTED:,} images. ~ of each annotation file the first "
            f"{READ >> 20} MiB were read. --full counts and reads all.",
            markup=False,
        )
    bad = [checked.source.key for checked in outcomes if not checked.ok]
    paused = sum(checked.paused for checked in outcomes)
    good = len(outcomes) - len(bad) - paused
    console.print(
        f"{good} of {len(outcomes)} sources can be taken from"
        + (f", {paused} {'is' if paused == 1 else 'are'} paused" if paused else "")
        + (f"; not {', '.join(bad)}" if bad else ""),
        markup=False,
    )
    return 1 if bad else 0


def _table(outcomes: Sequence[Checked], settings: Settings) -> Table:
    table = Table(title=f"Sources below {settings.sources_dir}", title_justify="left")
    for name in ("source", "state", "images", "readable", "annotated", "annotation files", "place"):
        table.add_column(
            name, justify="right" if name in ("images", "readable", "annotated") else "left", overflow="fold"
        )
    for c in outcomes:
        state = (
            "paused"
            if c.paused
            else "missing"
            if c.missing
            else "ok"
            if c.ok
            else "unreadable"
            if c.images
            else "empty"
        )
        files = ", ".join(f"{name}~" if name in c.in_part else name for name in c.files)
        folders = f" ({', '.join(c.folders)})" if c.folders else ""
        table.add_row(
            c.source.key,
            state,
            f"{c.images:,}{'' if c.counted_all else '+'}" if not c.missing else "",
            _share(c.readable, c.sampled),
            _share(c.annotated, c.sampled),
            files,
            f"{c.place}{folders}",
        )
    return table


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else ""
