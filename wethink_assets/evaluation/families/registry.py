"""Registry of benchmark families: the built-in ones and those that extensions add.

Belongs here: finding a family by the name in a set's row, and the sets that can be scored. Does not belong here: what a
family is (family.py), the sets' rows (benchmark_sets/registry.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from wethink_assets.benchmark_sets.registry import Benchmark, sets_of
from wethink_assets.evaluation.families import (
    chartqa,
    choice,
    dynamath,
    hallusion,
    heldout,
    logicvista,
    mathverse,
    mathvision,
    mathvista,
    mmbench,
    mmmu,
    mmvet,
    ocrbench,
    wemath,
)
from wethink_assets.evaluation.families.family import Family
from wethink_assets.settings import EvaluationSettings

_MODULES = (
    choice,
    mmbench,
    mmmu,
    wemath,
    mathvista,
    mathvision,
    mathverse,
    dynamath,
    logicvista,
    hallusion,
    ocrbench,
    mmvet,
    chartqa,
    heldout,
)
MODULES: Mapping[str, str] = MappingProxyType({module.FAMILY.name: module.__name__ for module in _MODULES})
BUILT_IN: Mapping[str, Family] = MappingProxyType({module.FAMILY.name: module.FAMILY for module in _MODULES})
_FAMILIES: dict[str, Family] = dict(BUILT_IN)
FAMILIES: Mapping[str, Family] = MappingProxyType(_FAMILIES)  # a view: it shows what is registered later too


def family(name: str) -> Family:
    """The benchmark family of this name.

    Raises:
        ValueError: there is none; the message lists what there is.
    """
    if name not in _FAMILIES:
        raise ValueError(f"no rule {name!r}; there are {', '.join(_named())}")
    return _FAMILIES[name]


def register(new: Family) -> None:
    """Add a benchmark family. The same object again changes nothing.

    Raises:
        ValueError: another family has that name.
    """
    known = _FAMILIES.setdefault(new.name, new)
    if known is not new:
        places = f"{known.strict.__module__} and {new.strict.__module__}"
        raise ValueError(f"two benchmark families are named {new.name!r}: those of {places}")


def unregister(name: str) -> None:
    """Remove a benchmark family that `register` added.

    Raises:
        KeyError: no added family has that name.
    """
    if name in BUILT_IN:
        raise KeyError(f"{name} is a built-in family")
    del _FAMILIES[name]


def scored_sets(settings: EvaluationSettings) -> tuple[Benchmark, ...]:
    """The sets that are read from files, each with a headline number: its own, else its family's.

    Raises:
        ValueError: a set's rule is no family for sets from files, or two sets have one name.
    """
    extra = {row.name for row in settings.extra}
    return tuple(_with_metric(benchmark, extra=benchmark.name in extra) for benchmark in sets_of(settings))


def _with_metric(benchmark: Benchmark, *, extra: bool) -> Benchmark:
    where = f"[[evaluation.extra]] {benchmark.name!r}" if extra else f"evaluation set {benchmark.name!r}"
    if benchmark.rule not in _named():
        raise ValueError(f"{where}: no rule {benchmark.rule!r}; there are {', '.join(_named())}")
    return benchmark if benchmark.metric else replace(benchmark, metric=family(benchmark.rule).metric)


def _named() -> list[str]:
    """Names that a set's row may give."""
    return sorted(name for name, known in _FAMILIES.items() if known.from_files)
