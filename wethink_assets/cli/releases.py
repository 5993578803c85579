"""What `wethink release` prints: tables for a terminal and JSON for programs, over the data set room's functions.

Belongs here: words and columns. Does not belong here: any decision about a release (wethink_assets/dataset/); what
only one command needs (files, the verifier, Dagster) is imported by it, since a question shall be answered at once.
"""

from __future__ import annotations

import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from resources.lake.store import LakeStore, Windows
from resources.scratch import scratch_folder
from wethink_assets.cli.summary import wide_console
from wethink_assets.dataset import catalogue
from wethink_assets.dataset.difference import ANEW, CHANGES, KEPT, PARTS, Difference, difference
from wethink_assets.dataset.why import Why, why
from wethink_assets.settings import Settings

if TYPE_CHECKING:
    from wethink_assets.exports.choice import Choice
    from wethink_assets.picture_files import PictureFiles

SHOWN = 40  # values of a part, and fates
_TEXT = 80  # characters of a question
BUCKETS = ("s3://", "s3a://", "gs://", "gcs://")


class Shelf:
    """The releases of one lake, printed."""

    def __init__(self, store: LakeStore, settings: Settings, console: Console | None = None) -> None:
        self.store, self.settings, self._console = store, settings, console or wide_console()

    def list(self, *, as_json: bool = False) -> None:
        known = catalogue.releases(self.store)
        if as_json:
            _print_json(known)
            return
        if not known:
            self._say("there is no release yet: materialise the asset release, or run `wethink demo`")
            return
        table = Table("release", "tags", "made (UTC)", box=None, header_style="bold")
        for name in ("rows", "train", "held out", "batches"):
            table.add_column(name, justify="right")
        table.add_column("policies trained on it", overflow="fold")
        table.add_column("export")
        for row in known:
            table.add_row(
                row["release_id"],
                Text(", ".join(row["tags"])),
                f"{row['made']:%Y-%m-%d %H:%M}" if row["made"] else "",
                *(f"{row[name]:,}" for name in ("rows", "train_rows", "heldout_rows")),
                f"{len(row['batches']):,}",
                ", ".join(row["policies"]),
                "there" if self._folder(row).is_dir() else "gone",
            )
        self._console.print(table)

    def show(self, name: str, *, as_json: bool = False) -> None:
        release = catalogue.release_named(self.store, name)
        counts = self.store.rows("dataset/count_release", release_id=release["release_id"])
        folder = self._folder(release)
        if as_json:
            _print_json({**release, "export": str(folder), "composition": counts})
            return
        tags = f" ({', '.join(release['tags'])})" if release["tags"] else ""
        self._say(f"release {release['release_id']}{tags}: {release['rows']:,} rows of {release['target']:,} aimed at")
        self._say(f"batches  {', '.join(release['batches'])}")
        self._say(f"export   {folder}{'' if folder.is_dir() else ' (gone: wethink release checkout writes it again)'}")
        for policy in release["policies"]:
            self._say(f"trained  {policy}")
        for part in dict.fromkeys(row["part"] for row in counts):
            of_part = [row for row in counts if row["part"] == part]
            table = Table(part.replace("_", " "), "rows", "%", "images", box=None, header_style="bold")
            for row in of_part[:SHOWN]:
                share = 100 * row["rows"] / max(release["rows"], 1)
                table.add_row(Text(row["value"]), f"{row['rows']:,}", f"{share:.1f}", f"{row['images']:,}")
            self._console.print(table)
            if len(of_part) > SHOWN:
                self._say(f"… and {len(of_part) - SHOWN} more")

    def diff(self, old: str, new: str, *, as_json: bool = False) -> None:
        first, second = (catalogue.release_named(self.store, name)["release_id"] for name in (old, new))
        with scratch_folder(self.settings.scratch_dir, "release-diff") as folder:
            size = self.settings.synthesis.window_rows
            rows = self.store.windows("dataset/compare_releases", folder, size=size, old=first, new=second)
            found = difference(first, second, rows.files)
        if as_json:
            _print_json(found.as_json())
        else:
            self._difference(found)

    def _difference(self, compared: Difference) -> None:
        if compared.same:
            self._say(f"{compared.old} and {compared.new} hold the same {compared.counts[KEPT]:,} rows")
            return
        self._say(f"from {compared.old} to {compared.new}")
        for part in PARTS:
            table = Table(part.replace("_", " "), box=None, header_style="bold")
            for change in CHANGES:
                table.add_column(change.replace("_", " "), justify="right")
            for value, counts in sorted(compared.by_part[part].items())[:SHOWN]:
                table.add_row(Text(value), *(f"{counts[change]:,}" for change in CHANGES))
            table.add_row("all", *(f"{compared.counts[change]:,}" for change in CHANGES), style="bold")
            self._console.print(table)
        for change, rows in compared.examples.items():
            for row in rows:
                answers = f"{row['old_answer']} → {row['new_answer']}" if change == ANEW else row["new_answer"]
                shown = answers or row["old_answer"] or ""
                self._say(
                    f"{change.replace('_', ' ')}: {row['image_path']}: {_short(row['problem'])} [{_short(shown)}]"
                )

    def why(self, row: str, name: str, *, as_json: bool = False) -> bool:
        """Whether anything of it is in the release."""
        answer = why(self.store, row, catalogue.release_named(self.store, name))
        if as_json:
            _print_json(
                {"subject": answer.subject, "release_id": answer.release_id, "fates": list(map(vars, answer.fates))}
            )
        else:
            self._fates(answer)
        return answer.released > 0

    def _fates(self, answer: Why) -> None:
        self._say(f"{answer.subject}: {answer.released} rows in release {answer.release_id}")
        table = Table("", "id", "batch", "in the release", "because", "text", box=None, header_style="bold")
        table.columns[4].overflow = "fold"
        for fate in answer.fates[:SHOWN]:
            shown = fate.id if fate.kind == "file" else fate.id[:16]
            cells = (fate.kind, shown, fate.batch, fate.where or "no", fate.because, _short(fate.text))
            table.add_row(*map(Text, cells))
        self._console.print(table)
        if len(answer.fates) > SHOWN:
            self._say(f"… and {len(answer.fates) - SHOWN} more: --json prints all")

    def verify(self, name: str) -> bool:
        """Whether nothing is wrong with it."""
        from wethink_assets.dataset.checkout import verify

        release = catalogue.release_named(self.store, name)
        with self._rows(release) as rows:
            found = verify(rows, release, self._folder(release), lambda line: click.echo(line, err=True))
        for defect, examples in found.defects.items():
            self._say(f"{defect}: {len(examples)}, such as {examples[0]}")
        verdict = "bad" if found.defects else "intact"
        self._say(f"release {release['release_id']}: {found.rows:,} rows, {found.images:,} images read, {verdict}")
        return not found.defects

    def checkout(self, name: str, folder: Path) -> None:
        from wethink_assets.dataset.checkout import checkout

        release = catalogue.release_named(self.store, name)
        with self._rows(release) as rows, self._pictures() as files:
            target, origin = checkout(rows, release, self._folder(release), folder.absolute(), files.picture)
        self._say(f"release {release['release_id']} is at {target}, from {origin}")

    def export(self, name: str, folder: Path, form: str, choice: Choice) -> bool:
        """Whether every chosen row is in it."""
        from wethink_assets.exports.about import About
        from wethink_assets.exports.formats import FORMATS
        from wethink_assets.exports.job import SET_ASIDE, export
        from wethink_assets.exports.pictures import ReleasePictures

        release = catalogue.release_named(self.store, name)
        exported = self._folder(release)
        card = exported / "README.md"
        with self._rows(release) as rows, self._pictures() as files:
            done = export(
                FORMATS[form],
                rows,
                folder.absolute(),
                ReleasePictures(exported, rows, files.picture, files.prefetch).path,
                about=About(
                    release["release_id"],
                    card.read_text("utf-8") if card.is_file() else "",
                    release["made"].date() if release["made"] else None,
                ),
                choice=choice,
                say=lambda line: click.echo(line, err=True),
            )
        left = "".join(f", {count:,} left out ({reason})" for reason, count in done.left_out.most_common())
        by_split = ", ".join(f"{count:,} {split}" for split, count in sorted(done.rows.items(), reverse=True))
        self._say(f"{done.written:,} rows ({by_split}){left} of release {release['release_id']}")
        if done.changed_texts:
            self._say(f"{done.changed_texts:,} rows held a literal media placeholder, written as `< image>`")
        if done.failed:
            first = next(iter(done.failed.values()))
            self._say(f"{len(done.failed):,} rows are set aside in {SET_ASIDE}, the first: {first}")
        self._say(f"{done.files:,} files, {done.bytes / 2**20:,.1f} MiB, for {form}, at {folder}")
        return not done.failed

    def push(self, name: str, url: str) -> None:
        from resources.storage.bucket import BucketFolder
        from wethink_assets.dataset.provenance import MANIFEST
        from wethink_assets.dataset.push import PushError, push
        from wethink_assets.settings.base import place_of

        release = catalogue.release_named(self.store, name)
        try:
            place = place_of(url)
        except ValueError as error:
            raise PushError(str(error)) from None
        if not place.startswith(BUCKETS):
            raise PushError(
                f"{place} is no bucket ({', '.join(BUCKETS)}): for a folder there is `wethink release checkout`, for a "
                "hub repository `wethink release export --format hub`, whose folder its own client uploads"
            )
        target = BucketFolder(f"{place}/{release['release_id']}")
        told = json.loads(release["config"] or "{}")
        try:
            done = push(
                self._folder(release), target, say=lambda line: click.echo(line, err=True), sha256=told.get(MANIFEST)
            )
        except OSError as error:
            raise PushError(f"{error}. What is there stays: push again to go on") from error
        mended = f", {len(done.mended):,} of them twice" if done.mended else ""
        self._say(
            f"release {release['release_id']} is at {target.name}: {done.objects:,} objects read back, "
            f"{done.sent:,} sent now ({done.sent_bytes / 2**20:,.1f} MiB){mended}"
        )

    def part(self, name: str, rates: tuple[float, float], policy: str, tag: str | None) -> None:
        from wethink_assets.dataset.part import Band, PartError, make

        release = catalogue.release_named(self.store, name)
        if tag is not None:
            catalogue.check_tag(tag)
        asset = {"base": "base_policy", "rl": "rl_policy"}.get(policy)
        current = self.store.rows("training/select_current_policy", asset=asset) if asset else []
        policy_id = current[0]["policy_id"] if current else policy
        known = {
            row["sample_id"]: row["rate"] for row in self.store.rows("pass_rates/select_rates", policy_id=policy_id)
        }
        if not known:
            raise PartError(f"there are no pass rates of {policy_id}: set [pass_rates] rows and materialise its asset")
        with (
            self._rows(release) as rows,
            self._pictures() as files,
            scratch_folder(self.settings.scratch_dir, "release-part") as scratch,
        ):
            made = make(
                self.store, self.settings, release, rows, Band(policy_id, *rates, known), files.picture, scratch
            )
        by_split = ", ".join(f"{count:,} {split}" for split, count in sorted(made.rows.items(), reverse=True))
        left = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in made.left_out.items())
        self._say(f"release {made.release_id}: {by_split} rows of {release['release_id']} (not in it: {left})")
        self._say(f"export   {made.folder}")
        if tag is not None:
            self._say(catalogue.tag(self.store, tag, made.release_id, getpass.getuser()))

    def tag(self, tag: str, name: str) -> None:
        release = catalogue.release_named(self.store, name)
        self._say(catalogue.tag(self.store, tag, release["release_id"], getpass.getuser()))

    def untag(self, tag: str) -> None:
        self._say(catalogue.untag(self.store, tag))

    def _folder(self, release: dict[str, Any]) -> Path:
        return self.settings.home / release["path"]

    @contextmanager
    def _pictures(self) -> Iterator[PictureFiles]:
        from resources.lake.resource import Lake
        from resources.settings import SettingsResource
        from wethink_assets.picture_files import PictureFiles

        settings = SettingsResource.of(self.settings)
        files = PictureFiles(lake=Lake.of(self.settings), settings=settings)
        try:
            yield files
        finally:
            files.teardown_after_execution(None)

    @contextmanager
    def _rows(self, release: dict[str, Any]) -> Iterator[Windows]:
        from wethink_assets.dataset.checkout import rows_of

        with scratch_folder(self.settings.scratch_dir, "release") as scratch:
            yield rows_of(self.store, release, scratch, self.settings.synthesis.window_rows)

    def _say(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _short(text: str | None) -> str:
    line = " ".join((text or "").split())
    return line if len(line) <= _TEXT else line[: _TEXT - 1] + "…"
