"""Grids of replies in other writings: each kind with what is right and, beside it, what looks like it and is not.

A row is (question, gold, options, right replies, wrong replies).
"""

from __future__ import annotations

from collections.abc import Sequence

from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.verifier import Verdict, verify

Row = tuple[str, str, Sequence[str], Sequence[str], Sequence[str]]


def failures(rows: Sequence[Row]) -> str:
    """What is judged otherwise than the grid says, a line each; empty where nothing is."""
    failed = []
    for question, raw, options, right, wrong in rows:
        gold = type_answer(raw, category="MC" if options else "FIB", options=options, question=question)
        for wanted, replies in ((True, right), (False, wrong)):
            failed += [
                f"{gold.type} {raw!r} / {reply!r}: {verdict}"
                for reply in replies
                if ((verdict := verify(gold, reply, extracted=True)) is Verdict.CORRECT) != wanted
            ]
    return "\n".join(failed)
