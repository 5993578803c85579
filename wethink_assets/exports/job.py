"""Export of a release in one format: filter, pictures, counts and manifest; the folder appears whole or not at all.

Belongs here: what all formats share. Does not belong here: any format's form (formats.py names them).
"""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wethink_assets.dataset.export import ExportError, clear_leftovers
from wethink_assets.dataset.manifest import sha256_of
from wethink_assets.exports.about import About
from wethink_assets.exports.choice import Choice
from wethink_assets.exports.formats import ExportFormat
from wethink_assets.exports.texts import TEXTS, plain
from wethink_assets.presentation.json_lines import storable

VERSION = 1  # of the forms: raised where equal rows give other files
MANIFEST = "manifest.json"
SET_ASIDE = "set_aside.jsonl"
_EVERY = 10_000  # rows between two lines of progress

Row = Mapping[str, Any]
Progress = Callable[[str], None]


@dataclass
class Exported:
    """What became of the rows: written by split, left out by reason, and failed ones with theirs."""

    rows: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)  # sample_id: why
    changed_texts: int = 0  # rows in which a literal media placeholder was broken
    files: int = 0
    bytes: int = 0

    @property
    def written(self) -> int:
        return self.rows.total()


def export(
    form: ExportFormat,
    rows: Iterable[Sequence[Row]],
    folder: Path,
    find_picture: Callable[[str], Path],
    *,
    about: About,
    choice: Choice | None = None,
    say: Progress = lambda line: None,
) -> Exported:
    """Write the chosen rows of a release, in its order, to `folder`, which must not be there yet.

    A row whose picture cannot be had is set aside in `set_aside.jsonl` with the reason: rows in = written + left out +
    failed. `manifest.json` is written last, with every file's size and SHA-256.

    Raises:
        ExportError: the folder is there, nothing is left of the rows, or the disk failed. Nothing half-written stays.
    """
    choice = choice or Choice()
    if folder.exists():
        raise ExportError(f"{folder} is there already: name a folder that is not")
    temporary = folder.parent / f".{folder.name}.{os.getpid()}.part"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        clear_leftovers(folder)
        temporary.mkdir()
        done = _write(form, rows, temporary, find_picture, about, choice, say)
        if not done.written:
            raise ExportError(_nothing(done))
        _finish(temporary, form, about.release_id, choice, done)
        temporary.rename(folder)
    except OSError as error:
        raise ExportError(
            f"cannot export to {folder}: {error}. Free space or restore access, then run it again."
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return done


def _write(
    form: ExportFormat,
    rows: Iterable[Sequence[Row]],
    folder: Path,
    find_picture: Callable[[str], Path],
    about: About,
    choice: Choice,
    say: Progress,
) -> Exported:
    done = Exported()
    writer = form.open(folder, about)
    seen = 0
    for window in rows:
        for row in window:
            seen += 1
            if seen % _EVERY == 0:
                say(f"{seen:,} rows read, {done.written:,} written")
            if reason := choice.refusal(row):
                done.left_out[reason] += 1
                continue
            try:
                path = find_picture(row["image_id"])
            except OSError as error:
                done.failed[row["sample_id"]] = str(error)
                continue
            row = {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}
            writer.add(row, path)
            done.rows[row["split"]] += 1
            done.changed_texts += form.places and any(plain(row[name]) != row[name] for name in TEXTS)
    writer.end()
    return done


def _finish(folder: Path, form: ExportFormat, release_id: str, choice: Choice, done: Exported) -> None:
    if done.failed:
        lines = (json.dumps({"sample_id": key, "why": why}) + "\n" for key, why in sorted(done.failed.items()))
        (folder / SET_ASIDE).write_text("".join(lines), "utf-8")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    files = {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": sha256_of(path)} for path in paths
    }
    done.files, done.bytes = len(paths), sum(path.stat().st_size for path in paths)
    manifest = {
        "release_id": release_id,
        "format": form.name,
        "version": VERSION,
        "choice": choice.as_json(),
        "rows": dict(sorted(done.rows.items())),
        "left_out": dict(sorted(done.left_out.items())),
        "failed": len(done.failed),
        "changed_texts": done.changed_texts,
        "files": files,
    }
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, indent=1, sort_keys=True)


def _nothing(done: Exported) -> str:
    reasons = [*(f"{n:,} {reason}" for reason, n in done.left_out.most_common())]
    if done.failed:
        reasons.append(f"{len(done.failed):,} failed, the first: {next(iter(done.failed.values()))}")
    return f"no row is left to export: {'; '.join(reasons) or 'the release is empty'}"
