"""Work of every regular expression of three rooms on hostile texts: it must grow with their length, not its square.

Run as a process of its own, under a limit of CPU time: `python -m tests.rewards.pattern_work` prints what it
measures, so that a pattern that never ends is the last one named. Exit status 1, with one line each, where work grows
faster than the text.

Patterns are found in the source: objects made by `re.compile`, also in containers, and texts given to `re.search` and
its kind. A pattern that cannot be reached that way is an error.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from re import _parser as parser  # the standard library's own reading of a pattern
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "wethink_assets/rewards",
    "wethink_assets/row_filters",
    "wethink_assets/evaluation/scorers",
    "wethink_assets/evaluation/families",
)
LENGTHS, FACTOR = (60, 600), 4
WORST_RATIO = 9.0  # linear work takes 4 times as long for 4 times the text, work by the square 16 times
FLOOR_S = 0.002  # below it a time is noise, and a square would be far above it
CPU_LIMIT_S = 240
SEARCHING = {"search", "sub", "subn", "split", "findall", "finditer"}
UNITS = (
    " ",
    "\t",
    "  a",
    "1",
    "12,",
    "1,234",
    ",",
    ".",
    "..",
    "-",
    "--",
    "\\",
    "\\\\",
    "{",
    "}",
    "{}",
    "\\{",
    "(",
    "()",
    "[",
    "$",
    "$a",
    "=",
    "a=",
    ":",
    "a",
    "a ",
    "ab ",
    "A",
    "A B ",
    "A,",
    "and ",
    " and",
    "or ",
    "not ",
    "is ",
    "the ",
    "<",
    "<b>",
    "</",
    "<think>",
    "\\boxed{",
    "\\frac",
    "\\text{",
    "\\sqrt",
    "^",
    "^{",
    "%",
    "°",
    "±",
    "√",
    "π",
    "∞",
    "/",
    "1/",
    "e1",
    "1e",
    "x",
    "x+",
    "|",
    "|a",
    "'",
    '"',
    "`",
    "*",
    "**",
    "_",
    "~",
    "的",
    "不是",
    "答案",
    "一",
    "百",
    "\n",
    "\u3000",
)


def modules() -> Iterator[tuple[str, Path]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def patterns() -> dict[str, tuple[re.Pattern[str], set[str]]]:
    """All patterns by where they stand, each with the methods that the rooms call.

    Raises AssertionError where one is not reached.
    """
    places: dict[str, tuple[re.Pattern[str], set[str]]] = {}
    everywhere = methods(path for _, path in modules())
    for name, path in modules():
        module = importlib.import_module(name)
        here = methods([path])
        objects = {id(p): (key, p) for key, value in vars(module).items() for p in _within(value)}
        compiled = 0
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "re"
            ):
                continue
            if node.func.attr == "compile":
                compiled += 1
            elif node.func.attr in SEARCHING | {"match", "fullmatch"}:
                places[f"{name}:{node.lineno}:{node.col_offset}"] = (_inline(node, module), {node.func.attr})
        imported = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        own = {key: p for key, p in objects.values() if key not in imported}
        assert len({id(p) for k, p in objects.values() if k not in imported}) >= compiled, (
            f"{name} compiles {compiled} patterns, {len(own)} are reached: make them names of the module"
        )
        counted: dict[str, int] = {}
        for key, p in objects.values():
            if key not in imported and isinstance(p.pattern, str):
                counted[key] = counted.get(key, 0) + 1
                place = f"{name}.{key}" + (f"[{counted[key]}]" if counted[key] > 1 else "")
                used = here if key.startswith("_") else everywhere
                places[place] = (p, used.get(key) or {"finditer", "fullmatch"})
    return places


def methods(paths: Iterable[Path]) -> dict[str, set[str]]:
    """The methods that are called on a name in these files; nothing of a name that only stands in a container."""
    methods: dict[str, set[str]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in SEARCHING | {"match", "fullmatch"}:
                name = (
                    node.value.id
                    if isinstance(node.value, ast.Name)
                    else node.value.attr
                    if isinstance(node.value, ast.Attribute)
                    else ""
                )
                methods.setdefault(name, set()).add(node.attr)
    return methods


def _within(value: Any, depth: int = 0) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and type(value) in (list, tuple, set, frozenset, dict):
        for inner in list(value.values()) if isinstance(value, dict) else list(value):
            yield from _within(inner, depth + 1)


class _Names(dict[str, Any]):
    """A module's names.

    What only a call knows, such as the gold in a pattern built around it, stands as a short text.
    """

    def __missing__(self, name: str) -> Any:
        return vars(builtins).get(name, "a b")


def _inline(node: ast.Call, module: Any) -> re.Pattern[str]:
    names = _Names(vars(module))

    def value(of: ast.expr) -> Any:
        return eval(compile(ast.Expression(of), "", "eval"), {}, names)  # noqa: S307 - our own source

    text = value(node.args[0])
    if isinstance(text, re.Pattern):
        return text
    given = [*node.args[2:], *(k.value for k in node.keywords if k.arg == "flags")]
    flags = [v for v in map(value, given) if isinstance(v, re.RegexFlag)]
    return re.compile(text, flags[0] if flags else 0)


def samples(pattern: re.Pattern[str], limit: int = 12) -> list[str]:
    """A few short texts that (nearly) match, one a branch of the pattern's first alternatives."""
    parsed = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    return list(dict.fromkeys(_said(parsed, turn) for turn in range(limit)))


