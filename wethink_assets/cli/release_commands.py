"""The commands `wethink release`: list, show, diff, why, verify, checkout, export, push, part, import, tag
and untag.

Belongs here: arguments and exit codes. Does not belong here: the work (wethink_assets/dataset/), what is printed
(releases.py), imported when it runs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wethink_assets.cli.errors import settings_or_exit

if TYPE_CHECKING:
    from wethink_assets.cli.releases import Shelf

# A test holds these against the registry, which is not imported to answer --help.
FORMAT_NAMES = ("hub", "easyr1", "verl", "trl", "llama-factory", "webdataset")
_RELEASE = click.argument("release", default="latest")
_JSON = click.option("--json", "as_json", is_flag=True, help="For programs.")


@click.group("release", invoke_without_command=True, help="Releases of the data set: list, show, compare, check.")
@click.pass_context
def release_group(context: click.Context) -> None:
    if context.invoked_subcommand is None:
        with _shelf() as shelf:
            shelf.list()


@release_group.command("list", help="All releases, the oldest first.")
@_JSON
def list_command(as_json: bool) -> None:
    with _shelf() as shelf:
        shelf.list(as_json=as_json)


@release_group.command("show", help="What RELEASE (an id, the beginning of one, a tag) is made of.")
@_RELEASE
@_JSON
def show_command(release: str, as_json: bool) -> None:
    with _shelf() as shelf:
        shelf.show(release, as_json=as_json)


@release_group.command("diff", help="Rows that came, went, changed sides or were answered anew from OLD to NEW.")
@click.argument("old")
@click.argument("new", default="latest")
@_JSON
def diff_command(old: str, new: str, as_json: bool) -> None:
    with _shelf() as shelf:
        shelf.diff(old, new, as_json=as_json)


@release_group.command(
    "why",
    help="Whether ROW is in a release, and if not which stage stopped it and why. ROW is a file such as "
    "coco/train2017/1.jpg, or the beginning of the id of an image, question, answer, path or sample. Exits 1 where "
    "nothing of it is in.",
)
@click.argument("row")
@click.option("--release", default="latest", show_default=True, help="An id, the beginning of one, or a tag.")
@_JSON
def why_command(row: str, release: str, as_json: bool) -> None:
    with _shelf() as shelf:
        sys.exit(0 if shelf.why(row, release, as_json=as_json) else 1)


@release_group.command("verify", help="Read RELEASE in the lake and on the disk, every byte. Exits 1 at any defect.")
@_RELEASE
def verify_command(release: str) -> None:
    with _shelf() as shelf:
        sys.exit(0 if shelf.verify(release) else 1)


@release_group.command("checkout", help="Write the export of RELEASE to FOLDER, as it was when it was made.")
@click.argument("release")
@click.argument("folder", type=click.Path(path_type=Path))
def checkout_command(release: str, folder: Path) -> None:
    with _shelf() as shelf:
        shelf.checkout(release, folder)


@release_group.command(
    "export",
    help="Write RELEASE to FOLDER in the format of another tool. A filter named twice takes either. Exits 1 where rows "
    "had to be set aside.",
)
@click.argument("release")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(FORMAT_NAMES),
    help="hub: data set repository for the Hugging Face Hub. Others: the tool that reads it.",
)
@click.option("--split", "splits", multiple=True, type=click.Choice(["train", "heldout"]), help="Only these rows.")
@click.option("--source", "sources", multiple=True, help="Only rows of these sources.")
@click.option(
    "--licence", "licences", multiple=True, help="Only rows whose licence matches this pattern, such as 'CC BY*'."
)
@click.option(
    "--permits",
    type=click.Choice(["share", "commercial"]),
    help="Only rows whose licence text grants this; what it does not say is not granted.",
)
def export_command(
    release: str,
    folder: Path,
    form: str,
    splits: tuple[str, ...],
    sources: tuple[str, ...],
    licences: tuple[str, ...],
    permits: str | None,
) -> None:
    from wethink_assets.exports.choice import Choice

    choice = Choice(splits, sources, licences, permits or "")
    with _shelf() as shelf:
        sys.exit(0 if shelf.export(release, folder, form, choice) else 1)


@release_group.command(
    "push",
    help="Copy the export of RELEASE to a bucket, URL/<release id>/, and read it back. Pushing again goes on where a "
    "push ended. Nothing becomes public: objects are as private as the bucket makes them.",
)
@click.argument("release")
@click.argument("url")
def push_command(release: str, url: str) -> None:
    with _shelf() as shelf:
        shelf.push(release, url)


@release_group.command(
    "part",
    help="Make a release of the rows of RELEASE that a policy answers rightly as often as --rates says: 0 0 takes "
    "those that it never did. Needs the assets pass_rates_base or pass_rates_rl.",
)
@_RELEASE
@click.option(
    "--rates", nargs=2, type=click.FloatRange(0, 1), required=True, metavar="LOW HIGH", help="Both ends included."
)
@click.option("--policy", default="base", show_default=True, help="base, rl, or the id of a policy.")
@click.option("--tag", "tag", help="A tag for the part.")
def part_command(release: str, rates: tuple[float, float], policy: str, tag: str | None) -> None:
    with _shelf() as shelf:
        shelf.part(release, rates, policy, tag)


@release_group.command(
    "import",
    help="Make a release of FILE, a published WeThink JSONL, and its images: rows are repaired, held against the gates "
    "of our own, and set aside with reasons where they do not pass.",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--images",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder that the rows' image paths begin in.",
)
@click.option("--name", help="A tag for the release.")
@click.option("--dry-run", is_flag=True, help="Say what would become of every line, and write nothing.")
@click.option(
    "--set-aside",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the lines that were set aside; beside the export unless given.",
)
@_JSON
def import_command(
    file: Path, images: Path, name: str | None, dry_run: bool, set_aside: Path | None, as_json: bool
) -> None:
    from wethink_assets.cli.imports import import_file

    with _shelf(create=not dry_run) as shelf:
        taken = import_file(
            shelf.store, shelf.settings, file, images, tag=name, dry_run=dry_run, set_aside=set_aside, as_json=as_json
        )
    sys.exit(0 if taken else 1)


@release_group.command("tag", help="Give RELEASE the name TAG, or move the name to it.")
@click.argument("tag")
@_RELEASE
def tag_command(tag: str, release: str) -> None:
    with _shelf() as shelf:
        shelf.tag(tag, release)


@release_group.command("untag", help="Take the name TAG away; its release stays.")
@click.argument("tag")
def untag_command(tag: str) -> None:
    with _shelf() as shelf:
        shelf.untag(tag)


@contextmanager
def _shelf(*, create: bool = False) -> Iterator[Shelf]:
    from resources.lake.store import LakeStore
    from wethink_assets.cli.releases import Shelf

    store = LakeStore.of(settings_or_exit(), create=create)
    try:
        yield Shelf(store, settings_or_exit())
    except Exception as error:
        if isinstance(error, _told()):
            raise click.ClickException(str(error)) from error
        raise
    finally:
        store.close()


def _told() -> tuple[type[Exception], ...]:
    """Errors that say what to do; imported when there is one."""
    from wethink_assets.dataset.catalogue import TagError, UnknownReleaseError
    from wethink_assets.dataset.checkout import CheckoutError
    from wethink_assets.dataset.export import ExportError
    from wethink_assets.dataset.part import PartError
    from wethink_assets.dataset.push import PushError
    from wethink_assets.dataset.why import UnknownSubjectError
    from wethink_assets.imports.job import ImportFailedError

    return (
        TagError,
        UnknownReleaseError,
        CheckoutError,
        ExportError,
        PartError,
        PushError,
        UnknownSubjectError,
        ImportFailedError,
    )
