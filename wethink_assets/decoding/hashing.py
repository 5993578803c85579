"""Identity and perceptual hashes of images, for sources and benchmarks alike.

Belongs here: SHA-256 of bytes, the two perceptual hashes, and their distance. Does not belong here:
searching (images/near_duplicates.py) or deciding (images/pool.py). Hashes are `imagehash`'s own, so that they
can be checked with that library.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from PIL import Image

CHUNK = 1 << 20


def sha256_of_file(path: Path) -> tuple[str, int]:
    """SHA-256 (hex) and size of a file, read in pieces."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as handle:
        while piece := handle.read(CHUNK):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def perceptual_hashes(image: Image.Image) -> tuple[str, str]:
    """`imagehash.phash` of 64 bit (16 hex digits) and of 256 bit (64 hex digits) of a decoded RGB image."""
    import imagehash  # imports numpy and scipy: only workers and tests pay for it

    from wethink_assets.decoding.lanczos import squares_of

    small, large = squares_of(
        image.convert("L"), (32, 64)
    )  # what imagehash makes first; it leaves such squares as they are
    return _hex(imagehash.phash(small)), _hex(imagehash.phash(large, hash_size=16))


def _hex(hash_: Any) -> str:
    """What `str` of it gives, several times as fast."""
    import numpy as np

    return np.packbits(hash_.hash).tobytes().hex()


def distance(a: str, b: str) -> int:
    """Number of different bits of two hashes in hex."""
    return (int(a, 16) ^ int(b, 16)).bit_count()
