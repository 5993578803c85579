"""Registry of annotation readers: which native format a source's annotation files are in, by name.

Belongs here: built-in readers (the modules beside this one) and those that an extension registers. Does not belong
here: any format, which source has which (catalog.py). Names come from settings, so only names of this closed set are
imported.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pkgutil import iter_modules

from resources.storage.tree import Tree
from wethink_assets.sources import readers
from wethink_assets.sources.annotation_join import AnnotationCollector

Annotate = Callable[[Tree, AnnotationCollector], None]
"""Finds a source's annotation files in its tree, streams them, and tells the collector what they say of its images.

It never opens an image, never follows a path out of an annotation, and never raises for what is in a file: see
`AnnotationCollector.reading`."""

_HELPERS = {"files", "registry"}  # modules beside the readers that are none
BUILT_IN = frozenset(module.name for module in iter_modules(readers.__path__)) - _HELPERS

_registered: dict[str, Annotate] = {}


def register(name: str, annotate: Annotate) -> None:
    """Add a reader of a native annotation format; sources name it as their `reader`.

    Raises:
        ValueError: another reader has this name.
    """
    if _registered.get(name) is annotate:
        return
    if name in names():
        other = _registered.get(name)
        known = _named(other) if other else f"built in ({readers.__name__}.{name})"
        raise ValueError(f"reader {name!r} ({_named(annotate)}): a reader of that name is there already: {known}")
    _registered[name] = annotate


def unregister(name: str) -> None:
    """Forget a registered reader; built-in ones stay.

    Raises:
        KeyError: no reader of this name was registered.
    """
    del _registered[name]


def names() -> frozenset[str]:
    """All names that a source may give as its reader."""
    return BUILT_IN | _registered.keys()


def reader(name: str) -> Annotate:
    """The reader of this name.

    Raises:
        KeyError: there is none; the message lists all names.
    """
    if name in _registered:
        return _registered[name]
    if name not in BUILT_IN:
        raise KeyError(f"no reader {name!r}; there are {', '.join(sorted(names()))}")
    return import_module(f"{readers.__name__}.{name}").annotate


def module_of(name: str) -> str:
    """The dotted name of the module that holds a reader, without importing it.

    Raises:
        KeyError: there is no reader of this name.
    """
    return reader(name).__module__ if name not in BUILT_IN else f"{readers.__name__}.{name}"


def _named(annotate: Annotate) -> str:
    return f"{getattr(annotate, '__module__', '?')}.{getattr(annotate, '__qualname__', repr(annotate))}"
