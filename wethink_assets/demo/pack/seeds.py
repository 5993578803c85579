"""Seeds of the pack's scenes: one for each place, in every run the same.

Belongs here: that one function. Does not belong here: what a seed is used for.
"""

from __future__ import annotations

import hashlib


def scene_seed(seed: int, place: str, position: int) -> int:
    """A seed above 2^32, so that small seeds stay free for other users of `make_scene`."""
    digest = hashlib.sha256(f"{seed}|{place}|{position}".encode()).digest()
    return (1 << 32) + int.from_bytes(digest[:5], "big")
