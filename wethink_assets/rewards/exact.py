"""Exact arithmetic for the numbers that answers are made of: no floats, no eval, bounded work.

Belongs here: parsing `2\\sqrt{3}`, `1/2^99`, `\\frac{3\\pi}{4}`, `1e6` into an exact value. Does not belong
here: units, words, or anything with a variable or a function (those go to math-verify).

A value is a sum of terms c·√n·π^k with rational c and square-free n. Those terms are linearly
independent over the rationals, so two values are equal exactly when their terms are.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from math import factorial as _factorial
from math import isqrt, pi, sqrt

Value = tuple[tuple[tuple[int, int], Fraction], ...]

MAX_CHARS = 300
MAX_BITS = 20_000
MAX_TERMS = 16
MAX_RADICAND = 10**8
MAX_EXPONENT = 4_096
MAX_FACTORIAL = 1_000
_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3}(?![\d.]))?)|(?P<word>\\[A-Za-z]+|[A-Za-z]+)|(?P<sign>\*\*|\\.|\S))"
)
_WORDS = {
    "\\frac": "frac",
    "\\dfrac": "frac",
    "\\tfrac": "frac",
    "\\cfrac": "frac",
    "\\sqrt": "sqrt",
    "sqrt": "sqrt",
    "\\pi": "pi",
    "pi": "pi",
    "\\cdot": "*",
    "\\times": "*",
    "x": "x",
    "\\div": "/",
    "\\ast": "*",
    "\\left": "",
    "\\right": "",
    "\\displaystyle": "",
    "\\quad": "",
    "\\big": "",
    "\\Big": "",
    "\\binom": "binom",
    "\\dbinom": "binom",
    "\\tbinom": "binom",
}
_SIGNS = {"**": "^", "√": "sqrt", "π": "pi", "[": "[", "]": "]", "\\,": "", "\\;": "", "\\!": "", "\\ ": "", "\\:": ""}


class NotExactError(ValueError):
    """The text is no plain number of this kind, or too large to work out."""


def rational(value: Value) -> Fraction | None:
    """The value as a fraction, or None where a root or π stays."""
    if not value:
        return Fraction(0)
    if len(value) == 1 and value[0][0] == (1, 0):
        return value[0][1]
    return None


def approximate(value: Value) -> float:
    """The value as a float; raises OverflowError where it does not fit."""
    return sum(float(c) * sqrt(n) * pi**k for (n, k), c in value)


def of(number: Fraction | int) -> Value:
    number = Fraction(number)
    return (((1, 0), number),) if number else ()


def scaled(value: Value, factor: Fraction) -> Value:
    return tuple((key, c * factor) for key, c in value) if factor else ()


def _make(terms: dict[tuple[int, int], Fraction]) -> Value:
    value = tuple(sorted((key, c) for key, c in terms.items() if c))
    if len(value) > MAX_TERMS:
        raise NotExactError("too many terms")
    for _, c in value:
        _bounded(c)
    return value


def _bounded(c: Fraction) -> None:
    if c.numerator.bit_length() > MAX_BITS or c.denominator.bit_length() > MAX_BITS:
        raise NotExactError("too large")


def add(a: Value, b: Value, sign: int = 1) -> Value:
    terms = dict(a)
    for key, c in b:
        terms[key] = terms.get(key, Fraction(0)) + sign * c
    return _make(terms)


def multiply(a: Value, b: Value) -> Value:
    terms: dict[tuple[int, int], Fraction] = {}
    for (n, k), c in a:
        for (m, j), d in b:
            outside, inside = _square_free(n * m)
            key = (inside, k + j)
            terms[key] = terms.get(key, Fraction(0)) + c * d * outside
    return _make(terms)


def divide(a: Value, b: Value) -> Value:
    if not b:
        raise NotExactError("division by zero")
    if len(b) > 1:
        raise NotExactError("division by a sum")
    (n, k), c = b[0]
    return multiply(a, _make({(n, -k): Fraction(1) / (c * n)}))


def power(base: Value, exponent: Value) -> Value:
    e = rational(exponent)
    if e is None:
        raise NotExactError("irrational exponent")
    if e.denominator == 2 and abs(e.numerator) == 1:
        root = square_root(base)
        return root if e > 0 else divide(of(1), root)
    if e.denominator != 1 or abs(e.numerator) > MAX_EXPONENT:
        raise NotExactError("exponent too large or fractional")
    count = int(e)
    bits = max((max(c.numerator.bit_length(), c.denominator.bit_length()) for _, c in base), default=1)
    if bits * abs(count) > MAX_BITS or (len(base) > 1 and abs(count) > 8):
        raise NotExactError("too large")
    if count == 0 and not base:
        raise NotExactError("0^0")
    if (whole := rational(base)) is not None:
        if not whole and count < 0:
            raise NotExactError("division by zero")
        return of(whole**count)
    result = of(1)
    for _ in range(abs(count) if abs(count) <= 64 else _refuse()):
        result = multiply(result, base)
    return result if count >= 0 else divide(of(1), result)


def factorial(value: Value) -> Value:
    """n! of a whole number that is small enough to be written out."""
    number = rational(value)
    if number is None or number.denominator != 1 or not 0 <= number <= MAX_FACTORIAL:
        raise NotExactError("factorial of no small whole number")
    return of(_factorial(int(number)))


def _refuse() -> int:
    raise NotExactError("exponent too large")


def square_root(value: Value) -> Value:
    number = rational(value)
    if number is None or number < 0:
        raise NotExactError("root of no plain positive number")
    if not number:
        return ()
    # √(p/q) = √(p·q)/q
    outside, inside = _square_free(number.numerator * number.denominator)
    return _make({(inside, 0): Fraction(outside, number.denominator)})


@lru_cache(maxsize=4096)
def _square_free(n: int) -> tuple[int, int]:
    """n = outside²·inside with square-free inside."""
    if n == 1:
        return 1, 1
    root = isqrt(n)
    if root * root == n:
        return root, 1
    if n > MAX_RADICAND:
        raise NotExactError("radicand too large")
    outside, inside, p = 1, n, 2
    while p * p <= inside:
        while inside % (p * p) == 0:
            inside //= p * p
            outside *= p
        p += 1
    return outside, inside


@lru_cache(maxsize=8192)
def parse(text: str) -> Value:
    """The exact value of a numeric text.

    Raises:
        NotExactError: there is a variable or a function in it, it is malformed, or working it out would be unbounded.
    """
    if len(text) > MAX_CHARS:
        raise NotExactError("too long")
    parser = _Parser(_tokens(text))
    value = parser.sum(0)
    if parser.peek() is not None:
        raise NotExactError(f"unexpected {parser.peek()!r}")
    return value


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise NotExactError("no token")
        position = match.end()
        if match["number"]:
            tokens.append(match["number"])
            continue
        if match["word"]:
            if match["word"] not in _WORDS:
                raise NotExactError(f"unknown {match['word']}")
            symbol = _WORDS[match["word"]]
        else:
            symbol = _SIGNS.get(match["sign"], match["sign"])
        if symbol:
            tokens.append(symbol)
    if not tokens:
        raise NotExactError("empty")
    return tokens


class _Parser:
    """Recursive descent; depth is bounded, so hostile nesting is refused and never overflows the stack."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self, ahead: int = 0) -> str | None:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else None

    def take(self, expected: str | None = None) -> str:
        symbol = self.peek()
        if symbol is None or (expected is not None and symbol != expected):
            raise NotExactError(f"expected {expected}, found {symbol}")
        self.at += 1
        return symbol

    def sum(self, depth: int) -> Value:
        if depth > 30:
            raise NotExactError("too deep")
        value = self.product(depth)
        while self.peek() in ("+", "-"):
            sign = 1 if self.take() == "+" else -1
            value = add(value, self.product(depth), sign)
        return value

    def product(self, depth: int) -> Value:
        value = self.signed(depth)
        while True:
            symbol = self.peek()
            if symbol in ("*", "x"):
                self.take()
                value = multiply(value, self.signed(depth))
            elif symbol == "/":
                self.take()
                value = divide(value, self.signed(depth))
            elif symbol in ("(", "{", "frac", "sqrt", "pi", "binom") or (
                symbol and symbol[0].isdecimal() and self.after_closing()
            ):
                value = multiply(value, self.raised(depth))
            else:
                return value

    def after_closing(self) -> bool:
        return self.tokens[self.at - 1] in (")", "}", "pi")

    def signed(self, depth: int) -> Value:
        sign = 1
        while self.peek() in ("+", "-"):
            sign *= 1 if self.take() == "+" else -1
        value = self.raised(depth)
        return value if sign > 0 else scaled(value, Fraction(-1))

    def raised(self, depth: int) -> Value:
        if depth > 30:
            raise NotExactError("too deep")
        base = self.base(depth)
        if self.peek() == "!":
            self.take()
            base = factorial(base)
        if self.peek() != "^":
            return base
        self.take()
        sign = 1
        if self.peek() == "-":
            self.take()
            sign = -1
        exponent = self.raised(depth + 1)
        return power(base, scaled(exponent, Fraction(sign)))

    def base(self, depth: int) -> Value:
        symbol = self.take()
        if symbol[0].isdecimal() or (symbol[0] == "." and len(symbol) > 1):
            value = of(_decimal(symbol))
            # 2\frac{1}{2} is a mixed number when the fraction is a proper one of plain numbers
            if self.peek() == "frac" and symbol.isdecimal():
                self.take()
                fraction = self.fraction(depth)
                plain = rational(fraction)
                proper = plain is not None and 0 < plain < 1
                return add(value, fraction) if proper else multiply(value, fraction)
            return value
        if symbol in ("(", "{"):
            value = self.sum(depth + 1)
            self.take(")" if symbol == "(" else "}")
            return value
        if symbol == "pi":
            return (((1, 1), Fraction(1)),)
        if symbol == "sqrt":
            return square_root(self.group(depth))
        if symbol == "frac":
            return self.fraction(depth)
        if symbol == "binom":
            above, below = self.group(depth), self.group(depth)
            return divide(factorial(above), multiply(factorial(below), factorial(add(above, below, -1))))
        raise NotExactError(f"unexpected {symbol}")

    def fraction(self, depth: int) -> Value:
        above = self.group(depth)
        return divide(above, self.group(depth))

    def group(self, depth: int) -> Value:
        """{…}, (…), or one plain token: \\frac12 and √3 are common."""
        symbol = self.peek()
        if symbol in ("{", "("):
            return self.base(depth + 1)
        if symbol and symbol.isdecimal():
            # \frac12: one digit each
            if self.tokens[self.at - 1] == "frac" and len(symbol) == 2:
                self.tokens[self.at : self.at + 1] = [symbol[0], symbol[1]]
            return of(int(self.take()))
        return self.base(depth + 1)


@lru_cache(maxsize=8192)
def _decimal(symbol: str) -> Fraction:
    if len(symbol) > 250:
        raise NotExactError("too long")
    return Fraction(symbol)
