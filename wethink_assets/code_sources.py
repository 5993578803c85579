"""What one Python source says: a digest of its syntax tree, and the modules of the project that it names.

Belongs here: reading a source, and what earlier processes read, remembered beside the byte code. Pure.
Does not belong here: digests of several sources (code_digest.py), which of them decide an asset's rows
(code_versions.py).

Two sources have the same digest when their syntax trees are equal apart from positions, docstrings and other bare
constants, and `pass`. Empty fields are left out, so that the digest does not depend on the version of Python.
"""

from __future__ import annotations

import ast
import gc
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import cache_from_source
from pathlib import Path
from typing import NamedTuple

_CONSTANTS = (ast.Constant, ast.MatchSingleton)
_MOST_KNOWN = 5_000  # edits leave what was read of them behind; beyond this many the cache begins anew
_REDUNDANT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_OURS = re.compile(r"(wethink_assets|resources)(\.\w+)*")
# A module that runs in a process of its own is named in a string: by its dotted name, or by its file beside this one.
_STARTED = re.compile(r"(wethink_assets|resources)(\.\w+)+|\w+\.py")


class Source(NamedTuple):
    """A source's digest, as 64 hex digits, and what it names of the project: dotted names, and files beside it."""

    digest: str
    names: tuple[str, ...]


def read_source(path: Path) -> Source:
    """What a source says, in this process once per state of the file, and else from the cache beside the byte code.

    Raises:
        OSError: the file cannot be read.
        SyntaxError: it is no Python.
        ValueError: it is no text, or holds a NUL.
    """
    state = path.stat()
    return _read(path, state.st_mtime_ns, state.st_size)


def normalised(source: str) -> str:
    """What of a source counts, as one text.

    Raises:
        SyntaxError: it is no Python.
    """
    return _normalised(ast.parse(source))


def names_in(tree: ast.AST) -> Iterator[str]:
    """Modules of the project that a syntax tree imports, also inside functions, or starts as processes.

    `from a import b` gives `a.b`, whether `b` is a module or stands in `a`. What only type checkers import is left out.
    """
    for node in _without_type_checking(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module and _OURS.fullmatch(node.module):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _OURS.fullmatch(alias.name))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _STARTED.fullmatch(node.value):
            yield node.value


def remember() -> None:
    """Write down what this process had to parse; without a folder to write into, the next process parses anew."""
    if not _new or sys.dont_write_bytecode:
        return
    known = _known() if len(_known()) <= _MOST_KNOWN else {key: _known()[key] for key in _new}
    _new.clear()
    part = _cache_file().with_suffix(f".{os.getpid()}.part")
    with suppress(OSError):
        part.parent.mkdir(exist_ok=True)
        part.write_text(json.dumps(known), "utf-8")
        part.replace(_cache_file())


# -- the syntax tree -------------------------------------------------------------------------------


def _normalised(tree: ast.AST) -> str:
    text: list[str] = []
    _write(tree, text)
    return "".join(text)


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


def _without_type_checking(tree: ast.AST) -> Iterator[ast.AST]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in (
            getattr(node.test, "id", None),
            getattr(node.test, "attr", None),
        ):
            waiting += node.orelse
        else:
            waiting += ast.iter_child_nodes(node)


# -- the cache beside the byte code ----------------------------------------------------------------

_new: list[str] = []


@cache
def _read(path: Path, mtime_ns: int, size: int) -> Source:
    data = path.read_bytes()
    key = hashlib.sha256(data).hexdigest()
    known = _known()
    if key not in known:
        collecting = gc.isenabled()
        gc.disable()  # a syntax tree is many small objects, over which the collector would run again and again
        try:
            tree = ast.parse(data.decode("utf-8"))
            does = hashlib.sha256(_normalised(tree).encode("utf-8", "surrogatepass")).hexdigest()
            known[key] = [does, *dict.fromkeys(names_in(tree))]
        finally:
            if collecting:
                gc.enable()
        _new.append(key)
    does, *names = known[key]
    return Source(does, tuple(names))


@cache
def _known() -> dict[str, list[str]]:
    """Digest and names by the SHA-256 of a file's bytes, from earlier processes with these rules; empty where there are
    none.
    """
    try:
        known = json.loads(_cache_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


@cache
def _cache_file() -> Path:
    rules = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    return Path(cache_from_source(__file__)).with_suffix(f".{rules}.json")
