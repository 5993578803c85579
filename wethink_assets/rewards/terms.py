"""Reward functions and their weights: the terms whose weighted sum is a completion's reward.

Belongs here: what a term is, the two built-in ones, and the registry that adds further ones.
Does not belong here: how accuracy comes about (hybrid.py asks verifier and judge), logging.

A further term is one `RewardTerm` handed to `register`. It is then part of every reward that is summed, of the metrics
of training (`rewards/<name>/mean`), and, with the source of its module, of a policy's id.
"""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from wethink_assets.code_digest import digest
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.format import format_reward

ACCURACY_WEIGHT, FORMAT_WEIGHT = 0.7, 0.3  # [A]
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class RewardTermError(ValueError):
    """A reward term cannot be registered, or gave something that is no number; the message names it."""


@dataclass(frozen=True)
class ScoredCompletion:
    """What a reward term sees: one completion with what verifier and judge said of it.

    `text` is the whole completion, `final` its extracted answer (None: there is none), `verdict` a verdict's name,
    `accuracy` from 0 to 1 or None where scoring failed, `gold` the typed reference answer, `columns` the row's others.
    """

    text: str
    final: str | None
    verdict: str
    accuracy: float | None
    question: str = ""
    gold: TypedAnswer | None = None
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RewardTerm:
    """One reward function: its weight in the sum, and its score of a completion, from 0 to 1 by convention.

    A score of None leaves the completion out of its group, which is something else than 0.
    """

    name: str
    weight: float
    score: Callable[[ScoredCompletion], float | None]

    def __call__(self, completion: ScoredCompletion) -> float | None:
        """The score of a completion.

        Raises:
            RewardTermError: it is not finite or no number.
        """
        value = self.score(completion)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise RewardTermError(f"reward term {self.name} gave {value!r} for {completion.text[:80]!r}: give a number")
        return float(value)


def accuracy_score(completion: ScoredCompletion) -> float | None:
    """What verifier or judge gave; None where neither could say."""
    return completion.accuracy


def format_score(completion: ScoredCompletion) -> float:
    """1 where the completion is a thinking part and an answer part, else 0."""
    return format_reward(completion.text)


def builtin_terms(
    accuracy_weight: float = ACCURACY_WEIGHT, format_weight: float = FORMAT_WEIGHT
) -> tuple[RewardTerm, ...]:
    """Accuracy and format with the weights of the settings; by default 0.7 and 0.3 [A]."""
    return (
        RewardTerm("accuracy", accuracy_weight, accuracy_score),
        RewardTerm("format", format_weight, format_score),
    )


# -- the registry ----------------------------------------------------------------------------------

_registered: dict[str, RewardTerm] = {}


def register(term: RewardTerm) -> None:
    """Add a reward term to every reward from now on. The same object again changes nothing.

    Raises:
        RewardTermError: its name is taken or unusable, its weight is not finite, or its code has no source file.
    """
    known = {t.name: t for t in (*builtin_terms(), *registered())}.get(term.name)
    if known is term:
        return
    if known is not None:
        raise RewardTermError(f"there are two reward terms {term.name}: {known!r} and {term!r}")
    if not _NAME.fullmatch(term.name):
        raise RewardTermError(f"reward term {term.name!r}: a name is of small letters, digits and _")
    if not math.isfinite(term.weight):
        raise RewardTermError(f"reward term {term.name} has the weight {term.weight}: give a number")
    _source(term)
    _registered[term.name] = term


def unregister(name: str) -> None:
    """Take a registered term back; a name that is not registered is left as it is."""
    _registered.pop(name, None)


def registered() -> tuple[RewardTerm, ...]:
    """The registered terms, in the order of their registration."""
    return tuple(_registered.values())


def load_terms(extensions: Iterable[str]) -> None:
    """Register the reward terms of extensions (setting `extensions`): all that a training process needs of them.

    Raises:
        RewardTermError: a module cannot be imported or holds no EXTENSION, or a term cannot be registered.
    """
    for name in extensions:
        try:
            extension = import_module(name).EXTENSION
        except (ImportError, AttributeError) as error:
            raise RewardTermError(f"extensions: {name!r} cannot be loaded ({error})") from error
        for term in extension.rewards:
            register(term)


def all_terms(accuracy_weight: float = ACCURACY_WEIGHT, format_weight: float = FORMAT_WEIGHT) -> tuple[RewardTerm, ...]:
    """The built-in terms, then the registered ones."""
    return (*builtin_terms(accuracy_weight, format_weight), *registered())


def terms_digest(terms: Iterable[RewardTerm]) -> dict[str, Any]:
    """Code version of each of these terms by name: its weight, and the digest of the module that its score is in."""
    return {t.name: [t.weight, digest([_source(t)])] for t in terms}


def _source(term: RewardTerm) -> Path:
    function: Any = term.score
    while isinstance(function, partial):
        function = function.func
    try:
        path = inspect.getsourcefile(function if inspect.isroutine(function) else type(function))
    except TypeError:
        path = None
    if path is None or not Path(path).is_file():
        raise RewardTermError(f"reward term {term.name}: its score has no source file, so no policy could name it")
    return Path(path).resolve()
