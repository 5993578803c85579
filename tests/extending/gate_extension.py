"""A quality gate: no image is asked about too often, so that no picture dominates a batch."""

from __future__ import annotations

from collections import Counter

from wethink_assets.extensions import Extension
from wethink_assets.gates import Gate, Outcome, Scope

MOST = 12  # questions per image


def _judge(scope: Scope) -> Outcome:
    """Reads the written questions of the batch back from the lake, as every gate does."""
    counts = Counter(row["image_id"] for row in scope.rows("synthesis/select_questions_to_check"))
    image_id, most = max(counts.items(), key=lambda item: item[1], default=("none", 0))
    return Outcome(most <= MOST, f"image {image_id[:12]} is asked about {most} times", {"most": most, "allowed": MOST})


GATE = Gate(
    "no_image_dominates",
    "One picture in too many questions: a policy would learn it by heart.",
    _judge,
    blocking=True,
)

EXTENSION = Extension("no_image_dominates", gates={"questions": (GATE,)})
