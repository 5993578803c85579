"""Numeric equality in MathVision: when VLMEvalKit takes two texts for the same number.

Belongs here: the value of a text that is Python arithmetic or plain LaTeX arithmetic. Does not belong here: our own
equality (rewards/verifier.py).

VLMEvalKit evaluates both texts as Python, then parses both as LaTeX and evaluates the result as Python again, so that
only what has a rational or decimal value can be equal: roots, π and letters never are, and "2^3" is Python's exclusive
or, 1. Here the same arithmetic is done on a syntax tree that holds numbers and operators alone. Against its own code
with sets, calls and nested commands in the texts, 1–2 of 100 pairs of texts differ that were made to find such.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
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
_UNARY: dict[type, Callable[[Any], Any]] = {
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
_COMPARE: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_AROUND = re.compile(r"\\(?:left|right|text|mathrm|[()$])|[(){}$'\"+]|\^\{?\\circ\}?")
_NAMES = re.compile(r"(\d*)([ab]+)")


class NoNumberError(ValueError):
    """The text has no value that could be compared."""


def equal(answer: str, gold: str) -> bool:
    """VLMEvalKit's is_equal: equal as texts in lower case, else as Python, else as LaTeX."""
    answer, gold = answer.lower().strip(), gold.lower().strip()
    if answer == gold or _close(python_value, answer, gold):
        return True
    answer, gold = _bare(answer), _bare(gold)
    if answer == gold in ("a", "b"):
        return True
    if answer == "a" and _close(python_value, gold, gold):
        return True
    if gold == "b" or answer == "a":  # the names of its own two values, so that each is compared with itself
        other = answer if gold == "b" else gold
        return "%" not in other and _close(
            latex_value, other, other
        )  # a percentage stays a product, which is never compared
    if names := _NAMES.fullmatch("".join(answer.split())):
        return _close(latex_value, _named(names, gold), gold)
    return _close(latex_value, answer, gold)


def _bare(text: str) -> str:
    """A text without its box; a letter without anything around it."""
    try:
        text = boxed(text)
    except NoNumberError:
        return text
    letter = _AROUND.sub("", text).strip()
    return letter if letter in ("a", "b") else text


def _named(names: re.Match[str], gold: str) -> str:
    """A product of the names of its own two values, of which `a` is the gold.

    With `b` in it, it is a number only where it is zero.
    """
    product = "*".join([f"({names[1] or 1})", *[f"({gold})"] * names[2].count("a")])
    return product if "b" not in names[2] or _close(latex_value, product, "0") else ""


def _close(value: Callable[[str], Any], answer: str, gold: str) -> bool:
    try:
        return bool(abs(value(gold) - value(answer)) < TOLERANCE)
    except (NoNumberError, ArithmeticError, ValueError, TypeError, RecursionError):
        return False


def python_value(text: str) -> Any:
    """The value of an arithmetic expression in Python's syntax.

    Raises:
        NoNumberError: it is anything else, or too large.
    """
    if len(text) > MAX_CHARS:
        raise NoNumberError(text[:40])
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise NoNumberError(text) from None
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
        case ast.BoolOp(op=op, values=[first, *others]):  # "3 or 4" is 3
            operand = _value(first)
            for part in others:
                if bool(operand) is isinstance(op, ast.Or):
                    break
                operand = _value(part)
            return operand
        case ast.Compare(left=left, ops=ops, comparators=parts) if all(type(op) in _COMPARE for op in ops):
            sides = [_value(part) for part in (left, *parts)]
            return all(_COMPARE[type(op)](*pair) for op, pair in zip(ops, pairwise(sides), strict=True))
    raise NoNumberError(type(node).__name__)


def _power(base: Any, exponent: Any) -> Any:
    if isinstance(base, (int, Fraction)) and isinstance(exponent, int):
        size = max(base.numerator.bit_length(), base.denominator.bit_length())
        small = size * abs(exponent) <= _MAX_BITS
    else:
        small = True  # decimals overflow with an error of their own
    if not small:
        raise NoNumberError("a power too large to write down")
    return base**exponent


