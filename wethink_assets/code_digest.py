"""Code version: a hash of what Python sources do, without comments, docstrings and formatting.

Belongs here: reading sources and hashing their syntax trees. Pure. Does not belong here: which modules decide what
(training/identity.py, rewards/identity.py, and the assets that name them).

Two sources have the same digest when their syntax trees are equal apart from positions, docstrings and other bare
constants, and `pass`. Empty fields are left out, so that the digest does not depend on the version of Python.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from textwrap import dedent
from typing import Any

PACKAGE = Path(__file__).resolve().parent

_CONSTANTS = (ast.Constant, ast.MatchSingleton)
_MOST_KNOWN = 5_000  # edits leave their digests behind; beyond this many the cache begins anew
_REDUNDANT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})


class CodeDigestError(ValueError):
    """A source cannot be read or parsed; the message names it."""


def digest(paths: Iterable[Path]) -> str:
    """Code version of these Python files, as 16 hex digits; the order in which they are given does not matter.

    A file counts with its place in the project, one outside the project with its name.

    Raises:
        CodeDigestError: a file is absent or is no Python.
    """
    sources = sorted({(_place(path), path) for path in paths})
    whole = hashlib.sha256()
    for place, path in sources:
        try:
            state = path.stat()
            own = _of_file(path, state.st_mtime_ns, state.st_size)
        except (OSError, SyntaxError, ValueError) as error:
            raise CodeDigestError(f"{path} has no code version: {error}") from None
        whole.update(f"{place}\0{own}\n".encode())
    _remember()
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


def normalised(source: str) -> str:
    """What of a source counts, as one text.

    Raises:
        SyntaxError: it is no Python.
    """
    text: list[str] = []
    _write(ast.parse(source), text)
    return "".join(text)


# -- one file --------------------------------------------------------------------------------------


@cache
def _of_file(path: Path, mtime_ns: int, size: int) -> str:
    """A file's own digest, in this process once per state of the file, and else from the cache beside the byte code."""
    data = path.read_bytes()
    key = hashlib.sha256(data).hexdigest()
    known = _known()
    if key not in known:
        collecting = gc.isenabled()
        gc.disable()  # a syntax tree is many small objects, over which the collector would run again and again
        try:
            known[key] = hashlib.sha256(normalised(data.decode("utf-8")).encode("utf-8", "surrogatepass")).hexdigest()
        finally:
            if collecting:
                gc.enable()
        _new.append(key)
    return known[key]


def _place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name


def _write(node: ast.AST, text: list[str]) -> None:
    kind = node.__class__
    text.append(f"({kind.__name__}")
    for name in kind._fields:
        if name in _REDUNDANT:
            continue
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            text.append(f" {name}=")
            _write(value, text)
        elif value.__class__ is list:
            text.append(f" {name}=[")
            for item in value:
                if not isinstance(item, ast.AST):
                    text.append(f"{item!r},")
                elif not _without_effect(item):
                    _write(item, text)
            text.append("]") if text[-1] != f" {name}=[" else text.pop()
        elif value is not None or kind in _CONSTANTS:
            text.append(f" {name}={value!r}")
    text.append(")")


def _without_effect(node: ast.AST) -> bool:
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


# -- the cache beside the byte code ----------------------------------------------------------------

_new: list[str] = []


@cache
def _known() -> dict[str, str]:
    """Digests by the SHA-256 of a file's bytes, from earlier processes with these rules; empty where there are none."""
    try:
        known = json.loads(_cache_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@cache
def _cache_file() -> Path:
    rules = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return Path(cache_from_source(__file__)).with_suffix(f".{rules}.json")


def _remember() -> None:
    """Write what this process had to parse; without a folder to write into, the next process parses anew."""
    if not _new or sys.dont_write_bytecode:
        return
    known = _known() if len(_known()) <= _MOST_KNOWN else {key: _known()[key] for key in _new}
    _new.clear()
    part = _cache_file().with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        part.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(known), "utf-8")
        part.replace(_cache_file())
