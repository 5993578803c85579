"""Import of a published file (batch ingestion): its rows and images become a release of their own, or nothing does.

Belongs here: what is written, in which order. Does not belong here: which rows there are (passes.py), the card.

The export is written first and the lake last, in one transaction: a killed import leaves no release, and the next one
finds its images kept. The same rows have the same id, whatever the file was called.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from resources.lake.database import Memory
from resources.lake.spool import Spool
from resources.lake.store import LakeStore, Windows
from resources.lake.writes import Commit, Write
from resources.scratch import scratch_folder
from wethink_assets.dataset import export, export_defects, export_files, manifest
from wethink_assets.dataset.card import mix_plot
from wethink_assets.dataset.counts import COLUMNS, Counts
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.dataset.provenance import MADE, MANIFEST
from wethink_assets.dataset.release import Release, in_order
from wethink_assets.decoding.picture_maker import PictureMaker
from wethink_assets.imports.account import Account
from wethink_assets.imports.card import card
from wethink_assets.imports.passes import Passes, Progress
from wethink_assets.imports.pictures import keep
from wethink_assets.imports.rows import PART, every
from wethink_assets.settings import Settings
from wethink_assets.written_rows import ReleaseRow

ASSET = "release import"  # the author of its snapshot


class ImportFailedError(RuntimeError):
    """Nothing was imported; the message says why and what to do."""


@dataclass
class Imported:
    """What became of a file. `release_id` is empty where no row was taken; `new`: it was not there before."""

    name: str
    sha256: str = ""
    lines: int = 0
    taken: int = 0
    repairs: dict[str, int] = field(default_factory=dict)
    dropped: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    held_against: dict[str, str] = field(default_factory=dict)
    release_id: str = ""
    rows: dict[str, int] = field(default_factory=dict)  # by split
    new: bool = False
    folder: str = ""
    set_aside: str = ""


def run(
    store: LakeStore,
    settings: Settings,
    file: Path,
    images: Path,
    *,
    dry_run: bool = False,
    set_aside: Path | None = None,
    say: Progress = lambda line: None,
) -> Imported:
    """Import a JSONL file whose rows name images below the folder `images`; with `dry_run` nothing is written.

    Stopped lines are written to `set_aside`, or beside the export.

    Raises:
        ImportFailedError: file, folder or disk could not be read or written, or what was written is not sound.
        ExportError: the export could not be written.
        LakeError: the lake could not.
    """
    if not file.is_file() or not images.is_dir():
        gone = f"{images} is no folder" if file.is_file() else f"{file} is no file"
        raise ImportFailedError(f"{gone}: name a JSONL file, and the folder that its image paths begin in")
    with (
        store.only_run_of(ASSET, say),
        scratch_folder(settings.scratch_dir, "import") as scratch,
    ):
        try:
            return _run(store, settings, file, images.resolve(), dry_run, set_aside, say, scratch)
        except OSError as error:
            raise ImportFailedError(
                f"cannot import {file.name}: {error}. Free space or restore access, then run it again: nothing of it "
                "was committed."
            ) from error


def _run(
    store: LakeStore,
    settings: Settings,
    file: Path,
    images: Path,
    dry_run: bool,
    set_aside: Path | None,
    say: Progress,
    scratch: Path,
) -> Imported:
    snapshot = store.snapshot_id()
    account = Account(scratch)
    passes = Passes(store, settings, images, account, scratch, say, make_copies=not dry_run)
    release, candidates = passes.of(file)
    account.close()
    account.check()
    known = {row["benchmark"]: row["version"] for row in store.rows("benchmark_sets/select_known_sets")}
    done = Imported(
        file.name,
        passes.sha256,
        account.lines,
        account.taken,
        dict(account.repairs.most_common()),
        *(dict(counter.most_common()) for counter in account.stopped.values()),
        held_against=known,
        release_id=release.selection.release_id if release.rows else "",
        rows=dict(Counter(row.split for row in release.rows)),
    )
    _put_aside(account, done, set_aside or (None if dry_run else settings.releases_dir))
    if not release.rows:
        return done
    folder = settings.releases_dir / done.release_id
    done.folder = str(folder)
    done.new = done.release_id not in {row["release_id"] for row in store.rows("dataset/select_releases")}
    if dry_run or not done.new:
        return done
    say(f"{account.taken:,} rows taken; writing the export")
    rows = in_order(release, candidates, scratch / "rows", size=PART, memory=Memory.of(settings))
    counts = _export(settings, passes, release, rows, folder, done, account)
    _commit(store, settings, passes, rows, counts, done, account, snapshot, scratch)
    return done


def _export(
    settings: Settings,
    passes: Passes,
    release: Release,
    rows: Windows,
    folder: Path,
    done: Imported,
    account: Account,
) -> Counts:
    contents = export_files.contents_of(rows)
    used = set(contents.images.values())
    kept = {image_id: settings.image_store_dir / passes.images[image_id].uri for image_id in used}
    for image_id in used:
        keep(settings.image_store_dir, passes.images[image_id].uri, passes.images[image_id].file)
    if changed := export.changed_images(used, kept.__getitem__):
        raise ImportFailedError(
            f"{len(changed)} images changed while they were imported, such as "
            f"{passes.images[min(changed)].file.name}: import the file again when nothing writes to the folder"
        )
    maker = PictureMaker(settings.pictures_dir, limit_s=settings.images.limit_s)
    pictures = {
        image_id: maker.of(image_id, path.read_bytes, passes.images[image_id].picture_id or None)
        for image_id, path in kept.items()
    }
    copies = {image_id: picture.sha256 for image_id, picture in pictures.items() if picture.sha256 != image_id}
    counts = Counts(release, rows.only(COLUMNS))
    text = card(counts, account, name=done.name, sha256=done.sha256, held_against=done.held_against)
    documents = {"README.md": text.encode("utf-8", "replace"), "mix.png": mix_plot(counts, counts.of("source"))}
    export.write(
        folder,
        rows,
        lambda image_id: pictures[image_id].path or kept[image_id],
        documents=documents,
        record=_record(done),
        contents=contents,
        copies=copies,
    )
    if defects := export_defects.defects(folder, rows):
        shutil.rmtree(folder, ignore_errors=True)
        raise ImportFailedError(
            "what was written is not sound, so it became no release: "
            + "; ".join(f"{defect}: {len(examples)}, such as {examples[0]}" for defect, examples in defects.items())
        )
    return counts


def _commit(
    store: LakeStore,
    settings: Settings,
    passes: Passes,
    rows: Windows,
    counts: Counts,
    done: Imported,
    account: Account,
    snapshot: int,
    scratch: Path,
) -> None:
    run_id, release_id = f"import-{done.sha256[:16]}", done.release_id
    frozen = Spool("release_rows", scratch / "frozen")
    own = [column.name for column in frozen.table.columns]
    for window in rows:
        frozen.append([{n: row.get(n) for n in own} | {"release_id": release_id, "run_id": run_id} for row in window])
    used = {row["image_id"] for row in every(rows, "image_id")}
    images = Spool("imported_images", scratch / "frozen")
    for window in passes.looked:
        images.append([row | {"run_id": run_id} for row in window if row["image_id"] in used])
    stops = Spool("import_stops", scratch / "frozen")
    for part in account.stops():
        stops.append([row | {"release_id": release_id} for row in part])
    folder = settings.releases_dir / release_id
    path = folder.relative_to(settings.home) if folder.is_relative_to(settings.home) else folder
    row: ReleaseRow = {
        "release_id": release_id,
        "batches": counts.batches,
        "target": counts.rows,
        "rows": counts.rows,
        "train_rows": counts.rows_of("train"),
        "heldout_rows": counts.rows_of("heldout"),
        "config": {
            "imported": _recorded(done),
            "seed": settings.release.seed,
            "heldout_share": settings.release.heldout_share,
            MADE: _record(done),
            MANIFEST: sha256_of(folder / manifest.NAME),
        },
        "snapshot_id": snapshot,
        "path": str(path),
    }
    slice_of = {"release_id": release_id}
    store.write(
        Commit(ASSET, run_id=run_id),
        [
            Write("releases", [{**row, "run_id": run_id}], replace=slice_of),
            Write("release_rows", frozen, replace=slice_of),
            Write("import_stops", stops, replace=slice_of),
            Write("imported_images", images, mode="add_missing"),
        ],
    )


def _record(done: Imported) -> dict[str, Any]:
    """What the manifest says of the release."""
    return {"release_id": done.release_id, "rows": done.rows, "imported": _recorded(done)}


def _recorded(done: Imported) -> Mapping[str, Any]:
    names = ("name", "sha256", "lines", "taken", "repairs", "dropped", "failed", "held_against")
    return {name: getattr(done, name) for name in names}


def _put_aside(account: Account, done: Imported, folder: Path | None) -> None:
    """The stopped lines as a file, beside the export or where it was asked for."""
    if folder is None or account.taken == account.lines:
        return
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{done.release_id or f'import-{done.sha256[:16]}'}.set_aside.jsonl"
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(account.aside, part)
    part.replace(target)
    done.set_aside = str(target)
