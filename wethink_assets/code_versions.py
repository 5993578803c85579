"""Code versions of assets (Dagster's `code_version`): what of code and prompts decides an asset's rows.

Belongs here: following imports from the modules that make an asset's rows, and hashing what they reach. Pure.
Does not belong here: hashing a file (code_digest.py), which modules make an asset's rows (each room's assets).

An asset names where its rules begin; modules that these import, at any depth, count with them, and so do its prompt
files. What only shows, guards or stores rows does not. The unit is a module: whoever changes one makes stale what rests
on it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from wethink_assets.accounting import content_id
from wethink_assets.code_digest import PACKAGE, digest
from wethink_assets.prompt_files import prompt

# Rooms and modules that decide no row: configuration is not code, and the rest shows, guards, names or stores.
_NO_RULES = (
    "settings",
    "presentation",
    "lineage",
    "demo/audit",
    "asset_factory.py",
    "code_digest.py",
    "code_versions.py",
    "commit.py",
    "commit_changed.py",
    "extensions.py",
    "gates.py",
    "partitions.py",
    "stage_writes.py",
    "benchmark_sets/cache.py",
    "benchmark_sets/registry.py",
    "evaluation/families/family.py",
    "evaluation/families/registry.py",
    "evaluation/report",
    "synthesis/stage.py",
)
_LEFT_OUT = re.compile(r"#[^\n]*|\\\n")  # comments, which may stand between imported names; lines that go on
_FROM = re.compile(
    r"(?:^|[;:])[ \t]*from (?P<package>wethink_assets[\w.]*) import (?P<names>\([^)]*\)|[^\n;]+)", re.MULTILINE
)
_IMPORT = re.compile(r"(?:^|[;:])[ \t]*import (?P<modules>[^\n;]+)", re.MULTILINE)
# A module that runs in a process of its own is named in a string: by its dotted name, or by its file beside this one.
_STARTED = re.compile(r"""["'](?:(?P<module>wethink_assets(?:\.\w+)+)|(?P<file>\w+\.py))["']""")
_NAME = re.compile(r"([\w.]+)(?:\s+as\s+\w+)?")


def code_version(
    modules: Iterable[str],
    prompts: Iterable[tuple[str, str]] = (),
    also: Iterable[object] = (),
    alone: Iterable[str] = (),
) -> str:
    """Code version of what these modules reach, of prompt files by (room, name), and of what `also` says, as 12 hex
    digits.

    `modules` are dotted names, or names below `wethink_assets` with slashes; a folder's name stands for all its
    modules. A module outside the project counts with its own file. Of the modules in `alone` nothing counts that they
    import.

    Raises:
        CodeDigestError: a file is absent or is no Python.
        PromptError: there is no such prompt.
    """
    files = reached(_files(name) for name in modules).union(*(_files(name) for name in alone))
    versions = [(room, name, prompt(room, name).version) for room, name in prompts]
    return content_id(digest(files), sorted(versions), list(also))[:12]


def reached(roots: Iterable[Iterable[Path]]) -> frozenset[Path]:
    """The files that decide rows, from these on: they and what they import of the project, at any depth."""
    seen: set[Path] = set()
    waiting = [path for files in roots for path in files]
    while waiting:
        path = waiting.pop()
        if path not in seen and not _decides_nothing(path):
            seen.add(path)
            state = path.stat()
            waiting += _imported(path, state.st_mtime_ns)
    return frozenset(seen)


def _files(name: str) -> list[Path]:
    """The files of a module by its dotted name, or by its name below the package."""
    place = name.removeprefix("wethink_assets.").replace(".", "/")
    if (PACKAGE / f"{place}.py").is_file():
        return [PACKAGE / f"{place}.py"]
    if (PACKAGE / place).is_dir():
        return sorted((PACKAGE / place).rglob("*.py"))
    module = sys.modules.get(name)
    return [Path(module.__file__)] if module is not None and module.__file__ else [PACKAGE / f"{place}.py"]


@cache
def _decides_nothing(path: Path) -> bool:
    if not path.is_relative_to(PACKAGE):
        return False
    place = path.relative_to(PACKAGE)
    return any(place.is_relative_to(other) for other in _NO_RULES) or place.stem.endswith(
        ("assets", "_metadata", "gates")
    )


@cache
def _imported(path: Path, mtime_ns: int) -> tuple[Path, ...]:
    """The project's files that a file imports, also inside functions, or starts as a process. `mtime_ns` makes an
    edited file another one.
    """
    text = _LEFT_OUT.sub("", path.read_text("utf-8"))
    files: list[Path] = []
    for statement in _FROM.finditer(text):
        for name in _NAME.findall(statement["names"]) or ["*"]:
            files += _module(f"{statement['package']}.{name}") or _module(statement["package"])
    for statement in _IMPORT.finditer(text):
        for name in _NAME.findall(statement["modules"]):
            files += _module(name)
    for started in _STARTED.finditer(text):
        beside = path.with_name(started["file"] or path.name)
        files += _module(started["module"]) if started["module"] else [beside] * beside.is_file()
    return tuple(dict.fromkeys(files))


def _module(name: str) -> list[Path]:
    """The file of a module of the package; nothing where the name is none."""
    package, *parts = name.split(".")
    place = PACKAGE.joinpath(*parts)
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if package == "wethink_assets" and parts and path.is_file():
            return [path]
    return []
