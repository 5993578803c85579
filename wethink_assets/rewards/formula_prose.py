"""A formula in a sentence of another script, and with signs written out: "第n个图形有n(n+1)个点", "4 + (-2)i".

Belongs here: taking the one formula out of such a reply, plain signs for written-out ones. Does not belong here:
English sentences (rule_expressions.py), whether two formulas are equal (formulas.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MAX_CHARS = 200
_HAN = re.compile("[\u4e00-\u9fff]")
_HAN_DENIES = re.compile("不|没|非|或|可能|大约|错|吗|除|小于|大于|至少|至多")
_RUN = re.compile(r"[^\u4e00-\u9fff,;:.。，；：]{2,120}")
_OPERATOR = re.compile(r"[-+*/^=√(]|\\[a-z]+")
_PLUS_MINUS = re.compile(r"\+\s?\(\s?-\s?(\d{1,6}|[a-z]|\d{1,6}[a-z])\s?\)")
_MINUS_MINUS = re.compile(r"-\s?\(\s?-\s?(\d{1,6}|[a-z]|\d{1,6}[a-z])\s?\)")
_TWICE = re.compile(r"(\\?(?:sin|cos|tan))\s?(\\[a-z]{2,8}|[a-zθαβφ]|\([a-zθ]\))\s?(?:\\cdot|\\times|\*|\s)\s?\1\s?\2")


def of(text: str) -> Iterator[str]:
    """The formula of a Chinese sentence, and the reply with its signs and squares written plainly."""
    if len(text) > MAX_CHARS:
        return
    if _HAN.search(text) and not _HAN_DENIES.search(text):
        runs = [m[0].strip() for m in _RUN.finditer(text)]
        formulas = [run for run in runs if _OPERATOR.search(run) and any(map(str.isalnum, run))]
        if len(formulas) == 1:
            yield formulas[0]
    plain = _TWICE.sub(r"\1^2 \2", _MINUS_MINUS.sub(r"+ \1", _PLUS_MINUS.sub(r"- \1", text)))
    if plain != text:
        yield plain
