"""Unit conversion: exact factors between units that measure the same, and the scales of temperature.

Belongs here: factors, worked out in fractions from pint's definitions. Does not belong here: reading unit texts
(units.py).

Unit texts never reach pint's own parser: only names of the tables do, so a hostile text cannot make it work.
Temperatures have offsets between their scales and are no factors: `temperature` gives both.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from wethink_assets.rewards.unit_names import ANGLES, COUNTERS, DATA
from wethink_assets.rewards.units import Unit

_SCALES = {
    "celsius": (Fraction(1), Fraction(27315, 100)),
    "fahrenheit": (Fraction(5, 9), Fraction(45967, 100)),
    "kelvin": (Fraction(1), Fraction(0)),
}


def temperature(unit: Unit) -> tuple[Fraction, Fraction] | None:
    """(factor, offset) with which a temperature is (value + offset) times factor in kelvin.

    None for all that is none.
    """
    return _SCALES.get("kelvin" if unit.parts == (("kelvin", 1),) else unit.word)


def conversion(source: Unit, target: Unit) -> Fraction | None:
    """Factor from one unit to the other; None where they do not measure the same."""
    if source == target:
        return Fraction(1)
    if source.word or target.word:
        if source.is_counted and target.is_counted:
            a, b = set(source.word.split()), set(target.word.split())
            if a <= b or b <= a or a <= COUNTERS or b <= COUNTERS:
                return Fraction(1)
        return None
    return _conversion(source, target)


@lru_cache(maxsize=4096)
def _conversion(source: Unit, target: Unit) -> Fraction | None:
    for kind in (ANGLES, DATA):
        if sum(p for n, p in source.parts if n in kind) != sum(p for n, p in target.parts if n in kind):
            return None
    registry = _registry()
    ratio = registry.Quantity(Fraction(1))
    for name, power in source.parts:
        ratio = ratio * registry.Quantity(Fraction(1), name) ** power
    for name, power in target.parts:
        ratio = ratio / registry.Quantity(Fraction(1), name) ** power
    if not ratio.dimensionless:
        return None
    magnitude = ratio.to_base_units().magnitude
    return magnitude if isinstance(magnitude, Fraction) else Fraction(magnitude).limit_denominator(10**9)


@cache
def _registry() -> Any:
    import pint

    registry = pint.UnitRegistry(non_int_type=Fraction, cache_folder=None)
    registry.define("market_pound = 0.5 * kilogram")
    registry.define("chinese_li = 500 * meter")
    return registry
