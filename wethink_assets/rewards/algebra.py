"""Whether two expressions or equations are the same, where that can be decided exactly and at once.

Belongs here: rational functions of variables, with roots, logarithms and functions as further unknowns. Does not belong
here: plain numbers (exact.py), and everything that is not read without doubt: that goes to math-verify (math_pool.py).

`same` answers None rather than guess. Equal is said only of identical rational functions, in which √2 or sin(2x) stand as
unknowns of their own: an identity in unknowns holds for their values. Different is said of rational functions of variables
alone that differ (exact), and of others whose values differ at a point by far more than rounding. Two linear equations are the same
when one is a multiple of the other; of other equations only multiples are decided.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

MAX_CHARS = 200
MAX_TERMS = 64
MAX_DEGREE = 24
MAX_BITS = 2_000
MAX_DEPTH = 12

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]
Quotient = tuple[Polynomial, Polynomial]
Tree = tuple[Any, ...]

_TOKEN = re.compile(r"\s*(?:(\d+(?:\.\d+)?)|(\\[A-Za-z]+)|([A-Za-z]+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]{1,8}\}))?)|([-+*/^(){}\[\]=!_]))")
_SKIPPED = {"\\left", "\\right", "\\displaystyle"}
_PRODUCTS = {"\\cdot", "\\times"}
_FRACTIONS = {"\\frac", "\\dfrac", "\\tfrac"}
_FUNCTIONS = {"\\sin", "\\cos", "\\tan", "\\ln", "\\log"}
_GREEK = {f"\\{name}" for name in "alpha beta gamma delta theta lambda mu phi omega rho sigma tau".split()}
_PRODUCT = re.compile(r"[abcxyzmnpqk]{2,3}")
_UNITS = {"cm", "km", "am", "pm"}
# Letters that stand for a constant or an operator as often as for a variable.
_AMBIGUOUS = frozenset("eEiIjdDO")
_CONSTANTS = {"pi": math.pi}


class Unsure(ValueError):
    """The text has more than one reading, is no expression of this kind, or is too large."""


def same(first: str, second: str) -> bool | None:
    """Whether two LaTeX texts are the same expression or equation; None where that is not decided here."""
    try:
        left, right = _read(first), _read(second)
        if left[0] != right[0]:
            return None
        return _same_equation(left[1], right[1]) if left[0] == "=" else _same_value(left[1], right[1])
    except (Unsure, OverflowError, ZeroDivisionError, RecursionError):
        return None


@lru_cache(maxsize=4_096)
def _read(text: str) -> tuple[str, Tree]:
    """("=", left - right) of an equation, ("", tree) of an expression. Raises Unsure."""
    tokens = _tokens(text)
    if tokens.count("=") > 1:
        raise Unsure
    if "=" not in tokens:
        return "", _Parser(tokens).whole()
    at = tokens.index("=")
    return "=", ("-", _Parser(tokens[:at]).whole(), _Parser(tokens[at + 1 :]).whole())


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_CHARS:
        raise Unsure
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unsure
        position = match.end()
        token = match[1] or match[2] or match[3] or match[4]
        if match[3] and _PRODUCT.fullmatch(token) and len(set(token)) == len(token) and token not in _UNITS:
            tokens += token  # ab is a times b
            continue
        if match[3] and (len(token.partition("_")[0]) > 1 or token[0] in _AMBIGUOUS):
            raise Unsure  # a word, a unit, or a product of letters
        if token not in _SKIPPED:
            tokens.append("*" if token in _PRODUCTS else token)
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Tree:
        tree = self.sum(0)
        if self.at < len(self.tokens):
            raise Unsure
        return tree

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise Unsure
        self.at += 1
        return token

    def sum(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise Unsure
        tree = self.signed(depth)
        while self.peek() in ("+", "-"):
            tree = (self.take(), tree, self.product(depth))
        return tree

    def signed(self, depth: int) -> Tree:
        if self.peek() == "-":
            self.take()
            return ("-", ("number", Fraction(0)), self.product(depth))
        return self.product(depth)

    def product(self, depth: int) -> Tree:
        tree, divided = self.power(depth), False
        while True:
            token = self.peek()
            if token in ("*", "/"):
                self.take()
                tree, divided = (token, tree, self.power(depth)), divided or token == "/"
            elif token and (token[0].isalnum() or token in ("(",) or token.startswith("\\")):
                if divided or token[0].isdigit():
                    raise Unsure  # 1/2x, and "2 3" or x3
                factor = self.power(depth)
                if tree[0] == "number" and token in _FRACTIONS and not _names(factor):
                    raise Unsure  # a mixed number or a product
                tree = ("*", tree, factor)
            else:
                return tree

    def power(self, depth: int) -> Tree:
        base = self.base(depth)
        if self.peek() == "!":
            raise Unsure
        if self.peek() != "^":
            return base
        self.take()
        if self.peek() == "{":
            exponent = self.group(depth + 1)
        else:
            exponent = ("number", Fraction(self.digit()))
        if self.peek() == "^":
            raise Unsure
        return ("^", base, exponent)

    def base(self, depth: int) -> Tree:
        token = self.take()
        if token[0].isdigit():
            return ("number", Fraction(token))
        if token == "(":
            self.at -= 1
            return self.group(depth + 1)
        if token in _FRACTIONS:
            return ("/", self.group(depth + 1), self.group(depth + 1))
        if token == "\\sqrt":
            index: Tree = ("number", Fraction(2))
            if self.peek() == "[":
                self.take()
                index = ("number", Fraction(self.digit()))
                self.take("]")
            return ("root", index, self.group(depth + 1))
        if token in _FUNCTIONS:
            return self.function(token, depth)
        if token == "\\pi":
            return ("name", "pi")
        if token in _GREEK or token[0].isalpha():
            if self.peek() == "(" and (token not in ("x", "y", "z") or self.tokens[self.at + 2 : self.at + 3] == [")"]):
                raise Unsure  # f(x) is no product
            return ("name", token.replace("{", "").replace("}", ""))  # x_{1} is x_1
        raise Unsure

    def function(self, name: str, depth: int) -> Tree:
        base = None
        if name == "\\log" and self.peek() == "_":
            self.take()
            base = self.group(depth + 1) if self.peek() == "{" else ("number", Fraction(self.digit()))
        if self.peek() in ("(", "{"):
            inner = self.group(depth + 1)
        else:
            token = self.take()
            if not token[0].isalnum() and token not in _GREEK:
                raise Unsure
            inner = ("number", Fraction(token)) if token[0].isdigit() else ("name", token)
            if self.peek() and self.peek() not in ("+", "-", "=", ")", "}"):
                raise Unsure  # sin 2x, sin x cos x
        if self.peek() in ("^", "("):
            raise Unsure
        return ("log", base, inner) if base is not None else (name[1:], inner)

    def digit(self) -> str:
        """A number without braces: of more digits, LaTeX takes the first and people all, as in x^23."""
        token = self.take()
        if not (token.isdigit() and len(token) == 1):
            raise Unsure
        return token

    def group(self, depth: int) -> Tree:
        opening = self.take()
        if opening not in ("(", "{"):
            raise Unsure
        tree = self.sum(depth)
        self.take(")" if opening == "(" else "}")
        return tree


# -- exactly -------------------------------------------------------------------------------------


def _same_value(left: Tree, right: Tree) -> bool | None:
    a, b = _quotient(left), _quotient(right)
    if not _minus(_times(a[0], b[1]), _times(b[0], a[1])):
        return True
    if _names(left) | _names(right) <= _variables(left, right) and not (_has_unknowns(a) or _has_unknowns(b)):
        return False
    return _differ_somewhere(left, right)


def _same_equation(left: Tree, right: Tree) -> bool | None:
    """Each side is a difference that is 0. A denominator would change where the equation holds, so there may be none."""
    a, b = _quotient(left), _quotient(right)
    for side in (a, b):
        if set(side[1]) != {()} or not side[0] or set(side[0]) == {()}:
            raise Unsure
    p, q = ({m: c / side[1][()] for m, c in side[0].items()} for side in (a, b))
    monomial = min(p)
    if monomial in q:
        factor = q[monomial] / p[monomial]
        if {m: c * factor for m, c in p.items()} == q:
            return True
    linear = all(sum(power for _, power in m) <= 1 for m in (*p, *q))
    return False if linear and not (_has_unknowns(a) or _has_unknowns(b)) else None


def _quotient(tree: Tree) -> Quotient:
    kind = tree[0]
    if kind == "number":
        return _constant(tree[1]), _constant(Fraction(1))
    if kind == "name":
        return {((tree[1], 1),): Fraction(1)}, _constant(Fraction(1))
    if kind in ("+", "-"):
        a, b = _quotient(tree[1]), _quotient(tree[2])
        join = _plus if kind == "+" else _minus
        return join(_times(a[0], b[1]), _times(b[0], a[1])), _times(a[1], b[1])
    if kind == "*":
        a, b = _quotient(tree[1]), _quotient(tree[2])
        return _times(a[0], b[0]), _times(a[1], b[1])
    if kind == "/":
        a, b = _quotient(tree[1]), _quotient(tree[2])
        if not b[0]:
            raise Unsure
        return _times(a[0], b[1]), _times(a[1], b[0])
    if kind == "^":
        return _raised(_quotient(tree[1]), tree[2])
    if kind == "root":
        return _root(tree)
    if kind == "log" and (whole := _whole_logarithm(tree)) is not None:
        return _constant(whole), _constant(Fraction(1))
    return {((_atom(tree), 1),): Fraction(1)}, _constant(Fraction(1))


def _raised(base: Quotient, exponent: Tree) -> Quotient:
    power = _number(exponent)
    if power is None or power.denominator != 1 or abs(power) > MAX_DEGREE:
        raise Unsure
    if power < 0:
        if not base[0]:
            raise Unsure
        base = base[1], base[0]
    elif not power and not base[0]:
        raise Unsure
    made = _constant(Fraction(1)), _constant(Fraction(1))
    for _ in range(abs(int(power))):
        made = _times(made[0], base[0]), _times(made[1], base[1])
    return made


def _root(tree: Tree) -> Quotient:
    index, value = _number(tree[1]), _number(tree[2])
    if index is None or index.denominator != 1 or not 2 <= index <= 9:
        raise Unsure
    if value is not None and value >= 0:
        root = round(float(value) ** (1 / int(index))) if value.denominator == 1 and value < 2**50 else None
        if root is not None and root ** int(index) == value:
            return _constant(Fraction(root)), _constant(Fraction(1))
    return {((_atom(tree), 1),): Fraction(1)}, _constant(Fraction(1))


def _whole_logarithm(tree: Tree) -> Fraction | None:
    base, value = _number(tree[1]), _number(tree[2])
    if base is None or value is None or base.denominator != 1 or value.denominator != 1 or not 2 <= base <= 1_000 or not 1 <= value < 2**200:
        return None
    power = round(math.log(value) / math.log(base))
    return Fraction(power) if base**power == value else None


def _number(tree: Tree) -> Fraction | None:
    """The rational number that a tree is, if it is one."""
    above, below = _quotient(tree)
    if set(above) <= {()} and set(below) == {()}:
        return above.get((), Fraction(0)) / below[()]
    return None


def _atom(tree: Tree) -> str:
    """One name for a root or function of one argument: its parts in lowest writing, so that sin(2x) and sin(x+x) are one."""
    parts = []
    for part in tree[1:]:
        above, below = _quotient(part)
        lead = below[max(below)]
        parts.append(str([sorted((m, c / lead) for m, c in side.items()) for side in (above, below)]))
    return f"{tree[0]}({';'.join(parts)})"


def _has_unknowns(quotient: Quotient) -> bool:
    """Whether something other than a variable is in it: a root, a function, π."""
    return any("(" in name or name in _CONSTANTS for side in quotient for monomial in side for name, _ in monomial)


def _variables(*trees: Tree) -> set[str]:
    return {name for tree in trees for name in _names(tree) if name not in _CONSTANTS}


def _names(tree: Any) -> set[str]:
    if not isinstance(tree, tuple):
        return set()
    return {tree[1]} if tree[0] == "name" else set().union(*map(_names, tree[1:]))


def _constant(value: Fraction) -> Polynomial:
    return {(): value} if value else {}


def _plus(a: Polynomial, b: Polynomial, sign: int = 1) -> Polynomial:
    made = dict(a)
    for monomial, c in b.items():
        made[monomial] = made.get(monomial, Fraction(0)) + sign * c
    return _bounded({m: c for m, c in made.items() if c})


def _minus(a: Polynomial, b: Polynomial) -> Polynomial:
    return _plus(a, b, -1)


def _times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MAX_TERMS * MAX_TERMS // 4:
        raise Unsure
    made: Polynomial = {}
    for m, c in a.items():
        for n, d in b.items():
            powers = dict(m)
            for name, power in n:
                powers[name] = powers.get(name, 0) + power
            key = tuple(sorted(powers.items()))
            made[key] = made.get(key, Fraction(0)) + c * d
    return _bounded({m: c for m, c in made.items() if c})


def _bounded(polynomial: Polynomial) -> Polynomial:
    large = any(c.numerator.bit_length() > MAX_BITS or c.denominator.bit_length() > MAX_BITS for c in polynomial.values())
    if large or len(polynomial) > MAX_TERMS or any(sum(p for _, p in m) > MAX_DEGREE for m in polynomial):
        raise Unsure
    return polynomial


# -- by values -----------------------------------------------------------------------------------

_STEPS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "^": lambda a, b: a**b,
    "root": lambda n, a: a ** (1 / n), "log": lambda base, a: math.log(a) / math.log(base),
}  # fmt: skip


def _differ_somewhere(left: Tree, right: Tree) -> bool | None:
    """False (they are not the same) where values differ beyond doubt at each reading of a bare log, else None."""
    names = sorted(_variables(left, right))
    for ten in (False, True):
        found = False
        for shift in (0, 1, 2):
            point = {name: (1.3 + 0.7 * i + 0.45 * shift) / (1.1 + 0.3 * shift) for i, name in enumerate(names)}
            try:
                a, b = (_value(tree, point, ten) for tree in (left, right))
            except (ValueError, TypeError):
                continue
            found = found or (math.isfinite(a) and math.isfinite(b) and abs(a - b) > 1e-6 * max(abs(a), abs(b), 1e-3))
        if not found:
            return None
    return False


def _value(tree: Tree, point: dict[str, float], ten: bool) -> float:
    kind = tree[0]
    if kind == "number":
        return float(tree[1])
    if kind == "name":
        return _CONSTANTS[tree[1]] if tree[1] in _CONSTANTS else point[tree[1]]
    if kind == "log" and len(tree) == 2:
        value = _value(tree[1], point, ten)
        return math.log10(value) if ten else math.log(value)
    if kind in ("sin", "cos", "tan"):
        return getattr(math, kind)(_value(tree[1], point, ten))
    if kind == "ln":
        return math.log(_value(tree[1], point, ten))
    made = _STEPS[kind](_value(tree[1], point, ten), _value(tree[2], point, ten))
    if isinstance(made, complex):
        raise ValueError("no real value")
    return made
