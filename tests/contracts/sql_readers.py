"""Who reads which SQL statement, and which of its columns: a data flow over the syntax trees of the project's modules.

Belongs here: finding calls that name a statement, the parameters that they give, and the keys that are taken of its
rows within the same function. Rows that go on into another function are not followed: there the row types hold
(wethink_assets/synthesis/rows.py).
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.lake.sql_files import SQL_DIR
from tests.conftest import PROJECT_ROOT
from tests.contracts.import_graph import PACKAGES

GIVE_BATCH = {"scope", "at"}  # what gates and stages read through gives the batch itself: `Scope`, `StageRun`
READING = {"rows", "read", "windows", "_rows", "_run"}  # methods that run a statement by its name
NOT_PARAMETERS = {"size"}  # of a window
SAME_ROWS = {"list", "sorted", "reversed", "tuple", "enumerate"}


def statements() -> list[str]:
    """Names of all statement files: room/file, without the tables."""
    paths = (p.relative_to(SQL_DIR) for p in sorted(SQL_DIR.rglob("*.sql")))
    return [p.with_suffix("").as_posix() for p in paths if p.parts[0] != "tables"]


@dataclass(frozen=True)
class Use:
    """A place that names a statement. `keys` of the call are None where they cannot be told (`**values`)."""

    statement: str
    place: str
    parameters: frozenset[str] | None


@dataclass(frozen=True)
class Taken:
    """A place that takes a column of a statement's row."""

    statement: str
    place: str
    column: str


class _Flow(ast.NodeVisitor):
    """Names of one function that hold rows ("rows", statement) or a row ("row", statement)."""

    def __init__(self, path: str, known: frozenset[str], room: str) -> None:
        self.path, self.known, self.room = path, known, room
        self.names: dict[str, tuple[str, str] | None] = {}
        self.uses: list[Use] = []
        self.taken: list[Taken] = []

    def _statement(self, node: ast.expr | None) -> str | None:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        return next((n for n in (node.value, f"{self.room}/{node.value}") if n in self.known), None)

    def _source(self, node: ast.expr) -> tuple[str, str] | None:
        match node:
            case ast.Name(id=name):
                return self.names.get(name)
            case ast.Call(func=ast.Attribute(attr=method), args=[first, *_]) if method in READING:
                name = self._statement(first)
                return name and ("windows" if method == "windows" else "rows", name)
            case ast.Call(func=ast.Attribute(value=value, attr="only")):
                held = self._source(value)
                return held if held and held[0] == "windows" else None
            case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in SAME_ROWS and name != "enumerate":
                return self._source(first)
            case ast.IfExp(body=body, orelse=other):
                return self._source(body) or self._source(other)
            case ast.BoolOp(values=[first, *_]):
                return self._source(first)
            case ast.NamedExpr(value=value):
                return self._source(value)
            case ast.Subscript(value=value, slice=index):
                held = self._source(value)
                by_name = isinstance(index, ast.Constant) and isinstance(index.value, str)
                if held is None or held[0] != "rows" or by_name:
                    return None
                return held if isinstance(index, ast.Slice) else ("row", held[1])
        return None

    def _bind(self, target: ast.expr, held: tuple[str, str] | None) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = held
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._bind(part, None)

    def _iterate(self, target: ast.expr, iterable: ast.expr) -> None:
        match iterable, target:
            case ast.Call(func=ast.Name(id="enumerate"), args=[rows, *_]), ast.Tuple(elts=[count, row]):
                self._bind(count, None)
                self._iterate(row, rows)
                return
        held = self._source(iterable)
        inner = {"windows": "rows", "rows": "row"}.get(held[0]) if held else None
        self._bind(target, (inner, held[1]) if held and inner else None)

    def visit_Call(self, node: ast.Call) -> None:
        if isinstance(node.func, ast.Attribute) and node.args:
            method, name = node.func.attr, self._statement(node.args[0])
            if method in READING and name:
                given = frozenset(k.arg or "**" for k in node.keywords) - NOT_PARAMETERS
                receiver = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                if (receiver in GIVE_BATCH and method != "windows") or (
                    receiver == "self" and self.path == "wethink_assets/gates.py"
                ):
                    given |= {"batch"}
                self.uses.append(Use(name, f"{self.path}:{node.lineno}", None if "**" in given else given))
            elif method == "get":
                self._take(node.func.value, node.args[0], node.lineno)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self._take(node.value, node.slice, node.lineno)
        self.generic_visit(node)

    def _take(self, row: ast.expr, key: ast.expr, line: int) -> None:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and (held := self._source(row)):
            self.taken.append(Taken(held[1], f"{self.path}:{line}", key.value))

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, self._source(node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._bind(node.target, self._source(node.value))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        self._bind(node.target, self._source(node.value))

    def visit_With(self, node: ast.With) -> None:
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self._bind(item.optional_vars, self._source(item.context_expr))
        for child in node.body:
            self.visit(child)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._iterate(node.target, node.iter)
        for child in [*node.body, *node.orelse]:
            self.visit(child)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        before = dict(self.names)
        for generator in node.generators:
            self.visit(generator.iter)
            self._iterate(generator.target, generator.iter)
            for condition in generator.ifs:
                self.visit(condition)
        for part in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
            self.visit(part)
        self.names = before

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((PROJECT_ROOT / package).rglob("*.py")):
            yield path.relative_to(PROJECT_ROOT), ast.parse(path.read_text("utf-8"))


def reading(path: str, tree: ast.Module, known: frozenset[str]) -> tuple[list[Use], list[Taken]]:
    """Uses and taken columns of one module, function by function."""
    parts = Path(path).parts
    room = "archives" if parts[:2] == ("resources", "storage") else parts[1] if len(parts) > 2 else ""
    uses: list[Use] = []
    taken: list[Taken] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            flow = _Flow(path, known, room)
            for child in node.body:
                flow.visit(child)
            uses += flow.uses
            taken += flow.taken
    return uses, taken


@functools.cache
def project() -> tuple[tuple[Use, ...], tuple[Taken, ...]]:
    known = frozenset(statements())
    found = [reading(path.as_posix(), tree, known) for path, tree in modules()]
    return tuple(u for uses, _ in found for u in uses), tuple(t for _, taken in found for t in taken)


@functools.cache
def named() -> frozenset[str]:
    """Every text in the code that may name a statement, alone or below its room's folder."""
    texts = {n.value for _, tree in modules() for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    return frozenset(t for t in texts if isinstance(t, str) and len(t) < 80)
