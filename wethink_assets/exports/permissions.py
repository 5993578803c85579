"""Permissions of a licence text: whether it says that pictures and texts may be shared, or used commercially.

Belongs here: reading the licence that a source states, strictly. Pure. Does not belong here: which licence a source has
(sources/catalog.py). This is a filter, not legal advice: what a text does not say is not permitted.
"""

from __future__ import annotations

import re

SHARE, COMMERCIAL = "share", "commercial"
PERMISSIONS = (SHARE, COMMERCIAL)

# A clause counts when it is nothing but one of these, with a remark of what it covers in brackets or before it.
_OPEN = re.compile(
    r"(?:CC0(?:[- ]1\.0)?|public domain|CC[- ]BY(?:[- ]SA)?(?:[- ]\d\.\d)?(?:[- ](?:IGO|[A-Z]{2}))?|MIT"
    r"|BSD(?:[- ][23][- ]Clause)?|Apache(?:[- ]2\.0| License 2\.0)?"
    r"|(?:L|A)?GPL(?:[- ]?v?\d(?:\.\d)?)?(?:-only|-or-later)?"
    r"|ODC[- ]BY(?:[- ]1\.0)?|CDLA[- ]Permissive[- ]\d\.\d)(?: licen[cs]e)?",
    re.IGNORECASE,
)
_SHARED = re.compile(
    r"CC[- ]BY[- ]NC(?:[- ]SA)?(?:[- ]\d\.\d)?(?:[- ](?:IGO|[A-Z]{2}))?(?: licen[cs]e)?", re.IGNORECASE
)
_REMARK = re.compile(r"\([^()]*\)")
_SUBJECT = re.compile(r"^(?:images?|pictures?|captions?|annotations?|texts?|questions?)\b:?\s*", re.IGNORECASE)


def permits(licence: str, permission: str) -> bool:
    """Whether every clause of a licence text (parted by semicolons) grants a permission.

    `share` is to pass copies on, `commercial` is to do so in a product. A clause that names no known licence grants
    nothing, nor does one that adds a condition to it.
    """
    clauses = [_SUBJECT.sub("", _REMARK.sub("", clause).strip()).strip(" .") for clause in licence.split(";")]
    return all(bool(clause) and _grants(clause, permission) for clause in clauses)


def _grants(clause: str, permission: str) -> bool:
    return bool(_OPEN.fullmatch(clause)) or (permission == SHARE and bool(_SHARED.fullmatch(clause)))
