"""Moving a lake (migration): its catalog to another database, its files to another folder or bucket, and back.

Belongs here: in what order things are copied, and that the old place is closed. Does not belong here: copying
(catalog_copy.py, data_folder.py), words for a terminal.

Files come first, the catalog second, in one transaction, and last the old place is closed: whoever opens it afterwards
is told where the lake is. Until then the lake is at the old place, whole. Commits wait meanwhile; nothing is removed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from resources.lake.catalog import without_password
from resources.lake.catalog_copy import State, all_in_files, closed, copied_catalog, files_of, reason_closed, state_of
from resources.lake.data_folder import DataFolder
from resources.lake.database import LakeError
from resources.lake.ownership import Marker, no_lake

MOVING = "a lake is being moved here, or was and the move was interrupted: run the same `wethink move` again"


@dataclass(frozen=True)
class Place:
    """Where a lake is: the settings `lake.catalog` and `lake.data_path`."""

    catalog: str
    data_path: str

    @property
    def in_words(self) -> str:
        return f"catalog {without_password(self.catalog)}, data {self.data_path}"


def move(old: Place, new: Place, *, say: Callable[[str], object] = lambda line: None) -> State:
    """Have the lake at `new`. Interrupted or killed, the same call goes on; called again when done, it does nothing.

    Raises:
        LakeError: there is no lake at the old place, or another one at the new; nothing of it was touched.
    """
    source, target = DataFolder(old.data_path), DataFolder(new.data_path)
    other_catalog, other_data = old.catalog != new.catalog, source.path != target.path
    if not other_catalog and not other_data:
        raise LakeError(f"the lake is there already: {old.in_words}")
    was = state_of(old.catalog)
    if was is None:
        raise no_lake(old.catalog)
    to = f"this lake was moved: set [lake] catalog and data_path to those of {new.in_words}"
    if _is_done(old, new, was, to):
        return was
    marker = _free_for(target, was.lake) if other_data else None
    with all_in_files(old.catalog, old.data_path):
        if other_data:
            if marker is None:
                target.mark(Marker(was.lake, MOVING))
            _copied(files_of(old.catalog), source, target, say)
        if other_catalog:
            say(f"the catalog, to {without_password(new.catalog)}")
            copied_catalog(old.catalog, new.catalog, new.data_path)
            closed(old.catalog, to)
        if other_data:
            source.mark(Marker(was.lake, to))
            target.mark(Marker(was.lake))
    return state_of(new.catalog) or was


def _is_done(old: Place, new: Place, was: State, to: str) -> bool:
    """Whether an earlier call came to its end, or to its last step, which is then done."""
    if old.catalog != new.catalog:
        there = state_of(new.catalog)
        if reason_closed(old.catalog) != to or there is None or there.lake != was.lake:
            return False
    source, target = DataFolder(old.data_path), DataFolder(new.data_path)
    if source.path == target.path:
        return True
    here, there = source.marker(), target.marker()
    closed_here = here is not None and here.closed == to
    if old.catalog == new.catalog and not closed_here:
        return False
    if there is None or there.lake != was.lake:
        return False
    if not closed_here:
        source.mark(Marker(was.lake, to))
    if there.closed:
        target.mark(Marker(was.lake))
    return True


def _free_for(target: DataFolder, lake: str) -> Marker | None:
    """The marker of a folder that this lake may come to, as it had been there before; None where there is none.

    Raises:
        LakeError: the folder has files of another lake.
    """
    marker = target.marker()
    if target.holds_a_lake() if marker is None else marker.lake != lake:
        raise LakeError(f"{target.path} holds the files of another lake: nothing was copied. Name an empty folder")
    if marker is not None and not marker.closed:
        raise LakeError(f"{target.path} is in use by this lake already, by another catalog: nothing was copied")
    return marker


def _copied(files: list[str], source: DataFolder, target: DataFolder, say: Callable[[str], object]) -> None:
    say(f"{len(files):,} files, from {source.path} to {target.path}")
    with tempfile.TemporaryDirectory(prefix="wethink-move-") as folder:
        for name in files:
            size = source.size(name)
            if size is None:
                raise LakeError(f"{source.path}/{name} is gone: the catalog names it")
            if target.size(name) == size:
                continue
            if source.remote:
                path = Path(folder) / "file"
                source.get(name, path)
            else:
                path = Path(source.path) / name
            target.put(name, path)
