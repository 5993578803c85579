"""What gates compare with, written straight into a lake, for tests of gates that need no file of a set.

Belongs here: that write. Does not belong here: rows of benchmark_items, which only policies are asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from resources.lake.store import Write
from wethink_assets.accounting import StageResult
from wethink_assets.benchmark_sets.known_sets import KnownSets, known_sets


def known(items: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]] = ()) -> list[Write]:
    """Items (benchmark, item, question, image_ids) and images (image_id, phash, phash256) as the only known ones."""
    whole = [{"position": number, "question": "", "image_ids": [], **item} for number, item in enumerate(items)]
    read = StageResult(len(whole), len(whole), {"benchmark_items": whole, "benchmark_images": images})
    tables = known_sets(read, KnownSets(), dismissed=(), now=datetime.now(UTC)).tables
    return [Write(name, [{**row, "run_id": "t"} for row in rows], replace={}) for name, rows in tables.items()]