def _said(items: Any, turn: int) -> str:
    pieces = []
    for op, value in items:
        name = str(op)
        if name == "LITERAL":
            pieces.append(chr(value))
        elif name == "NOT_LITERAL":
            pieces.append("a" if value != ord("a") else "b")
        elif name == "ANY":
            pieces.append("a")
        elif name == "IN":
            pieces.append(_member(value, turn))
        elif name == "BRANCH":
            branches = value[1]
            pieces.append(_said(branches[turn % len(branches)], turn // len(branches) if len(branches) > 1 else turn))
        elif name == "SUBPATTERN":
            pieces.append(_said(value[3], turn))
        elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            low, _, inner = value
            pieces.append(_said(inner, turn) * max(low, 1 if turn % 2 == 0 or low else 0))
        elif name == "ATOMIC_GROUP":
            pieces.append(_said(value, turn))
    return "".join(pieces)


def _member(items: Any, turn: int) -> str:
    choices = []
    negated = False
    for op, value in items:
        name = str(op)
        if name == "NEGATE":
            negated = True
        elif name == "LITERAL":
            choices.append(chr(value))
        elif name == "RANGE":
            choices.append(chr(value[0]))
        elif name == "CATEGORY":
            choices.append(
                {"CATEGORY_DIGIT": "1", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a", "CATEGORY_NOT_SPACE": "a"}.get(
                    str(value), "-"
                )
            )
    if negated:
        return next(c for c in "a1 -~" if c not in choices)
    return choices[turn % len(choices)] if choices else "a"


def hostile(pattern: re.Pattern[str]) -> list[tuple[str, str, str]]:
    """(head, unit, tail): unit is repeated. Common floods, near matches, and near matches with one place pumped."""
    texts = [("", unit, "") for unit in UNITS] + [("a", unit, "\x00") for unit in UNITS[:30]]
    for text in samples(pattern):
        text = text[:60]
        texts += [
            ("", text, ""),
            ("", text, "\x00"),
            ("", text[:-1], "\x00"),
            ("", text[1:], "\x00"),
            ("", text + " ", "\x00"),
        ]
        texts += [(text[:i], text[i], "\x00") for i in range(min(len(text), 16))]
        texts += [(text[:i], text[i : i + 2], "\x00") for i in range(min(len(text) - 1, 8))]
    return [m for m in dict.fromkeys(texts) if m[1]]


def _step(clock: Callable[[], float]) -> float:
    """The least time that a clock can tell, of a few of its steps."""
    least = 1.0
    for _ in range(5):
        started = now = clock()
        while now == started:
            now = clock()
        least = min(least, now - started)
    return least


# This thread's CPU time, to which other processes add nothing; wall time where a machine's CPU clock is too coarse.
CLOCK: Callable[[], float] = time.thread_time if _step(time.thread_time) < FLOOR_S / 40 else time.perf_counter


def seconds(pattern: re.Pattern[str], used: set[str], text: str) -> float:
    """Time of the pattern on the text, asked as the rooms ask it."""
    started = CLOCK()
    if used & SEARCHING:
        for _ in pattern.finditer(text):
            pass
    if "match" in used:
        pattern.match(text)
    if "fullmatch" in used:
        pattern.fullmatch(text)
    return CLOCK() - started


def text_of(parts: tuple[str, str, str], length: int) -> str:
    head, unit, tail = parts
    return head + unit * (length // len(unit)) + tail


def growth(pattern: re.Pattern[str], used: set[str], parts: tuple[str, str, str]) -> float:
    """Time for 4 times the text over time for the text; 0 where it is too short to tell. The least of several.

    What a pattern with a bounded repetition takes grows faster up to the bound, and a busy machine adds to short times:
    so the longest text decides, unless shorter ones show the cube of a length, which would take minutes.
    """
    found = 0.0
    for length in LENGTHS:
        if seconds(pattern, used, text_of(parts, length * FACTOR)) < FLOOR_S:
            continue
        # The least of several of each: what else the machine does only adds to a time.
        short = long = float("inf")
        for attempt in range(40):
            short = min(short, *(seconds(pattern, used, text_of(parts, length)) for _ in range(2)))
            long = min(long, seconds(pattern, used, text_of(parts, length * FACTOR)))
            if long < WORST_RATIO * max(short, 1e-6):
                found = 0.0
                break
            if attempt >= 6 and long > 4 * WORST_RATIO * short:
                return long / max(short, 1e-6)  # the cube: no other process adds that much
        else:
            found = long / max(short, 1e-6)
    return found


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_S, CPU_LIMIT_S))
    places = patterns()
    print(f"{len(places)} patterns", flush=True)  # noqa: T201 - a program
    bad = 0
    for name, (pattern, used) in places.items():
        print(name, sorted(used), flush=True)  # noqa: T201
        for parts in hostile(pattern):
            # Again before it is called so: a full machine stretches single measurements, a square stays one.
            ratio = next((r for _ in range(3) if (r := growth(pattern, used, parts)) < WORST_RATIO), WORST_RATIO)
            if ratio >= WORST_RATIO:
                print(  # noqa: T201
                    f"SUPER-LINEAR {name}: {FACTOR} times the text takes over {ratio:.0f} times as long: {parts!r}",
                    flush=True,
                )
                bad += 1
                break
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
