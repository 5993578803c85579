"""Polynomials with rational coefficients in any number of unknowns, kept to a size that costs no time.

Belongs here: their sums and products. Does not belong here: reading them (expressions.py), what they decide
(algebra.py).
"""

from __future__ import annotations

from fractions import Fraction

from wethink_assets.rewards.expressions import UnsureError

MAX_TERMS = 64
MAX_DEGREE = 24
MAX_BITS = 2_000

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]
Quotient = tuple[Polynomial, Polynomial]


def constant(value: Fraction) -> Polynomial:
    return {(): value} if value else {}


def plus(a: Polynomial, b: Polynomial, sign: int = 1) -> Polynomial:
    total = dict(a)
    for monomial, c in b.items():
        total[monomial] = total.get(monomial, Fraction(0)) + sign * c
    return _bounded({m: c for m, c in total.items() if c})


def minus(a: Polynomial, b: Polynomial) -> Polynomial:
    return plus(a, b, -1)


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    if len(a) * len(b) > MAX_TERMS * MAX_TERMS // 4:
        raise UnsureError
    product: Polynomial = {}
    for m, c in a.items():
        for n, d in b.items():
            powers = dict(m)
            for name, power in n:
                powers[name] = powers.get(name, 0) + power
            key = tuple(sorted(powers.items()))
            product[key] = product.get(key, Fraction(0)) + c * d
    return _bounded({m: c for m, c in product.items() if c})


def _bounded(polynomial: Polynomial) -> Polynomial:
    large = any(
        c.numerator.bit_length() > MAX_BITS or c.denominator.bit_length() > MAX_BITS for c in polynomial.values()
    )
    if large or len(polynomial) > MAX_TERMS or any(sum(p for _, p in m) > MAX_DEGREE for m in polynomial):
        raise UnsureError
    return polynomial
