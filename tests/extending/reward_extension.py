"""One more reward term: brevity. The worked example of docs/extending: all that it takes is this module.

A completion within 20 words earns 1, one of 40 words or more earns 0, in between it falls in a line.
"""

from __future__ import annotations

from wethink_assets.extensions import Extension
from wethink_assets.rewards.terms import RewardTerm, ScoredCompletion

FULL, NOTHING = 20, 40


def brevity(completion: ScoredCompletion) -> float:
    """How brief the whole completion is, from 0 to 1."""
    words = len(completion.text.split())
    return min(1.0, max(0.0, (NOTHING - words) / (NOTHING - FULL)))


TERM = RewardTerm("brevity", 0.2, brevity)
EXTENSION = Extension("brevity", rewards=(TERM,))
