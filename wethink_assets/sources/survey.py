"""Survey of a folder (directory scan): its subfolders and how many images each holds, within fixed limits.

Belongs here: looking at names, never into files. Does not belong here: which source a folder is (recognise.py), the
stable listing that a batch takes from (listing.py).

A folder that nobody prepared may hold half a million files, pipes, links in circles and folders without end: each is
one note, and the look goes on beside it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from resources.storage.names import is_text
from wethink_assets.sources.listing import is_image

DEPTH = 8  # folders below the top that are entered
NAMES = 200_000  # of one folder
FOLDERS = 20_000
SHOWN = 3  # names in a note
KEPT = 64  # image names of a folder that are remembered


@dataclass
class Seen:
    """A folder below the top: its images, the first of their names, and the names of other files worth a look."""

    images: int = 0
    names: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    whole: bool = True


@dataclass
class Survey:
    """Folders by their path below `top` ('' is the top itself), and what was left out, a line each."""

    top: Path
    folders: dict[str, Seen] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    whole: bool = True

    def below(self, folder: str) -> Iterator[tuple[str, Seen]]:
        """The folder and all below it, in order."""
        for path, seen in self.folders.items():
            if not folder or path == folder or path.startswith(f"{folder}/"):
                yield path, seen

    def images(self, folder: str) -> int:
        return sum(seen.images for _, seen in self.below(folder))

    def counted_all(self, folder: str) -> bool:
        return self.whole and all(seen.whole for _, seen in self.below(folder))


_WORTH = frozenset("json jsonl csv tsv zip tar".split())


def survey(top: Path, without: Path | None = None) -> Survey:
    """Look at a folder, breadth first. Links to folders are followed from the top alone, where they stand for it.

    `without` is not entered: the data folder of an installation, whose images are copies.
    """
    done = Survey(top)
    left: dict[str, list[str]] = {}
    waiting = deque([""])
    entered = {top.resolve()}
    while waiting:
        if len(done.folders) >= FOLDERS:
            done.whole = False
            done.notes.append(f"{top}: more than {FOLDERS:,} folders: the rest was not looked at")
            break
        folder = waiting.popleft()
        depth = folder.count("/") + 1 if folder else 0
        try:
            seen = _look(top / folder, depth == 0, entered, lambda kind, name, at=folder: _note(left, kind, at, name))
        except OSError as error:
            _note(left, f"cannot be read ({error.strerror})", "", folder)
            continue
        done.folders[folder] = seen
        if not seen.whole:
            done.notes.append(f"{top / folder}: more than {NAMES:,} files: the rest was not counted")
        seen.folders = [name for name in seen.folders if top / folder / name != without]
        inner = [f"{folder}/{name}" if folder else name for name in seen.folders]
        if depth < DEPTH:
            waiting.extend(inner)
        else:
            for path in inner:
                _note(left, f"lie deeper than {DEPTH} folders, so were not looked at", "", path)
    done.folders = dict(sorted(done.folders.items()))
    for kind, names in left.items():
        more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
        done.notes.append(f"{top}: {', '.join(names[:SHOWN])}{more}: {kind}")
    return done


def _look(path: Path, is_top: bool, entered: set[Path], note) -> Seen:
    seen = Seen()
    images: list[str] = []
    with os.scandir(path) as entries:
        for number, entry in enumerate(entries):
            if number >= NAMES:
                seen.whole = False
                break
            name = entry.name
            try:
                if not is_text(name):
                    note("have names that are no UTF-8", name)
                elif entry.is_dir(follow_symlinks=False):
                    seen.folders.append(name)
                elif entry.is_symlink() and entry.is_dir():
                    there = Path(entry.path).resolve()
                    if is_top and there not in entered and not path.resolve().is_relative_to(there):
                        entered.add(there)
                        seen.folders.append(name)
                    else:
                        note("are links to folders, which are not followed", name)
                elif not entry.is_file():
                    note("are no files (pipes, sockets, devices or broken links), so were not opened", name)
                elif is_image(name):
                    images.append(name)
                elif name.rpartition(".")[2].lower() in _WORTH:
                    seen.files.append(name)
            except (OSError, RuntimeError) as error:
                note(f"cannot be looked at ({getattr(error, 'strerror', None) or error})", name)
    seen.images = len(images)
    seen.names = _spread(sorted(images), KEPT)
    seen.files.sort()
    seen.folders.sort()
    return seen


def _note(left: dict[str, list[str]], kind: str, folder: str, name: str) -> None:
    left.setdefault(kind, []).append(f"{folder}/{name}"[:120] if folder else name[:120])


def _spread(names: list[str], most: int) -> list[str]:
    """Some of the names, evenly from first to last."""
    if len(names) <= most:
        return names
    return [names[i * len(names) // most] for i in range(most)]
