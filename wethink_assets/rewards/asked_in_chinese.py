"""Whether a Chinese clause is about something else than the question: 喜欢篮球的有 where it asks 喜欢足球的有.

Belongs here: comparing the words of a clause with those of a Chinese question. Does not belong here: questions in
English (asked_words.py), yes and no (restated.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_CLAUSE = re.compile(r"[,.;:!?]")
_HAN = re.compile("[\u4e00-\u9fff]{4,40}")
_ALIKE = frozenset(
    "同学 学生 人 人数 名 的 个 同学们 小朋友 大约 约 一共 共 总共 是 为 有 中 里 上 等于 长 长度".split()
)
MAX_SUBSTITUTED = 3


def of_other(before: str, asked: Sequence[str]) -> bool:
    """Whether the clause before a number is the question's with one word of it replaced by another."""
    clause = _CLAUSE.split(before)[-1].strip()
    question = "".join(w for w in asked if not w.isascii())
    return bool(question) and _HAN.fullmatch(clause) is not None and _substituted(clause, question)


@lru_cache(maxsize=4_096)
def _substituted(clause: str, question: str) -> bool:
    clause = re.sub("(?:一共|总共|大约|约|共)?[有是为]$", "", clause)
    if len(clause) < 4 or clause in question:
        return False
    for start in range(1, len(clause)):
        for size in range(1, MAX_SUBSTITUTED + 1):
            head, word, tail = clause[:start], clause[start : start + size], clause[start + size :]
            if len(word) < size or word in _ALIKE or len(head) + len(tail) < 3 or not tail:
                continue
            at = question.find(head)
            behind = at + len(head)
            if at >= 0 and any(question.startswith(tail, behind + n) for n in range(1, MAX_SUBSTITUTED + 1)):
                return True
    return False
