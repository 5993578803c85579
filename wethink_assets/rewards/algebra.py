"""Whether two expressions or equations are the same, where that can be decided exactly and at once.

Belongs here: rational functions of variables, with roots, logarithms and functions as further unknowns. Does not belong
here: plain numbers (exact.py), and everything that is not read without doubt: that goes to math-verify (math_pool.py).

`same` answers None rather than guess. Equal is said only of identical rational functions, in which √2 or sin(2x)
stand as unknowns of their own: an identity in unknowns holds for their values. Different is said of rational
functions of variables alone that differ (exact), and of others whose values differ at a point by far more than
rounding. Two linear equations are the same when one is a multiple of the other; of other equations only multiples are
decided.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from wethink_assets.rewards.expressions import Tree, UnsureError, names_in, read
from wethink_assets.rewards.polynomials import MAX_DEGREE, Quotient, constant, minus, plus, times

_CONSTANTS = {"pi": math.pi}


def same(first: str, second: str) -> bool | None:
    """Whether two LaTeX texts are the same expression or equation; None where that is not decided here."""
    try:
        left, right = read(first), read(second)
        if left[0] != right[0]:
            return None
        return _same_equation(left[1], right[1]) if left[0] == "=" else _same_value(left[1], right[1])
    except (UnsureError, OverflowError, ZeroDivisionError, RecursionError):
        return None


# -- exactly -------------------------------------------------------------------------------------


def _same_value(left: Tree, right: Tree) -> bool | None:
    a, b = _quotient(left), _quotient(right)
    if not minus(times(a[0], b[1]), times(b[0], a[1])):
        return True
    if names_in(left) | names_in(right) <= _variables(left, right) and not (_has_unknowns(a) or _has_unknowns(b)):
        return False
    return _differ_somewhere(left, right)


def _same_equation(left: Tree, right: Tree) -> bool | None:
    """Each side is a difference that is 0.

    A denominator would change where the equation holds, so there may be none.
    """
    a, b = _quotient(left), _quotient(right)
    for side in (a, b):
        if set(side[1]) != {()} or not side[0] or set(side[0]) == {()}:
            raise UnsureError
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
        return constant(tree[1]), constant(Fraction(1))
    if kind == "name":
        return {((tree[1], 1),): Fraction(1)}, constant(Fraction(1))
    if kind in ("+", "-"):
        a, b = _quotient(tree[1]), _quotient(tree[2])
        join = plus if kind == "+" else minus
        return join(times(a[0], b[1]), times(b[0], a[1])), times(a[1], b[1])
    if kind == "*":
        a, b = _quotient(tree[1]), _quotient(tree[2])
        return times(a[0], b[0]), times(a[1], b[1])
    if kind == "/":
        a, b = _quotient(tree[1]), _quotient(tree[2])
        if not b[0]:
            raise UnsureError
        return times(a[0], b[1]), times(a[1], b[0])
    if kind == "^":
        return _raised(_quotient(tree[1]), tree[2])
    if kind == "root":
        return _root(tree)
    if kind == "log" and len(tree) == 3 and (whole := _whole_logarithm(tree)) is not None:
        return constant(whole), constant(Fraction(1))
    return {((_atom(tree), 1),): Fraction(1)}, constant(Fraction(1))


def _raised(base: Quotient, exponent: Tree) -> Quotient:
    power = _number(exponent)
    if power is None or power.denominator != 1 or abs(power) > MAX_DEGREE:
        raise UnsureError
    if power < 0:
        if not base[0]:
            raise UnsureError
        base = base[1], base[0]
    elif not power and not base[0]:
        raise UnsureError
    raised = constant(Fraction(1)), constant(Fraction(1))
    for _ in range(abs(int(power))):
        raised = times(raised[0], base[0]), times(raised[1], base[1])
    return raised


def _root(tree: Tree) -> Quotient:
    index, value = _number(tree[1]), _number(tree[2])
    if index is None or index.denominator != 1 or not 2 <= index <= 9:
        raise UnsureError
    if value is not None and value >= 0:
        root = round(float(value) ** (1 / int(index))) if value.denominator == 1 and value < 2**50 else None
        if root is not None and root ** int(index) == value:
            return constant(Fraction(root)), constant(Fraction(1))
    return {((_atom(tree), 1),): Fraction(1)}, constant(Fraction(1))


def _whole_logarithm(tree: Tree) -> Fraction | None:
    base, value = _number(tree[1]), _number(tree[2])
    if (
        base is None
        or value is None
        or base.denominator != 1
        or value.denominator != 1
        or not 2 <= base <= 1_000
        or not 1 <= value < 2**200
    ):
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
    """One name for a root or function of one argument.

    Its parts are in lowest writing, so that sin(2x) and sin(x+x) are one.
    """
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
    return {name for tree in trees for name in names_in(tree) if name not in _CONSTANTS}


# -- by values -----------------------------------------------------------------------------------

_STEPS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "^": lambda a, b: a**b,
    "root": lambda n, a: a ** (1 / n),
    "log": lambda base, a: math.log(a) / math.log(base),
}


def _differ_somewhere(left: Tree, right: Tree) -> bool | None:
    """False (they are not the same) where values differ beyond doubt at each reading of a bare log, else None."""
    names = sorted(_variables(left, right))
    for ten in (False, True):
        differ = False
        for shift in (0, 1, 2):
            point = {name: (1.3 + 0.7 * i + 0.45 * shift) / (1.1 + 0.3 * shift) for i, name in enumerate(names)}
            try:
                a, b = (_value(tree, point, ten) for tree in (left, right))
            except (ValueError, TypeError):
                continue
            differ = differ or (math.isfinite(a) and math.isfinite(b) and abs(a - b) > 1e-6 * max(abs(a), abs(b), 1e-3))
        if not differ:
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
    value = _STEPS[kind](_value(tree[1], point, ten), _value(tree[2], point, ten))
    if isinstance(value, complex):
        raise ValueError("no real value")
    return value
