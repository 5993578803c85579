"""Account of an import (row conservation): lines in = taken + dropped + failed, every stopped line with its reason.

Belongs here: counting and keeping stopped lines, on disk and not in memory. Does not belong here: deciding about any.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from wethink_assets.dataset.record import Refusal
from wethink_assets.presentation.json_lines import json_line, storable

DROPPED, FAILED = "dropped", "failed"
_TEXT, _PATH = 200, 1_000  # characters of a question and of a path
_AT_ONCE = 8_192
# What could not be processed; all other reasons are rules that a row broke.
_FAILURES = frozenset(
    "line_too_long not_utf8 no_json no_object wrong_type missing_field missing_image path_leaves_folder unreadable "
    "too_large_file changed_since_taken decoding_timed_out decoder_died out_of_memory".split()
)


class Account:
    """What became of the lines of a file. `aside` holds the stopped ones, one JSON a line."""

    def __init__(self, folder: Path) -> None:
        self.lines = 0
        self.taken = 0
        self.repairs: Counter[str] = Counter()
        self.stopped: dict[str, Counter[str]] = {DROPPED: Counter(), FAILED: Counter()}
        self.aside = folder / "set_aside.jsonl"
        self._file = self.aside.open("w", encoding="utf-8")

    def stop(
        self, line: int, refusal: Refusal, *, image: bool = False, image_path: str = "", problem: str = ""
    ) -> None:
        """A line that goes no further; `image`: since there is no picture for it, which is a failure."""
        verdict = FAILED if image or refusal.reason in _FAILURES else DROPPED
        self.stopped[verdict][refusal.reason] += 1
        stopped = {
            "line": line,
            "verdict": verdict,
            "reason": refusal.reason,
            "detail": storable(refusal.detail),
            "image_path": storable(image_path[:_PATH]) or None,
            "problem": storable(problem[:_TEXT]) or None,
        }
        self._file.write(json_line(stopped))

    def close(self) -> None:
        self._file.close()

    def check(self) -> None:
        """Check the conservation of rows.

        Raises:
            AssertionError: a line was lost or invented.
        """
        total = self.taken + sum(counter.total() for counter in self.stopped.values())
        if total != self.lines:
            raise AssertionError(f"{self.lines} lines are not {total} taken, dropped and failed ones")

    def stops(self) -> Iterator[list[dict[str, Any]]]:
        """The stopped lines, a part at a time."""
        with self.aside.open(encoding="utf-8", newline="\n") as file:
            while part := [json.loads(line) for line in islice(file, _AT_ONCE)]:
                yield part
