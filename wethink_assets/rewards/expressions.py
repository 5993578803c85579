"""Reading an expression or equation of LaTeX into a tree, where it has one reading only.

Belongs here: tokens, the parser, the tree. Does not belong here: what a tree is equal to (algebra.py).

A tree is ("number", Fraction), ("name", text), or an operation and its parts: + - * / ^, ("root", index, of), ("log", base, of),
and a function's name with its argument.
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

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
_PRODUCT = re.compile(r"[abcxyzmnpqk]{2,3}")
_UNITS = {"cm", "km", "am", "pm"}
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
        token = match[1] or match[2] or match[3] or match[4]
        if match[3] and _PRODUCT.fullmatch(token) and len(set(token)) == len(token) and token not in _UNITS:
            tokens += token  # ab is a times b
            continue
        if match[3] and (len(token.partition("_")[0]) > 1 or token[0] in _AMBIGUOUS):
            raise UnsureError  # a word, a unit, or a product of letters
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
            raise UnsureError
        return tree

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise UnsureError
        self.at += 1
        return token

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
            token = self.peek()
            if token in ("*", "/"):
                self.take()
                tree, divided = (token, tree, self.power(depth)), divided or token == "/"
            elif token and (token[0].isalnum() or token in ("(",) or token.startswith("\\")):
                if divided or token[0].isdigit():
                    raise UnsureError  # 1/2x, and "2 3" or x3
                factor = self.power(depth)
                if tree[0] == "number" and token in _FRACTIONS and not names_in(factor):
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
        if self.peek() == "{":
            exponent = self.group(depth + 1)
        else:
            exponent = ("number", Fraction(self.digit()))
        if self.peek() == "^":
            raise UnsureError
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
                raise UnsureError  # f(x) is no product
            return ("name", token.replace("{", "").replace("}", ""))  # x_{1} is x_1
        raise UnsureError

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
                raise UnsureError
            inner = ("number", Fraction(token)) if token[0].isdigit() else ("name", token)
            if self.peek() and self.peek() not in ("+", "-", "=", ")", "}"):
                raise UnsureError  # sin 2x, sin x cos x
        if self.peek() in ("^", "("):
            raise UnsureError
        return ("log", base, inner) if base is not None else (name[1:], inner)

    def digit(self) -> str:
        """A number without braces: of more digits, LaTeX takes the first and people all, as in x^23."""
        token = self.take()
        if not (token.isdigit() and len(token) == 1):
            raise UnsureError
        return token

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
