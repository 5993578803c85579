"""Fault injection: errors that the sample teacher plants, and the record of them.

Belongs here: rates, the draws, the log. Does not belong here: what a wrong reply says (replies.py, questions.py).

A draw depends on the seed and on what the request is about, never on time or order, so that two
teachers plant the same errors. Only HTTP errors look at a counter: they hit the first attempt alone.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

PLANTED_FILE = "teacher_planted.jsonl"


@dataclass(frozen=True)
class Rates:
    """Share of requests (or of the questions, or answers) that go wrong in each way."""

    wrong_answer: float = 0.06
    ill_posed: float = 0.06
    unanswerable: float = 0.03
    invalid_question: float = 0.02
    missed_flaw: float = 0.08
    false_alarm: float = 0.01
    wrong_adjudication: float = 0.05
    bad_path: float = 0.015
    malformed: float = 0.01
    refusal: float = 0.005
    http_429: float = 0.01
    http_500: float = 0.01
    slow: float = 0.005
    slow_seconds: float = 0.3
    hard_path: float = 0.0
    answer_in_question: float = 0.0
    two_right_options: float = 0.0
    repeated_question: float = 0.0
    shared_error: float = 0.0  # of images: reasoner and VLM err alike
    solvable_blind: float = 0.0  # of questions: known without the image
    cautious_adjudication: float = 0.0  # neither, though one is right
    # Who looks a second time errs on its own [D]: about 10 % of its answers are wrong, half of them each time.
    second_look_blindness: float = 0.05  # of questions: every answer is wrong
    second_look_slip: float = 0.05  # of single answers
    second_look_shared: float = 0.2  # of images of which reasoner and VLM err alike: it errs as they do
    quirk: float = 0.01
    thinking_tokens: int = 0  # at the median, before each reply; no rate

    def hardened(self) -> Rates:
        """With errors as real models make them: dependent ones, and flaws that only the text shows [D]."""
        flaws = {"answer_in_question": 0.02, "two_right_options": 0.02, "repeated_question": 0.03}
        flaws |= {"solvable_blind": 0.03, "cautious_adjudication": 0.1}
        return replace(self, hard_path=0.06, shared_error=0.03, **flaws)

    def scaled(self, factor: float) -> Rates:
        """All rates times `factor`, at most 1; 0 plants nothing."""
        rates = (f.name for f in fields(self) if f.name not in ("slow_seconds", "thinking_tokens"))
        return replace(self, **{name: min(1.0, getattr(self, name) * factor) for name in rates})


def draw(*parts: Any) -> float:
    """A number in [0, 1) that depends on the parts alone."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=7).digest()) / 2**56


class Faults:
    """Decides what goes wrong and writes it down."""

    def __init__(self, rates: Rates, seed: int, log: Path | None) -> None:
        self.rates = rates
        self.seed = seed
        self.counts: Counter[str] = Counter()
        self._log = log
        self._known = _known_keys(log)

    def hits(self, rate: float, *about: Any) -> bool:
        return rate > 0 and draw(self.seed, *about) < rate

    def pick(self, choices: Any, *about: Any) -> Any:
        """One of `choices`, by what it is about."""
        return choices[int(draw(self.seed, "pick", *about) * len(choices))]

    def plant(self, kind: str, **about: Any) -> None:
        """Record an error. An error that was recorded before, also by an earlier process, is not recorded again."""
        self.counts[kind] += 1
        entry = {"kind": kind, "seed": self.seed, **about}
        key = hashlib.blake2b(json.dumps(entry, sort_keys=True).encode(), digest_size=12).hexdigest()
        if self._log is None or key in self._known:
            return
        self._known.add(key)
        try:
            with self._log.open("ab") as lines:  # one short append: whole lines also from two processes
                lines.write(json.dumps({"key": key, **entry}, ensure_ascii=False).encode() + b"\n")
        except OSError as error:
            print(f"cannot record planted errors in {self._log}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - its log is stderr
            self._log = None


def _known_keys(log: Path | None) -> set[str]:
    if log is None or not log.is_file():
        return set()
    keys = set()
    with log.open("rb") as lines:
        for line in lines:
            try:
                keys.add(json.loads(line)["key"])
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a killed process
    return keys
