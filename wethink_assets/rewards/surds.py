"""Surds: exact arithmetic of the numbers that answers are made of, c·√n·π^k and sums of them, in bounded work.

Belongs here: values and what is worked out with them. Does not belong here: reading a value from a text (exact.py).

A value is a sum of terms c·√n·π^k with rational c and square-free n. Those terms are linearly
independent over the rationals, so two values are equal exactly when their terms are.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import factorial as _factorial
from math import isqrt, pi, sqrt

Value = tuple[tuple[tuple[int, int], Fraction], ...]

MAX_BITS = 20_000
MAX_TERMS = 16
MAX_RADICAND = 10**8
MAX_EXPONENT = 4_096
MAX_FACTORIAL = 1_000


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
