"""Files that docstrings, comments and pages name: finding the mentions, and the places where one may lie."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import PROJECT_ROOT

SUFFIXES = "py|sql|md|sh|yaml|lock"
# A name with one of the suffixes, or a path below a folder of the repository; `<name>.sql`, `test_*.py` are patterns.
_FILE = re.compile(rf"[\w./<>{{}}*$-]*[\w>}}*]\.(?:{SUFFIXES})\b(?!\.\w)(?!/)")
_FOLDER = re.compile(r"(?<![\w./<>{}*-])(?:wethink_assets|resources|jobs|sql|tests|docs|requirements)/[\w./<>{}*-]*")
# Only where this is found may a comment name one: taking a source apart into tokens costs more than all the rest.
_IN_COMMENT = re.compile(rf"#.*(?:\.(?:{SUFFIXES})\b|(?:wethink_assets|resources|jobs|sql|tests|docs|requirements)/)")
_PATTERN = re.compile(r"[<>{}*$]")
_ATTRIBUTE = re.compile(r"(?:\w+\.)*[A-Z]\w*[a-z]\w*\.md")  # MetadataValue.md is a method


def files() -> list[Path]:
    """The repository's own text: what git tracks or would track."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    suffixes = (".py", ".sql", ".md", ".toml", ".sh", "Makefile", ".txt")
    return [PROJECT_ROOT / n for n in names if n.endswith(suffixes) and (PROJECT_ROOT / n).is_file()]


def prose(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of what is written for people: docstrings, comments where one may name a file, a page's lines."""
    if path.suffix == ".py":
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
                first = node.body[0]
                if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                    lines = str(first.value.value).split("\n")
                    yield from enumerate(lines, first.lineno)
        tokens = tokenize.generate_tokens(io.StringIO(text).readline) if _IN_COMMENT.search(text) else ()
        for token in tokens:
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    else:
        comment = {".sql": "--", ".toml": "#", ".sh": "#"}.get(path.suffix, "")
        for number, line in enumerate(text.split("\n"), 1):
            if comment in line:
                yield number, line[line.index(comment) :]


def mentions(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """(line, name) of every file or folder that the file's prose names."""
    for number, line in prose(path, text):
        for found in {*_FILE.findall(line), *(m.rstrip(".") for m in _FOLDER.findall(line))}:
            if (
                not _PATTERN.search(found)
                and not _ATTRIBUTE.fullmatch(found)
                and "://" not in line[: line.find(found) + 1]
            ):
                yield number, found


def exists(name: str, path: Path) -> bool:
    """Whether `name`, as `path` mentions it, is there: beside it, in a folder above it, in its room, or from a root."""
    bases = [parent for parent in path.parents if parent.is_relative_to(PROJECT_ROOT)]
    bases += [PROJECT_ROOT / root for root in ("wethink_assets", "resources", "tests", "docs")]
    relative = path.relative_to(PROJECT_ROOT)
    if relative.parts[0] in ("tests", "sql"):  # the room that they belong to
        room = Path(*relative.parts[1:-1])
        bases += [
            PROJECT_ROOT / root / part for root in ("wethink_assets", "resources", "") for part in (room, *room.parents)
        ]
    # A kind of file that every room has: "(the rooms' assets.py)", and what pages say of all of them.
    return name == "assets.py" or any((base / name).exists() for base in bases)
