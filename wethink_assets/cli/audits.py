"""What `wethink audit` does and prints: pages and tables of drawn rows, recorded verdicts, the report.

Belongs here: words, files and the lake. Does not belong here: drawing, statistics (wethink_assets/auditing/).
"""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from resources.lake.store import LakeStore
from resources.scratch import scratch_folder
from wethink_assets.auditing import page, verdicts
from wethink_assets.auditing.estimate import Estimate, Report
from wethink_assets.auditing.recorded import NotInReleaseError, record, report_of, strata_of, verdicts_of
from wethink_assets.auditing.sample import draw
from wethink_assets.cli.summary import wide_console
from wethink_assets.dataset import catalogue
from wethink_assets.dataset.checkout import rows_of
from wethink_assets.settings import Settings

TABLE, PAGE = "audit.tsv", "audit.html"


class NothingAuditedError(LookupError):
    """There is nothing to draw, record or report; the message says what to do."""

    def __str__(self) -> str:
        return str(self.args[0])


class Audits:
    """Audits of the releases of one lake."""

    def __init__(self, store: LakeStore, settings: Settings, console: Console | None = None) -> None:
        self._store, self._settings, self._console = store, settings, console or wide_console()

    def draw(self, name: str, rows: int, folder: Path, *, again: float, seed: int) -> None:
        release = catalogue.release_named(self._store, name)
        release_id = release["release_id"]
        if (folder / TABLE).exists():
            raise NothingAuditedError(f"{folder / TABLE} is there already: record it, or name another --output")
        judged = {row["sample_id"] for row in verdicts_of(self._store, release_id)}
        with scratch_folder(self._settings.scratch_dir, "audit") as scratch:
            windows = rows_of(self._store, release, scratch, self._settings.synthesis.window_rows)
            drawn = draw(windows, strata_of(self._store, release_id), rows, seed=seed, judged=judged, again=again)
        if not drawn:
            raise NothingAuditedError(f"all rows of release {release_id} are judged: --again 1 draws them once more")
        folder.mkdir(parents=True, exist_ok=True)
        images = self._settings.home / release["path"] / "images"
        files = {row["image_id"]: images / row["image_path"] for row in drawn}
        page.write(folder / PAGE, f"Audit of release {release_id}", drawn, files)
        (folder / TABLE).write_text(verdicts.table(drawn), "utf-8")
        seconds = sum(row["sample_id"] in judged for row in drawn)
        told = f", {seconds:,} of them judged before" if seconds else ""
        self._say(f"{len(drawn):,} rows of release {release_id}{told}: judge them on {folder / PAGE} in a browser, or")
        self._say(f"fill in {folder / TABLE}, then `wethink audit record FILE`")

    def record(self, name: str, file: Path, person: str | None) -> None:
        release_id = catalogue.release_named(self._store, name)["release_id"]
        judged = verdicts.read(file)
        if not judged:
            raise NothingAuditedError(f"{file.name} holds no verdict: fill in the column verdict")
        who = person or getpass.getuser()
        try:
            record(self._store, release_id, who, judged)
        except NotInReleaseError as error:
            raise NothingAuditedError(
                f"{file.name}: {error}. Name the release that they were drawn from: --release"
            ) from error
        self._say(f"{len(judged):,} verdicts of {who} on release {release_id} are recorded; `wethink audit report`")

    def report(self, name: str, *, as_json: bool) -> None:
        release_id = catalogue.release_named(self._store, name)["release_id"]
        result = report_of(self._store, release_id)
        if result.error is None:
            raise NothingAuditedError(f"no row of release {release_id} was judged: `wethink audit draw` begins")
        if as_json:
            click.echo(json.dumps({"release_id": release_id, **asdict(result)}, indent=1))
            return
        self._print(release_id, result, result.error)

    def _print(self, release_id: str, result: Report, error: Estimate) -> None:
        self._say(f"release {release_id}: {error.rows:,} of {error.of:,} rows judged by {', '.join(result.persons)}")
        self._say(f"not right: {_percent(error)} of all rows (95 %)")
        if error.unseen:
            self._say(
                f"unseen:    {error.unseen:,} rows are of sources and categories of which none was judged: "
                "the interval holds for whatever they are"
            )
        shares = (f"{verdict} {count:,}" for verdict, count in result.by_verdict.items())
        self._say(f"verdicts:  {', '.join(shares)}")
        if result.judged_twice:
            value = "" if result.kappa is None else f", kappa {result.kappa:.2f}"
            self._say(f"agreement: {result.agreeing:,} of {result.judged_twice:,} rows judged by several people{value}")
        for part, values in result.by_part.items():
            table = Table(part, "judged", "rows", "not right, %", box=None, header_style="bold")
            for value, estimate in values.items():
                table.add_row(Text(value), f"{estimate.rows:,}", f"{estimate.of:,}", _percent(estimate))
            self._console.print(table)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.share:.1f} ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"
