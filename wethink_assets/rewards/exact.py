"""Exact numbers from their writings: `2\\sqrt{3}`, `1/2^99`, `\\frac{3\\pi}{4}`, `1e6`.

Belongs here: tokens and grammar, no floats, no eval, bounded work. Does not belong here: arithmetic (surds.py),
units, words, or anything with a variable or a function (those go to math-verify).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from wethink_assets.rewards.surds import (
    NotExactError,
    Value,
    add,
    divide,
    factorial,
    multiply,
    of,
    power,
    rational,
    scaled,
    square_root,
)

MAX_CHARS = 300
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
