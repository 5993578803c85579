"""Code versions of assets (Dagster's `code_version`): what of code and prompts decides an asset's rows.

Belongs here: following imports from the modules that make an asset's rows, and hashing what they reach. Pure.
Does not belong here: hashing a file (code_digest.py), which modules make an asset's rows (each room's assets).

An asset names where its rules begin; modules that these import, at any depth, count with them, and so do its prompt
files. What only shows, guards, stores or moves rows does not. The unit is a module: whoever changes one makes stale
what rests on it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from wethink_assets.accounting import content_id
from wethink_assets.code_digest import PACKAGE, CodeDigestError, digest
from wethink_assets.code_sources import read_source
from wethink_assets.prompt_files import prompt

# Rooms and modules that decide no row: configuration is not code, and the rest shows, guards, names, stores or moves.
_NO_RULES = (
    "wethink_assets/settings/",
    "wethink_assets/presentation/",
    "wethink_assets/lineage/",
    "wethink_assets/demo/audit/",
    "wethink_assets/asset_factory.py",
    "wethink_assets/code_digest.py",
    "wethink_assets/code_sources.py",
    "wethink_assets/code_versions.py",
    "wethink_assets/commit.py",
    "wethink_assets/commit_changed.py",
    "wethink_assets/extensions.py",
    "wethink_assets/gates.py",
    "wethink_assets/memoisation.py",
    "wethink_assets/partitions.py",
    "wethink_assets/stage_writes.py",
    "wethink_assets/written_rows.py",
    "wethink_assets/benchmark_sets/cache.py",
    "wethink_assets/benchmark_sets/registry.py",
    "wethink_assets/evaluation/families/family.py",
    "wethink_assets/evaluation/families/registry.py",
    "wethink_assets/evaluation/report/",
    "wethink_assets/synthesis/stage.py",
)
# Of `resources`, what says which files a tree has, which image an id is, what a model is sent and how a reply is read.
# All else there moves bytes or keeps them: the lake, the ledger, folders and buckets, HTTP, budgets, processes.
_RULES_OF_RESOURCES = (
    "resources/image_files.py",
    *(f"resources/storage/{name}.py" for name in ("archives", "names", "tree")),
    *(
        f"resources/calls/{name}.py"
        for name in (
            "dispatcher",
            "forms",
            "images",
            "messages",
            "replies",
            "schema_check",
            "structured",
            "thinking",
            "usage",
            "wire",
        )
    ),
)
# What stands between a request and the reply that pure modules read: they get calls and pictures handed in.
ASKING = ("resources.calls.dispatcher",)
SHOWING = ("wethink_assets.picture_files",)


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
    """The files that decide rows, from these on: they and what they import of the project, at any depth.

    Raises:
        CodeDigestError: a file is absent or is no Python.
    """
    seen: set[Path] = set()
    waiting = [path for files in roots for path in files]
    while waiting:
        path = waiting.pop()
        if path not in seen and not _decides_nothing(PACKAGE, path):
            seen.add(path)
            try:
                waiting += _named(PACKAGE, path, read_source(path).names)
            except (OSError, SyntaxError, ValueError) as error:
                raise CodeDigestError(f"{path} has no code version: {error}") from None
    return frozenset(seen)


def _files(name: str) -> list[Path]:
    """The files of a module by its dotted name, or by its name below the package."""
    dotted = name.replace("/", ".")
    if not dotted.startswith(("wethink_assets.", "resources.")):
        dotted = f"wethink_assets.{dotted}"
    place = PACKAGE.parent.joinpath(*dotted.split("."))
    if place.with_suffix(".py").is_file():
        return [place.with_suffix(".py")]
    if place.is_dir():
        return sorted(place.rglob("*.py"))
    module = sys.modules.get(name)
    return [Path(module.__file__)] if module is not None and module.__file__ else [place.with_suffix(".py")]


@cache
def _decides_nothing(package: Path, path: Path) -> bool:
    if not path.is_relative_to(package.parent):
        return False
    place = path.relative_to(package.parent).as_posix()
    if place.startswith("resources/"):
        return place not in _RULES_OF_RESOURCES
    return place.startswith(_NO_RULES) or (
        place.startswith("wethink_assets/") and path.stem.endswith(("assets", "_metadata", "gates"))
    )


@cache
def _named(package: Path, path: Path, names: tuple[str, ...]) -> tuple[Path, ...]:
    """The project's files that a source names."""
    found = (_beside(path, name) if name.endswith(".py") else _module(package, name) for name in names)
    return tuple(dict.fromkeys(file for file in found if file is not None))


def _beside(path: Path, name: str) -> Path | None:
    other = path.with_name(name)
    return other if other.is_file() else None


@cache
def _module(package: Path, name: str) -> Path | None:
    """The file of a module, or of the one that the name stands in; None where it is none of the project."""
    place = f"{package.parent}/{name.replace('.', '/')}"
    files = [f"{place}.py", f"{place}/__init__.py"]
    if name.count(".") > 1:
        above = place.rpartition("/")[0]
        files += [f"{above}.py", f"{above}/__init__.py"]
    return next((Path(file) for file in files if os.path.isfile(file)), None)  # noqa: PTH113 - a third of the time
