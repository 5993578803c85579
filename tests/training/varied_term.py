"""A reward term that gives every text a number of its own, so that groups vary where a policy knows nothing yet."""

from __future__ import annotations

import zlib

from wethink_assets.extensions import Extension
from wethink_assets.rewards.terms import RewardTerm, ScoredCompletion


def varied(completion: ScoredCompletion) -> float:
    return zlib.crc32(completion.text.encode("utf-8", "replace")) % 101 / 100


EXTENSION = Extension("varied", rewards=(RewardTerm("varied", 1.0, varied),))
