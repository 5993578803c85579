r"""The form in which a question wants an expression: solved for y, factored, expanded; and the question's own formulas.

Belongs here: reading these from a question, and telling a reply that is equal but is the question again or stands in
another form. Does not belong here: whether two expressions are equal (algebra.py).

A form is only held against a reply where the gold has it: a gold that is not factored wants no factors.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from math import gcd

from wethink_assets.rewards import latex_text
from wethink_assets.rewards.expressions import Tree, UnsureError, names_in, read
from wethink_assets.rewards.normalise import clean, without_lead_in

MAX_CHARS = 1_000
MAX_FORMULAS = 6
_FORMS = {
    "exact": r"\bexact\b",
    "variables": r"\bin terms of (?:the )?(?:variables? )?\$?\\?[a-zA-Z]\$?(?=$|[,.?!]|\s(?:and|or|only)\b)"
    r"|\balgebraic expression\b|\bexpression for the\b|\bnth term\b|代数式|第\s?n\s?个|用含",
    "factored": r"\bfactori[sz]e|\bfactored|^\s?factor\b|\bfactor (?:completely|fully|the (?:expression|polynomial"
    r"|quadratic|trinomial))|因式分解|分解因式",
    "expanded": r"\bexpand|\bmultiply out\b|展开",
    "squared": r"\bcomplet\w+ the square\b|\bvertex form\b|配方|顶点式|\)\^\{?2\}? ?[-+=]? ?\w{0,2}",
    "rational": r"\brationali[sz]e|有理化",
    "lowest": r"\bsimplest (?:form|terms)\b|\blowest terms\b|\bsimplify\b|\breduce(?:d)? (?:the|fraction)|化简|最简",
    "single": r"\bsingle (?:log|fraction|term|power)|\bone logarithm",
}
_FORM = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _FORMS.items()}
_SUBJECT = re.compile(
    r"\b(?i:solve|solving|rearrang\w{1,4}|solved)\b[^.?!]{0,80}?\bfor \$?([a-zA-Z])\b"
    r"|\b(?i:make) \$?([a-zA-Z])\$? the subject"
    r"|\b(?i:express) \$?([a-zA-Z])\$? (?:in terms|as a function)|表示\s?([a-zA-Z])(?![a-zA-Z])"
)
_SLOPE_FORM = re.compile(r"\bslope[ -]intercept form|斜截式", re.IGNORECASE)
_FORMULA = re.compile(
    r"(?:\\[a-zA-Z]{1,8}|\d{1,12}(?:\.\d{1,9})?|(?<![A-Za-z])(?:sin|cos|tan|log|ln|[A-Za-z])(?![A-Za-z])"
    r"|(?<=\d)[A-Za-z](?![A-Za-z])|[-+*/^=(){}\[\]√π_!.]|\s){3,120}"
)
_OPERATION = re.compile(r"[-+*/^√!]|\\(?:sqrt|[dt]?frac|cdot|times|log|ln)|\b(?:sin|cos|tan|log|ln)\b")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]{1,60})\}\{([^{}]{1,60})\}")
_SIMPLE_GROUP = re.compile(r"(\\sqrt|\^)\{(\w{1,9})\}")
_PRODUCT = re.compile(r"\s?(?:\\(?:times|cdot)(?![a-z])|\*)\s?")
_LOOKS = re.compile(r"\s|[{}()$]|\\(?:left|right|cdot|times|displaystyle|,|;|!|:)(?![a-z])|(?<![\d)])\*|\*(?![\d(])")
_MARK, _FORM_MARK = "formula:", "form:"


def of(question: str, *, equations: bool = True) -> tuple[str, ...]:
    """Marks of what the question wants: names of forms, "solve:y", and its formulas, those with "=" if `equations`."""
    question = clean(question[:MAX_CHARS])
    forms = [_FORM_MARK + name for name, pattern in _FORM.items() if pattern.search(question)]
    match = _SUBJECT.search(question)
    subject = next(filter(None, match.groups()), "") if match else "y" if _SLOPE_FORM.search(question) else ""
    formulas = [_looks(m[0]) for m in _FORMULA.finditer(question) if _OPERATION.search(m[0])]
    kept = [f for f in dict.fromkeys(formulas) if len(f) > 2 and (equations or "=" not in f)][:MAX_FORMULAS]
    return (*forms, *([f"solve:{subject}"] if subject else []), *(_MARK + f for f in kept))


def wants_variables(question: str) -> bool:
    """Whether a question asks for an expression in named variables: "in terms of r and h"."""
    return _FORM["variables"].search(clean(question[:MAX_CHARS])) is not None


def wants(form: str, asked: Collection[str]) -> bool:
    """Whether the question names a form: exact, variables, factored, expanded, squared, rational, lowest, single."""
    return _FORM_MARK + form in asked


def repeats_question(text: str, asked: Collection[str]) -> bool:
    """Whether a reply is a formula of the question, as it stands there."""
    marks = {w for w in asked if w.startswith(_MARK)}
    return bool(marks) and any(_MARK + _looks(part) in marks for part in (text, without_lead_in(text)))


def _looks(text: str) -> str:
    """A formula without what changes only its looks: spaces, brackets, signs of products, fractions as quotients."""
    text = _PRODUCT.sub("*", latex_text.without_dollars(text).replace("√", "\\sqrt"))
    text = _FRACTION.sub(r"\1/\2", _SIMPLE_GROUP.sub(r"\1\2", text))
    return _LOOKS.sub("", text).strip(".,=?")


def is_another(gold: str, reply: str, asked: Collection[str]) -> bool:
    """Whether the reply lacks the form that the question asks for and the gold has; both as LaTeX without words."""
    subject = next((w[-1] for w in asked if w.startswith("solve:")), "")
    if subject and _is_solved(gold, subject) and "=" in reply and not _is_solved(reply, subject):
        return True
    if wants("lowest", asked) and not _reducible(gold) and _reducible(reply):
        return True
    wanted = [form for form in _CHECKS if wants(form, asked)]
    if not wanted:
        return False
    try:
        gold_tree, reply_tree = read(gold)[1], read(reply)[1]
    except (UnsureError, RecursionError):
        return False
    return any(_CHECKS[form](gold_tree, reply_tree) for form in wanted)


def _is_solved(text: str, variable: str) -> bool:
    """Whether an equation has the variable alone on one side and nowhere on the other."""
    sides = [_LOOKS.sub("", side) for side in text.split("=")]
    if len(sides) != 2 or variable not in sides:
        return False
    other = sides[1] if sides[0] == variable else sides[0]
    return variable not in re.findall(r"\\[a-z]+|[A-Za-z]", other)


_PLAIN_FRACTION = re.compile(r"-?\s?(?:\\[dt]?frac\s?\{?(\d{1,9})\}?\s?\{?(\d{1,9})\}?|(\d{1,9})\s?/\s?(\d{1,9}))")


def _reducible(text: str) -> bool:
    match = _PLAIN_FRACTION.fullmatch(text.strip())
    return match is not None and gcd(int(match[1] or match[3]), int(match[2] or match[4])) > 1


def _parts(tree: Tree) -> Iterator[Tree]:
    yield tree
    for part in tree[1:]:
        if isinstance(part, tuple):
            yield from _parts(part)


def _is_sum(tree: Tree) -> bool:
    return tree[0] in ("+", "-") and not (tree[0] == "-" and tree[1] == ("number", 0))


def _factors(tree: Tree) -> int:
    """How many factors a product has; a sum is one, and so is a number other than 1."""
    if tree[0] == "*":
        return _factors(tree[1]) + _factors(tree[2])
    if tree[0] == "-" and tree[1] == ("number", 0):
        return _factors(tree[2])
    if tree[0] == "^" and tree[2][0] == "number" and tree[2][1].denominator == 1 and 0 < tree[2][1] < 9:
        return int(tree[2][1]) * _factors(tree[1])
    return 0 if tree == ("number", 1) else 1


def _has_product_of_sums(tree: Tree) -> bool:
    return any(
        part[0] in ("*", "^") and any(_is_sum(p) for p in part[1:] if isinstance(p, tuple)) for part in _parts(tree)
    )


def _has_square_of_sum(tree: Tree) -> bool:
    return any(part[0] == "^" and _is_sum(part[1]) for part in _parts(tree))


def _has_root_below(tree: Tree) -> bool:
    return any(part[0] == "/" and any(p[0] == "root" for p in _parts(part[2])) for part in _parts(tree))


_CHECKS = {
    "factored": lambda gold, reply: _factors(gold) > 1 and bool(names_in(gold)) and _factors(reply) < _factors(gold),
    "expanded": lambda gold, reply: not _has_product_of_sums(gold) and _has_product_of_sums(reply),
    "squared": lambda gold, reply: _has_square_of_sum(gold) and not _has_square_of_sum(reply),
    "rational": lambda gold, reply: not _has_root_below(gold) and _has_root_below(reply),
    "single": lambda gold, reply: not _is_sum(gold) and _is_sum(reply),
}


_NAMED = re.compile(
    r"(?i:\blength of|\bmeasure of|\bfind|\bwhat is|\bdetermine|求)\s?"
    r"(?:the\s)?(?:segment\s|side\s|line\s|chord\s|vector\s|angle\s)?\$?(?:∠)?([A-Z]{2,3}\b|[a-z]'\([a-z]\))",
)
_NAME_GIVEN = re.compile(r"^(?:\\overline\{)?([A-Z]{2,3}|[a-z]'?\([a-z]\))\}?\s?=")


def names(question: str) -> tuple[str, ...]:
    """The segment, angle or derivative that is asked for, with "=": AB=, f'(x)=."""
    return tuple(f"{name}=" for name in dict.fromkeys(_NAMED.findall(question[:2000]))) if question else ()


def of_another_name(text: str, asked: Sequence[str]) -> bool:
    """Whether a reply gives AC, where AB is asked for, or f(x) for f'(x)."""
    wanted = {name[:-1] for name in asked if name.endswith("=") and (name[:2].isupper() or "'" in name)}
    match = _NAME_GIVEN.match(text.strip("$ ")) if wanted else None
    if match is None or any("'" in name for name in wanted) != ("(" in match[1]):
        return False
    return match[1] not in wanted and match[1][::-1] not in wanted
