"""Texts without the differences that mean nothing (text normalisation): spelling, hyphens, typesetting.

Belongs here: what makes two writings of one text equal. Does not belong here: whether a reply gives a text
(rule_texts.py, rule_ocr.py), what every rule strips (normalise.py).
"""

from __future__ import annotations

import re
from functools import lru_cache

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.normalise import MAX_REMEMBERED_CHARS, clean, fold

_SUBSCRIPT = re.compile(r"(?<=[A-Za-z)\]])\s?_\{?(\d{1,3})\}?")
_END_TOKEN = re.compile(r"<\|[a-z_]{2,20}\|>$|</s>$")


def typeset(text: str) -> str:
    """A formula or word as it looks: without fonts, dollars, indices' signs and a token at the end."""
    text = _END_TOKEN.sub("", text).strip()
    if "\\" in text or "$" in text or "_" in text:
        text = _SUBSCRIPT.sub(r"\1", latex_text.plain(latex_text.without_dollars(text)).replace("$", "")).strip()
        text = re.sub(r"(?<=[A-Z])\s(?=\d)", "", text)
    return text


_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)|(?<=[^\W\d])-\s(?=[^\W\d])")  # also at the end of a line
_RATIO = re.compile(r"(?<=\d)(?:\s?[:比]\s?|\sto\s)(?=\d)")  # 3:4, 3 to 4; not 6:8, which as a score is another
_COLOUR = re.compile(r"(?<![\u4e00-\u9fff])([红橙黄绿青蓝紫粉棕褐黑白灰])色(?![\u4e00-\u9fff])")  # 红 and 红色 are one
_SPELLING = {
    "grey": "gray",
    "colour": "color",
    "centre": "center",
    "metre": "meter",
    "litre": "liter",
    "theatre": "theater",
    "favourite": "favorite",
    "aluminium": "aluminum",
    "jewellery": "jewelry",
    "sulphur": "sulfur",
    "neighbour": "neighbor",
    "harbour": "harbor",
    "flavour": "flavor",
    "labour": "labor",
    "behaviour": "behavior",
    "humour": "humor",
    "vapour": "vapor",
    "tumour": "tumor",
    "armour": "armor",
    "fibre": "fiber",
    "sabre": "saber",
    "catalogue": "catalog",
    "dialogue": "dialog",
    "analogue": "analog",
    "programme": "program",
    "tyre": "tire",
    "plough": "plow",
    "mould": "mold",
    "moustache": "mustache",
    "pyjama": "pajama",
    "doughnut": "donut",
    "aeroplane": "airplane",
    "haemoglobin": "hemoglobin",
    "anaemia": "anemia",
    "oesophagus": "esophagus",
    "foetus": "fetus",
    "paediatric": "pediatric",
    "palaeozoic": "paleozoic",
    "labelled": "labeled",
    "travelling": "traveling",
    "travelled": "traveled",
    "cancelled": "canceled",
    "modelling": "modeling",
    "defence": "defense",
    "licence": "license",
    "organisation": "organization",
    "civilisation": "civilization",
    "ionisation": "ionization",
    "crystallisation": "crystallization",
    "fertilisation": "fertilization",
    "neutralisation": "neutralization",
    "polymerisation": "polymerization",
    "vaporisation": "vaporization",
}


_BRITISH = re.compile(rf"\b(?:{'|'.join(_SPELLING)})(?=s?\b)")


def is_other_spelling(gold: str, reply: str) -> bool:
    """Whether two texts are one in British and American spelling, and in neither's own."""
    a, b = fold(gold), fold(reply)
    return a != b and plainly(gold) == plainly(reply) and (_BRITISH.search(a) is None) != (_BRITISH.search(b) is None)


def plainly(text: str) -> str:
    """As `fold`, and without differences of hyphens, British and American spelling, 红 and 红色, 3:4 and 3 to 4."""
    return _remembered(text) if len(text) <= MAX_REMEMBERED_CHARS else _plainly(text)


@lru_cache(maxsize=4_096)
def _remembered(text: str) -> str:
    return _plainly(text)


def _plainly(text: str) -> str:
    text = _COLOUR.sub(r"\1", text)
    folded = _RATIO.sub(":", " ".join(_INNER_HYPHEN.sub(" ", fold(text)).split()))
    return _BRITISH.sub(lambda m: _SPELLING[m[0]], folded) or clean(text).casefold()
