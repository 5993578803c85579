"""Code version: a hash of what Python sources do, without comments, docstrings and formatting.

Belongs here: hashing files, modules, rooms and functions. Pure. Does not belong here: reading one source
(code_sources.py), which modules decide what (training/identity.py, rewards/identity.py, and the assets that name them).
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from wethink_assets.code_sources import normalised, read_source, remember

PACKAGE = Path(__file__).resolve().parent


class CodeDigestError(ValueError):
    """A source cannot be read or parsed; the message names it."""


def digest(paths: Iterable[Path]) -> str:
    """Code version of these Python files, as 16 hex digits; the order in which they are given does not matter.

    A file of `wethink_assets` counts with its place below it, one of `resources` with its place in the project, any
    other with its name.

    Raises:
        CodeDigestError: a file is absent or is no Python.
    """
    sources = sorted({(_place(PACKAGE, path), path) for path in paths})
    whole = hashlib.sha256()
    for place, path in sources:
        try:
            own = read_source(path).digest
        except (OSError, SyntaxError, ValueError) as error:
            raise CodeDigestError(f"{path} has no code version: {error}") from None
        whole.update(f"{place}\0{own}\n".encode())
    remember()
    return whole.hexdigest()[:16]


def room_files(room: str, *, without: Iterable[str] = ()) -> list[Path]:
    """The sources of a room (`rewards`, `demo/pack`), apart from its asset modules, which only wire.

    `without` names files or folders of the room that are left out.

    Raises:
        CodeDigestError: there is no such room, or nothing of the name to leave out.
    """
    folder = PACKAGE / room
    left_out = [folder / name for name in without]
    files = [
        path
        for path in sorted(folder.rglob("*.py"))
        if not path.stem.endswith("assets") and not any(path.is_relative_to(other) for other in left_out)
    ]
    if not files:
        raise CodeDigestError(f"{folder} is no room with sources")
    for other in left_out:
        if not other.exists():
            raise CodeDigestError(f"{other} is not there to be left out")
    return files


def room_digest(room: str, *, without: Iterable[str] = ()) -> str:
    """Code version of a room: the digest of its `room_files`."""
    return digest(room_files(room, without=without))


def modules_digest(*names: str) -> str:
    """Code version of modules of the project by their names below `wethink_assets`, as `training/scoring` or `commit`.

    A name that is a folder counts with all its sources.
    """
    return digest(file for name in names for file in module_files(name))


def function_digest(function: Callable[..., Any]) -> str:
    """Code version of one function, where the rest of its module does not decide."""
    return hashlib.sha256(normalised(dedent(inspect.getsource(function))).encode()).hexdigest()[:16]


def module_files(name: str) -> list[Path]:
    """The source of a module named below `wethink_assets`, or all sources where it is a folder."""
    folder = PACKAGE / name
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@cache
def _place(package: Path, path: Path) -> str:
    for folder, base in ((package, package), (package.parent / "resources", package.parent)):
        if path.is_relative_to(folder):
            return path.relative_to(base).as_posix()
    return path.name
