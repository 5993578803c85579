"""JSON Lines (one record a line) that every reader splits alike.

Belongs here: one record as one line. Pure. Does not belong here: which fields a record has.
"""

from __future__ import annotations

import json
import re
from typing import Any

# What Python's splitlines and others take for the end of a line; JSON escapes the others itself.
_SEPARATORS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_line(record: Any) -> str:
    """One record as a line with its line feed. Text stays readable; Unicode's line separators are escaped."""
    return json.dumps(record, ensure_ascii=False).translate(_SEPARATORS) + "\n"


def storable(text: str) -> str:
    """`text` as UTF-8 can hold it: halves of surrogate pairs, which it cannot, become U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
