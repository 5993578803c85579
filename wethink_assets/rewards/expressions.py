"""Reading an expression or equation of LaTeX into a tree, where it has one reading only.

Belongs here: tokens, the parser, the tree. Does not belong here: what a tree is equal to (algebra.py).

A tree is ("number", Fraction), ("name", text), or an operation and its parts: + - * / ^, ("root", index, of), ("log",
base, of), and a function's name with its argument.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

from wethink_assets.rewards.unit_names import lookup

MAX_CHARS = 200
MAX_DEPTH = 12

Tree = tuple[Any, ...]

_TOKEN = re.compile(
    r"\s*(?:(\d+(?:\.\d+)?)|(\\[A-Za-z]+)|([A-Za-z]+(?:_(?:[A-Za-z0-9]|\{[A-Za-z0-9]{1,8}\}))?)|([-+*/^(){}\[\]=!_]))"
)
_SKIPPED = {"\\left", "\\right", "\\displaystyle"}
_PRODUCTS = {"\\cdot", "\\times"}
_FRACTIONS = {"\\frac", "\\dfrac", "\\tfrac"}
_FUNCTIONS = {"\\sin", "\\cos", "\\tan", "\\ln", "\\log"}
_GREEK = {f"\\{name}" for name in "alpha beta gamma delta theta lambda mu phi omega rho sigma tau".split()}
_PRODUCT = re.compile(r"[abcghkmnpqrstuvwxyzABCFGHKLMNPQRSTUVWXYZ]{2,3}")
_UNITS = {"am", "pm"}
# Letters that stand for a constant or an operator as often as for a variable.
_AMBIGUOUS = frozenset("eEiIjdDO")


class UnsureError(ValueError):
    """The text has more than one reading, is no expression of this kind, or is too large."""


@lru_cache(maxsize=4_096)
def read(text: str) -> tuple[str, Tree]:
    """("=", left - right) of an equation, ("", tree) of an expression. Raises UnsureError."""
    tokens = _tokens(text)
    if tokens.count("=") > 1:
        raise UnsureError
    if "=" not in tokens:
        return "", _Parser(tokens).whole()
    at = tokens.index("=")
    return "=", ("-", _Parser(tokens[:at]).whole(), _Parser(tokens[at + 1 :]).whole())


def _tokens(text: str) -> list[str]:
    if len(text) > MAX_CHARS:
        raise UnsureError
    tokens, position, text = [], 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise UnsureError
        position = match.end()
        symbol = match[1] or match[2] or match[3] or match[4]
        if (
            match[3]
            and _PRODUCT.fullmatch(symbol)
            and len(set(symbol)) == len(symbol)
            and symbol not in _UNITS
            and lookup(symbol) is None
        ):
            tokens += symbol  # ab is a times b
            continue
        if match[3] and (len(symbol.partition("_")[0]) > 1 or symbol[0] in _AMBIGUOUS):
            raise UnsureError  # a word, a unit, or a product of letters
        if symbol not in _SKIPPED:
            tokens.append("*" if symbol in _PRODUCTS else symbol)
    return tokens


class _Parser:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def whole(self) -> Tree:
        tree = self.sum(0)
        if self.at < len(self.tokens):
            raise UnsureError
        return tree

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        symbol = self.peek()
        if not symbol or (expected and symbol != expected):
            raise UnsureError
        self.at += 1
        return symbol

    def sum(self, depth: int) -> Tree:
        if depth > MAX_DEPTH:
            raise UnsureError
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
            symbol = self.peek()
            if symbol in ("*", "/"):
                self.take()
                tree, divided = (symbol, tree, self.power(depth)), divided or symbol == "/"
            elif symbol and (symbol[0].isalnum() or symbol in ("(",) or symbol.startswith("\\")):
                if divided or symbol[0].isdigit():
                    raise UnsureError  # 1/2x, and "2 3" or x3
                factor = self.power(depth)
                if tree[0] == "number" and symbol in _FRACTIONS and not names_in(factor):
                    raise UnsureError  # a mixed number or a product
                tree = ("*", tree, factor)
            else:
                return tree

    def power(self, depth: int) -> Tree:
        base = self.base(depth)
        if self.peek() == "!":
            raise UnsureError
        if self.peek() != "^":
            return base
        self.take()
        exponent = self.group(depth + 1) if self.peek() == "{" else ("number", Fraction(self.digit()))
        if self.peek() == "^":
            raise UnsureError
        return ("^", base, exponent)

    def base(self, depth: int) -> Tree:
        symbol = self.take()
        if symbol[0].isdigit():
            return ("number", Fraction(symbol))
        if symbol == "(":
            self.at -= 1
            return self.group(depth + 1)
        if symbol in _FRACTIONS:
            return ("/", self.group(depth + 1), self.group(depth + 1))
        if symbol == "\\sqrt":
            index: Tree = ("number", Fraction(2))
            if self.peek() == "[":
                self.take()
                index = ("number", Fraction(self.digit()))
                self.take("]")
            return ("root", index, self.group(depth + 1))
        if symbol in _FUNCTIONS:
            return self.function(symbol, depth)
        if symbol == "\\pi":
            return ("name", "pi")
        if symbol in _GREEK or symbol[0].isalpha():
            if self.peek() == "(" and (self.tokens[self.at + 2 : self.at + 3] == [")"] or not self.is_variable(symbol)):
                raise UnsureError  # f(x) is no product
            return ("name", symbol.replace("{", "").replace("}", ""))  # x_{1} is x_1
        raise UnsureError

    def is_variable(self, name: str) -> bool:
        """Whether a name before a bracket is a factor: x, y, z, and what stands elsewhere without one: r in r(r+h)."""
        alone = any(a == name and b != "(" for a, b in zip(self.tokens, [*self.tokens[1:], ""], strict=True))
        return name in ("x", "y", "z") or (alone and name not in ("f", "g"))

    def function(self, name: str, depth: int) -> Tree:
        base = None
        if name == "\\log" and self.peek() == "_":
            self.take()
            base = self.group(depth + 1) if self.peek() == "{" else ("number", Fraction(self.digit()))
        if self.peek() in ("(", "{"):
            inner = self.group(depth + 1)
        else:
            symbol = self.take()
            if not symbol[0].isalnum() and symbol not in _GREEK:
                raise UnsureError
            inner = ("number", Fraction(symbol)) if symbol[0].isdigit() else ("name", symbol)
            if self.peek() and self.peek() not in ("+", "-", "=", ")", "}"):
                raise UnsureError  # sin 2x, sin x cos x
        if self.peek() in ("^", "("):
            raise UnsureError
        return ("log", base, inner) if base is not None else (name[1:], inner)

    def digit(self) -> str:
        """A number without braces: of more digits, LaTeX takes the first and people all, as in x^23."""
        symbol = self.take()
        if not (symbol.isdigit() and len(symbol) == 1):
            raise UnsureError
        return symbol

    def group(self, depth: int) -> Tree:
        opening = self.take()
        if opening not in ("(", "{"):
            raise UnsureError
        tree = self.sum(depth)
        self.take(")" if opening == "(" else "}")
        return tree


def names_in(tree: Any) -> set[str]:
    """All names of a tree, `pi` among them."""
    if not isinstance(tree, tuple):
        return set()
    return {tree[1]} if tree[0] == "name" else set().union(*map(names_in, tree[1:]))