_TOKEN = re.compile(
    r"(\d+(?:,\d{3})+(?:\.\d+)?|\d+\.\d+|\d+(?!\.)|\.\d+)|\\([dt]?frac|times|cdot|div|left|right|text|mathrm|[,;!%()])"
    r"|(\^\{?\\circ\}?|(?<=\d)_\d+|\\?\$|['\"])|([-+*/^(){}:%\[\]])"
)
_SILENT = ("\\left", "\\right", "\\,", "\\;", "\\!", "\\(", "\\)")
MOST_BOXES = 16  # in one another
_BOX = re.compile(r"\\f?box(?:ed)?\s*\{")
_SAME = {
    "\\mathrm": "\\text",
    "\\dfrac": "\\frac",
    "\\tfrac": "\\frac",
    "\\times": "*",
    "\\cdot": "*",
    "\\div": "/",
    ":": "/",
    "\\%": "%",
    "[": "(",
    "]": ")",
}


def latex_value(text: str) -> Fraction:
    """The value of LaTeX arithmetic: numbers, fractions, products, ratios, powers, percentages and brackets.

    As VLMEvalKit's parser reads them, of a text with one box the box alone counts, a number right before a number, a
    fraction or a bracket is added to it, powers group from the left, and quotation marks and indices are nothing.

    Raises:
        NoNumberError: anything else stands in it.
    """
    text = boxed(text)
    if len(text) > MAX_CHARS:
        raise NoNumberError(text[:40])
    reader = _Latex(text.strip().replace("−", "-").replace("×", "*").replace("÷", "/"))
    value = reader.sum()
    if reader.tokens:
        raise NoNumberError(text)
    return value


def boxed(text: str) -> str:
    """What stands in the text's boxes: one content where all are equal, the text where there are none.

    Raises:
        NoNumberError: several contents, which are a set, a box that does not end, or boxes nested too deep.
    """
    for _ in range(MOST_BOXES):
        contents = _contents(text)
        if len(set(contents)) > 1:
            raise NoNumberError("several boxes")
        if not contents or contents[0] == text:
            return text
        text = contents[0]
    raise NoNumberError("boxes in boxes")


def _contents(text: str) -> list[str]:
    contents: list[str] = []
    end = 0
    while begin := _BOX.search(text, end):
        depth, end = 1, begin.end()
        while end < len(text) and depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        contents.append(text[begin.end() : end - 1].strip() if not depth else "{")
    return contents


class _Latex:
    """A parser by recursive descent; `tokens` holds what is still to read, in reverse."""

    def __init__(self, text: str) -> None:
        symbols, position = [], 0
        while position < len(text):
            if text[position].isspace():
                position += 1
                continue
            match = _TOKEN.match(text, position)
            if match is None:
                raise NoNumberError(text)
            position = match.end()
            token = (
                match[1] or match[4] or ("\\" + match[2] if match[2] else "")
            )  # degrees, indices and marks are silent
            if token and token not in _SILENT:
                symbols.append(_SAME.get(token, token))
        self.tokens = symbols[::-1]

    def _next(self) -> str:
        return self.tokens[-1] if self.tokens else ""

    def _take(self, expected: str = "") -> str:
        token = self._next()
        if not token or (expected and token != expected):
            raise NoNumberError(token)
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
                raise NoNumberError("a root")
            base = _power(base, int(exponent))
        if self._next() == "%":
            self._take()
            base /= 100
        return base

    def _mixed(self) -> Fraction:
        total = self._atom()
        while (token := self._next()) in ("\\frac", "(") or token[:1].isdigit():
            total += self._atom()
        return total

    def _group(self, begin: str = "{", end: str = "}") -> Fraction:
        self._take(begin)
        value = self.sum()
        self._take(end)
        return value

    def _atom(self) -> Fraction:
        symbol = self._next()
        if symbol == "(":
            return self._group("(", ")")
        if symbol == "\\text":
            self._take()
            return self._group()
        if symbol == "\\frac":
            self._take()
            upper = self._group()
            return upper / self._group()
        if symbol and (symbol[0].isdigit() or symbol[0] == "."):
            return Fraction(self._take().replace(",", ""))
        raise NoNumberError(symbol)
