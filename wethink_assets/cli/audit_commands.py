"""The commands `wethink audit`: draw rows for people, record what they say, report the estimated error.

Belongs here: arguments. Does not belong here: the work (wethink_assets/auditing/), what is printed (audits.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wethink_assets.cli.errors import settings_or_exit

if TYPE_CHECKING:
    from wethink_assets.cli.audits import Audits

_RELEASE = click.argument("release", default="latest")


@click.group(
    "audit", help="Samples judged by people: draw, record, report. Alone: the report.", invoke_without_command=True
)
@click.pass_context
def audit_group(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        context.invoke(report_command, release="latest", as_json=False)


@audit_group.command(
    "draw",
    help="Write a page and a table of rows of RELEASE to judge, drawn by source and category. Rows that were judged "
    "before come only as the share --again, for a second person.",
)
@_RELEASE
@click.option("--rows", default=200, show_default=True, type=click.IntRange(1, 20_000))
@click.option("--output", type=click.Path(path_type=Path), default=Path("audit"), show_default=True)
@click.option("--again", default=0.0, show_default=True, type=click.FloatRange(0, 1))
@click.option("--seed", default=0, show_default=True)
def draw_command(release: str, rows: int, output: Path, again: float, seed: int) -> None:
    with _audits() as audits:
        audits.draw(release, rows, output, again=again, seed=seed)


@audit_group.command("record", help="Take the verdicts of FILE, a table that the page saved or a person filled in.")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--release", default="latest", show_default=True, help="An id, the beginning of one, or a tag.")
@click.option("--person", help="Who judged; the account by default.")
def record_command(file: Path, release: str, person: str | None) -> None:
    with _audits() as audits:
        audits.record(release, file, person)


@audit_group.command("report", help="The estimated error of RELEASE with its interval, and how far people agree.")
@_RELEASE
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def report_command(release: str, as_json: bool) -> None:
    with _audits() as audits:
        audits.report(release, as_json=as_json)


@contextmanager
def _audits() -> Iterator[Audits]:
    from resources.lake.store import LakeStore
    from wethink_assets.auditing.verdicts import VerdictFileError
    from wethink_assets.cli.audits import Audits, NothingAuditedError
    from wethink_assets.dataset.catalogue import UnknownReleaseError

    settings = settings_or_exit()
    store = LakeStore.of(settings, create=False)
    try:
        yield Audits(store, settings)
    except (VerdictFileError, UnknownReleaseError, NothingAuditedError, OSError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        store.close()
