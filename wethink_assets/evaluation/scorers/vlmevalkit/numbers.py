"""When VLMEvalKit takes two texts of MathVision for the same number.

Belongs here: the value of a text that is Python arithmetic or plain LaTeX arithmetic. Does not belong here: our own equality
(rewards/verifier.py).

VLMEvalKit evaluates both texts as Python, then parses both as LaTeX and evaluates the result as Python again, so that only
what has a rational or decimal value can be equal: roots, π and letters never are, and "2^3" is Python's exclusive or, 1.
Here the same arithmetic is done on a syntax tree that holds numbers and operators alone.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

TOLERANCE = 1e-6
MAX_CHARS = 400
_MAX_BITS = 4_000
_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_UNARY: dict[type, Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Invert: operator.invert}


class NoNumber(ValueError):
    """The text has no value that could be compared."""


def equal(said: str, gold: str) -> bool:
    """As VLMEvalKit's is_equal: as texts in lower case, else as Python, else as LaTeX."""
    said, gold = said.lower().strip(), gold.lower().strip()
    if said == gold or _close(python_value, said, gold):
        return True
    if gold == "b" or said == "a":  # the names of its own two values, so that each is compared with itself
        return _close(latex_value, *((said, said) if gold == "b" else (gold, gold)))
    return _close(latex_value, said, gold)


def _close(value: Callable[[str], Any], said: str, gold: str) -> bool:
    try:
        return bool(abs(value(gold) - value(said)) < TOLERANCE)
    except (NoNumber, ArithmeticError, ValueError, TypeError, RecursionError):
        return False


def python_value(text: str) -> Any:
    """The value of an arithmetic expression in Python's syntax.

    Raises:
        NoNumber: it is anything else, or too large.
    """
    if len(text) > MAX_CHARS:
        raise NoNumber(text[:40])
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise NoNumber(text) from None
    return _value(tree.body)


def _value(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() | complex() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
            return _UNARY[type(op)](_value(operand))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_value(left), _value(right))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return _BINARY[type(op)](_value(left), _value(right))
    raise NoNumber(type(node).__name__)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, (int, Fraction)) and isinstance(exponent, int):
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        small = size * abs(exponent) <= _MAX_BITS
    else:
        small = True  # decimals overflow with an error of their own
    if not small:
        raise NoNumber("a power too large to write down")
    return base**exponent


_TOKEN = re.compile(
    r"(\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?!\.)|\.\d+)|\\([dt]?frac|times|cdot|div|left|right|boxed|[,;!%()])"
    r"|(\^\{?\\circ\}?)|([-+*/^(){}:%\[\]])"
)
_SILENT = ("\\left", "\\right", "\\,", "\\;", "\\!", "\\(", "\\)")
_SAME = {"\\dfrac": "\\frac", "\\tfrac": "\\frac", "\\times": "*", "\\cdot": "*", "\\div": "/", ":": "/", "\\%": "%", "[": "(", "]": ")"}


def latex_value(text: str) -> Fraction:
    """The value of LaTeX arithmetic: numbers, fractions, products, ratios, powers, percentages and brackets.

    As VLMEvalKit's parser reads them, a number right before a fraction or a bracket is added to it, and powers group
    from the left.

    Raises:
        NoNumber: anything else stands in it.
    """
    if len(text) > MAX_CHARS:
        raise NoNumber(text[:40])
    reader = _Latex(text.strip().strip("$").strip())
    found = reader.sum()
    if reader.tokens:
        raise NoNumber(text)
    return found


class _Latex:
    """A parser by recursive descent; `tokens` holds what is still to read, in reverse."""

    def __init__(self, text: str) -> None:
        found, position = [], 0
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            match = _TOKEN.match(text, position)
            if match is None:
                raise NoNumber(text)
            position = match.end()
            token = match[1] or match[4] or ("\\" + match[2] if match[2] else "")  # degrees are silent
            if token and token not in _SILENT:
                found.append(_SAME.get(token, token))
        self.tokens = found[::-1]

    def _next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def _take(self, wanted: str = "") -> str:
        token = self._next()
        if not token or (wanted and token != wanted):
            raise NoNumber(token)
        return self.tokens.pop()

    def sum(self) -> Fraction:
        total = self._product()
        while self._next() in ("+", "-"):
            total = total + self._product() if self._take() == "+" else total - self._product()
        return total

    def _product(self) -> Fraction:
        total = self._signed()
        while self._next() in ("*", "/"):
            total = total * self._signed() if self._take() == "*" else total / self._signed()
        return total

    def _signed(self) -> Fraction:
        sign = 1
        while self._next() in ("+", "-"):
            sign = -sign if self._take() == "-" else sign
        return sign * self._power()

    def _power(self) -> Fraction:
        base = self._mixed()
        while self._next() == "^":
            self._take()
            exponent = self._group() if self._next() == "{" else self._mixed()
            if exponent.denominator != 1:
                raise NoNumber("a root")
            base = _power(base, int(exponent))
        if self._next() == "%":
            self._take()
            base /= 100
        return base

    def _mixed(self) -> Fraction:
        total = self._atom()
        while self._next() in ("\\frac", "("):
            total += self._atom()
        return total

    def _group(self, begin: str = "{", end: str = "}") -> Fraction:
        self._take(begin)
        found = self.sum()
        self._take(end)
        return found

    def _atom(self) -> Fraction:
        token = self._next()
        if token == "(":
            return self._group("(", ")")
        if token == "\\boxed":
            self._take()
            return self._group()
        if token == "\\frac":
            self._take()
            upper = self._group()
            return upper / self._group()
        if token and (token[0].isdigit() or token[0] == "."):
            return Fraction(self._take().replace(",", ""))
        raise NoNumber(token)
