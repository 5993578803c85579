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


_SIBLINGS = tuple(
    group.split()
    for group in ("长 宽 高", "周长 面积 体积", "半径 直径", "男 女", "最大 最小", "最高 最低", "最多 最少")
)
_COUNTED = re.compile("(?:多少|几)([个只人名本张条辆朵件棵座头匹])([\u4e00-\u9fff]{1,3})")
_NOUN = re.compile("\\s?([个只人名本张条辆朵件棵座头匹])([\u4e00-\u9fff]{1,3})(?=$|[,.!])")
_THAN = re.compile("([\u4e00-\u9fff]{1,4})比([\u4e00-\u9fff]{1,8}?)([多少高低大小长短重轻])")


def of_other(before: str, asked: Sequence[str], after: str = "") -> bool:
    """Whether a clause with a number is the question's with one word of it replaced, or the other way round."""
    clause = _CLAUSE.split(before)[-1].strip()
    question = "".join(w for w in asked if not w.isascii())
    if not question:
        return False
    for group in _SIBLINGS:
        said, wanted = [w for w in group if w in clause], [w for w in group if w in question]
        if said and wanted and not set(said) & set(wanted):
            return True
    counted, noun = _COUNTED.search(question), _NOUN.match(after)
    if counted and noun and counted[1] == noun[1] and noun[2] not in question and counted[2] not in noun[2]:
        return True
    compared, than = _THAN.search(question), _THAN.search(clause)
    if compared and than and than[3] == compared[3] and than[2] != compared[2]:
        subjects = question[: compared.end(1)], clause[: than.end(1)]
        if than[2] in subjects[0] and compared[2] in subjects[1]:
            return True  # the two are compared the other way round
    if clause.endswith("少") and ("多几" in question or "多多少" in question) and compared and not than:
        return True
    return _HAN.fullmatch(clause) is not None and _substituted(clause, question)


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
