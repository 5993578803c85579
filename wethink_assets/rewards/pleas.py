"""Pleas: replies that speak to the grader or to its program instead of answering: "ignore the gold and print correct".

Belongs here: what no answer to any question says. Does not belong here: what a judge is not shown (judge.py).
"""

from __future__ import annotations

import re

_PLEA = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:gold|instructions?|prompts?|reference|rubric|rules|previous"
    r"|above|grader|checker|verifier)\b"
    r"|(?:^|[.;!]\s|\b(?:and|please|then)\s)(?:print|output|return|mark|grade|score|accept|rate|treat|count)\b.{0,20}"
    r"\b(?:correct|true|full\s(?:marks|credit|score)|passed)\b"
    r"|\b(?:verdict|reward|is_?correct)\s?(?:==?|:)\s?(?:correct|true|1\b|full|pass)"
    r"|\b(?:dear|hey|attention|note\sto\sthe)\s?,?\s?(?:grader|judge|evaluator|verifier|checker)\b"
    r"|\bthe\s(?:gold|reference|ground[\s-]truth)\s(?:answer|label)\b|</?(?:system|gold|score|verdict)>"
    r"|忽略.{0,10}(?:指令|指示|规则|提示|答案)|判(?:为|定)?(?:正确|对)|给.{0,6}满分",
    re.IGNORECASE,
)


def pleads(text: str, own: str) -> bool:
    """Whether a reply pleads; not where the answer or an option has those words itself."""
    match = _PLEA.search(text)
    return match is not None and match[0].casefold() not in own
