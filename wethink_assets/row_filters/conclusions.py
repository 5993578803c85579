"""Conclusions that a chain of thought states: "The answer is ...".

Belongs here: finding them, and whether one contradicts the kept answer. Does not belong here: what follows from it.
"""

from __future__ import annotations

import re

_CONCLUSION = re.compile(
    r"(?:the|my) (?:final |right |correct )*(?:answer|option|choice) (?:is|must be|should be|would be)[: ]+"
    r"(?P<claim>[^\n]{1,200}?)(?=[.!;](?:\s|$)|\n|$)",
    re.IGNORECASE,
)


def conclusions(text: str) -> list[str]:
    """Final answers that a chain of thought states ("The answer is ..."), in order."""
    return [claim for m in _CONCLUSION.finditer(text) if (claim := m["claim"].strip())]
