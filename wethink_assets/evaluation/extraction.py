"""What a reply says, before any rule compares it.

Belongs here: the strict extraction of evaluation. Does not belong here: parsing tags and boxes (rewards/extraction.py).

`<answer>` counts wherever it stands, for every set. A reply without any final answer, as models give that were
never asked for tags, counts as a whole; one whose thinking or answer was cut off says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from wethink_assets.rewards.extraction import CONFLICTING, NO_FINAL, extract
from wethink_assets.rewards.verifier import Verdict


@dataclass(frozen=True)
class Said:
    """`text` is None where the reply says nothing that could be scored; `verdict` is then the item's.

    `final` tells whether the text stood in an answer part or box.
    """

    text: str | None
    verdict: str = Verdict.UNPARSEABLE
    final: bool = False


def said(reply: str) -> Said:
    """The text of a reply that its rule should look at."""
    found = extract(reply)
    if found.final is not None:
        return Said(found.final, final=True)
    if found.problem == NO_FINAL and (text := outside_thinking(reply)):
        return Said(text)
    return Said(None, Verdict.WRONG if found.problem == CONFLICTING else Verdict.UNPARSEABLE)


def outside_thinking(reply: str) -> str:
    """The reply after its thinking; all of it where there is none."""
    return reply.rpartition("</think>")[2].strip()
