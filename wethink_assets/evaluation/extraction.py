"""Answer extraction: the final answer of a reply, before any rule compares it.

Belongs here: the strict extraction of evaluation. Does not belong here: parsing tags and boxes (rewards/extraction.py).

`<answer>` counts wherever it stands, for every set. A reply without any final answer, as models give that were
never asked for tags, counts as a whole; one whose thinking or answer was cut off has no answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from wethink_assets.rewards.extraction import CONFLICTING, NO_FINAL, extract
from wethink_assets.rewards.verdict import Verdict


@dataclass(frozen=True)
class FinalAnswer:
    """The extracted answer: `text` is None where the reply holds nothing to score; `verdict` is then the item's.

    `marked` tells whether the text stood in an answer part or box.
    """

    text: str | None
    verdict: str = Verdict.UNPARSEABLE
    marked: bool = False


def final_answer(reply: str) -> FinalAnswer:
    """Extract the final answer of a reply: the text that its rule should look at."""
    extracted = extract(reply)
    if extracted.final is not None:
        return FinalAnswer(extracted.final, marked=True)
    if extracted.problem == NO_FINAL and (text := outside_thinking(reply)):
        return FinalAnswer(text)
    return FinalAnswer(None, Verdict.WRONG if extracted.problem == CONFLICTING else Verdict.UNPARSEABLE)


def outside_thinking(reply: str) -> str:
    """The reply after its chain of thought (`</think>`); all of it where there is none."""
    return reply.rpartition("</think>")[2].strip()
