"""Cache of parsed benchmark files, kept until a file changes, so that GBs are read, or cross the network, once.

Belongs here: the folder of what was read, and when it may be believed. Does not belong here: reading a file (tsv.py),
images' bytes (image_store.py), whose files must all be there for an entry to count.

An entry is one file, written whole or not at all, so several processes may share the folder; the oldest entries go.
"""

from __future__ import annotations

import gzip
import json
import os
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from resources.private import private_folder
from resources.storage.folder import Stamp
from wethink_assets.accounting import Stopped, content_id
from wethink_assets.benchmark_sets.image_store import ImageStore
from wethink_assets.benchmark_sets.tsv import SetFile

MOST_ENTRIES = 128
SETTLED_S = 2.0  # a file that was written a moment ago may be written again within the same tick of its clock


class SetMemory:
    """Cache of parsed files as entries below `folder`. `version` changes when the same file would give other items."""

    def __init__(self, folder: Path, version: int) -> None:
        self._folder, self._version = folder, version

    def read(
        self,
        benchmark: str,
        place: str,
        stamp: Callable[[], Stamp | None],
        store: ImageStore,
        read: Callable[[], SetFile],
    ) -> SetFile:
        """The parsed file: what `read` gives, or gave when the file had this stamp.

        Raises:
            OSError: the place cannot be reached.
        """
        before = stamp()
        if before is None or _unsettled(before):
            return read()
        path = self._folder / f"{content_id(self._version, benchmark, place, list(before))[:32]}.json.gz"
        if (file := _load(path, store)) is not None:
            return file
        file = read()
        if file.md5 and stamp() == before:  # read to its end, and not written meanwhile
            self._keep(path, file, store)
        return file

    def _keep(self, path: Path, contents: SetFile, store: ImageStore) -> None:
        uris = {i: store.uris[i] for item in contents.items for i in item["image_ids"]}
        part = path.with_name(f"{path.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.part")
        try:
            private_folder(self._folder)
            with gzip.open(part, "wt", encoding="utf-8", compresslevel=1, errors="surrogatepass") as file:
                json.dump(asdict(contents) | {"uris": uris}, file)
            part.replace(path)
            entries = sorted(self._folder.glob("*.json.gz"), key=lambda p: p.stat().st_mtime, reverse=True)
            stale = [p for p in self._folder.glob("*.part") if time.time() - p.stat().st_mtime > 3600]
            for old in [*entries[MOST_ENTRIES:], *stale]:
                old.unlink(missing_ok=True)
        except OSError:  # a disk that is full, or another process that tidies up: it is read again next time
            part.unlink(missing_ok=True)


def _unsettled(stamp: Stamp) -> bool:
    """Whether the stamp is the time of a disk, and that time is now."""
    return stamp.version.isdigit() and abs(time.time() - int(stamp.version) / 1e9) < SETTLED_S


def _load(path: Path, store: ImageStore) -> SetFile | None:
    try:
        with gzip.open(path, "rt", encoding="utf-8", errors="surrogatepass") as file:
            kept: dict[str, Any] = json.load(file)
        uris: Mapping[str, str] = kept.pop("uris")
        stopped = {name: [Stopped(**s) for s in kept.pop(name)] for name in ("dropped", "failed")}
        contents = SetFile(**kept, **stopped)
    except (OSError, EOFError, ValueError, TypeError, KeyError, AttributeError):
        return None
    if not store.adopt(uris):
        return None
    path.touch()  # the oldest go first
    return contents
