"""Images of a published folder (ingestion of untrusted files): found by the paths that rows name, and decoded apart.

Belongs here: which file a path means, its bytes' hash, what the sandboxed decoder sees, keeping it in the image store.
Does not belong here: decoding (decoding/), which rows go on (job.py).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from resources.private import private_folder
from wethink_assets.benchmark_sets.image_store import extension
from wethink_assets.dataset.record import Refusal
from wethink_assets.decoding.decode import MAX_FILE_BYTES
from wethink_assets.decoding.hashing import sha256_of_file
from wethink_assets.decoding.inspect import inspect_files
from wethink_assets.decoding.process import Inspected, Request
from wethink_assets.settings import ImageSettings

_AT_ONCE = 1_024  # files looked at before any is handed on [D]
_HEAD = 16  # bytes that tell a file's format


@dataclass(frozen=True)
class Seen:
    """An image that a path names: `uri` is its place in the image store. `looked` is None where its id came before."""

    image_id: str
    file: Path
    uri: str
    looked: Inspected | None = None


def file_of(root: Path, image_path: str) -> Path | Refusal:
    """The file that a path below `root` means, through no link that leads out of it."""
    try:
        file = (root / image_path).resolve()
        if not file.is_relative_to(root):
            return Refusal("path_leaves_folder", f"{image_path} leads out of the folder of images")
        status = file.stat()
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        return Refusal("missing_image", f"{image_path}: {why}")
    if not stat.S_ISREG(status.st_mode):
        return Refusal("missing_image", f"{image_path} is no file")
    if status.st_size > MAX_FILE_BYTES:
        return Refusal("too_large_file", f"{image_path} has {status.st_size} bytes; at most {MAX_FILE_BYTES} are read")
    return file


def look(
    paths: Iterable[str], root: Path, settings: ImageSettings, pictures: Path | None
) -> Iterator[tuple[str, Seen | Refusal]]:
    """What is in the files of these paths, in their order, equal bytes decoded once; `root` is resolved.

    `pictures` is the folder of normalised copies; None: none are made.
    """
    known: dict[str, Refusal | None] = {}
    waiting = iter(paths)
    while part := list(islice(waiting, _AT_ONCE)):
        found = {path: _hashed(root, path) for path in part}
        new: dict[str, Seen] = {}
        for seen in found.values():
            if isinstance(seen, Seen) and seen.image_id not in known:
                new.setdefault(seen.image_id, seen)
        requests = [Request(seen.image_id, seen.file, seen.image_id) for seen in new.values()]
        looked = {
            one.key: one
            for one in inspect_files(requests, workers=settings.workers, limit_s=settings.limit_s, pictures=pictures)
        }
        known |= {key: None if one.ok else Refusal(one.reason, one.detail) for key, one in looked.items()}
        for path, seen in found.items():
            if isinstance(seen, Refusal):
                yield path, seen
            elif refusal := known[seen.image_id]:
                yield path, Refusal(refusal.reason, f"{path}: {refusal.detail}")
            else:
                one = looked.pop(seen.image_id, None)
                yield path, Seen(seen.image_id, seen.file, seen.uri, one)


def keep(store: Path, uri: str, file: Path) -> None:
    """Keep a file in the image store, as a hard link where that is possible.

    Raises:
        OSError: the disk failed.
    """
    target = store / uri
    if target.is_file() and target.stat().st_size == file.stat().st_size:
        return
    private_folder(target.parent)
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    try:
        os.link(file, part)
    except OSError:  # another file system, or no hard links there
        shutil.copyfile(file, part)
    part.replace(target)


def _hashed(root: Path, path: str) -> Seen | Refusal:
    file = file_of(root, path)
    if isinstance(file, Refusal):
        return file
    try:
        image_id, _ = sha256_of_file(file)
        with file.open("rb") as handle:
            uri = f"{image_id[:2]}/{image_id}.{extension(handle.read(_HEAD))}"
    except OSError as error:
        return Refusal("unreadable", f"{path}: {error.strerror or error}")
    return Seen(image_id, file, uri)
