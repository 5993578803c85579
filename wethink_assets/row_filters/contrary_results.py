"""A result that a path puts between two statements of its answer: "It is 98. This gives 112. So the answer is 98.", and
a descriptive answer that it states with another colour, side or number.

Belongs here: which results are of the answer's kind and say another one. Does not belong here: two statements of one
subject, conclusions in words (path_steps.py), results of computations (computations.py).

A middle result that differs from the answer is the rule in good paths. So it counts only where nothing new is computed
("this gives", "the result is"), the answer was said before it and is said again after it, and it is an option, a number
with the answer's unit, or a colour, side, yes or no like the answer.
"""

from __future__ import annotations

import re

from wethink_assets.rewards.answers import MULTIPLE_CHOICE
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.conclusions import conclusions

COLOURS = frozenset(
    "red green blue yellow orange purple violet pink brown black white grey gray cyan magenta teal turquoise gold "
    "silver beige maroon navy olive lime".split()
)
SIDES = frozenset("left right top bottom above below inside outside".split())
_CLOSED = (COLOURS, SIDES, frozenset(("yes", "no")))
_RESULT = re.compile(
    r"(?:^|(?<=[.!?;])\s+|\n)(?:so |thus,? |hence,? |therefore,? |yes,? )?"
    r"(?:(?:this|that|it|everything|all (?:of )?(?:this|that|these|those)(?: \w+)?|these(?: \w+)?|(?:the|my) result)"
    r" (?:\w+ly )?(?:gives?|points? (?:\w+ly )?to|leads? (?:\w+ly )?to|yields?|is indeed|must be)"
    r"|the result (?:of (?:this|that|these) )?is"
    r"|putting (?:this|it all|all of this|everything) together,? (?:we|i) (?:get|find|have|obtain)"
    r"|checking (?:this|it) (?:\w+ ){0,4}confirms that the result is"
    r") (?P<claim>[^\n;]{1,60}?)(?=[.;!,](?:\s|$)| which\b|\n|$)",
    re.IGNORECASE,
)
_SENTENCE_WORDS = 4  # shorter answers are compared by rules
_ONLY = re.compile(r"\bonly (?P<claim>[^\n;]{1,60}?)(?= (?:fits|matches)\b)", re.IGNORECASE)
_AMOUNT = re.compile(r"[-+−]?[$€£]?\d(?:[\d.,]*\d)?(?P<unit>\s?\S{0,12})")
_LETTER = re.compile(r"^[A-Z]\. ")
_TURNED = re.compile(
    r"\b(?:not|no longer|wait|actually|instead|rather|however|but|at first|seems?|might|could|would|if|unless|wrong|"
    r"mistake\w*|correct(?:ed|ing|ion))\b",
    re.IGNORECASE,
)


def contrary_result(row: Candidate) -> str | None:
    """What such a result says, or None; free text must be passed over by the caller."""
    for match in (*_RESULT.finditer(row.path), *_ONLY.finditer(row.path)):
        claim = _LETTER.sub("", match["claim"].strip())
        before, after = row.path[: match.start()], row.path[match.end() :]
        if not _is_of_its_kind(row, claim, before) or _TURNED.search(_first_sentence(match[0] + after)):
            continue
        if _TURNED.search(_first_sentence(_second_part(after))):
            continue
        if verify(row.gold, claim, extracted=True) != Verdict.WRONG:
            continue
        if _says(row, before) and _says(row, after):
            return f"the path says {row.answer_text[:80]!r}, then {claim!r}"
    return None


def other_wording(row: Candidate) -> str | None:
    """A conclusion that says a descriptive answer word by word, but for colours, sides, yes, no or numbers; or None."""
    answer = fold(row.answer).split()
    for claim in conclusions(row.path):
        said = fold(claim).split()
        if len(said) < _SENTENCE_WORDS or len(said) != len(answer) or _is_doubted(row, claim):
            continue
        pairs = [(a, b) for a, b in zip(said, answer, strict=True) if a != b]
        if pairs and all(_same_kind(a, b) for a, b in pairs):
            return f"the path concludes {claim[:80]!r}, the answer is {row.answer[:80]!r}"
    return None


def _is_doubted(row: Candidate, claim: str) -> bool:
    start = row.path.index(claim)
    before = re.split(r"[.!?;]\s", row.path[:start])[-1]
    return bool(_TURNED.search(before) or _TURNED.search(_first_sentence(_second_part(row.path[start:]))))


def _same_kind(a: str, b: str) -> bool:
    a, b = a.strip(".,;:"), b.strip(".,;:")
    return any(a in some and b in some for some in _CLOSED) or (a.isdigit() and b.isdigit())


def _is_of_its_kind(row: Candidate, claim: str, before: str) -> bool:
    if row.category == MULTIPLE_CHOICE:
        return claim in {chr(65 + n) for n in range(len(row.options))} or fold(claim) in map(fold, row.options)
    words, answer = fold(claim), fold(row.answer)
    if any(words in some and answer in some for some in _CLOSED):
        return True
    told, own = _AMOUNT.fullmatch(claim), _AMOUNT.fullmatch(row.answer.strip())
    if not told or not own or told["unit"].strip() != own["unit"].strip():
        return False
    number = re.escape(claim[: told.start("unit")])  # one that was said before is a middle result
    return not re.search(rf"(?<![\w.,]){number}(?!\w|[.,]\d)", before)


def _says(row: Candidate, text: str) -> bool:
    """Whether a text says the answer as words; of an option its text, or its letter alone."""
    texts = {row.answer_text} if row.category == MULTIPLE_CHOICE else {row.answer}
    letter = str(row.gold.value)
    if row.category == MULTIPLE_CHOICE and re.search(rf"(?<!\w){re.escape(letter)}(?!\w)", text):
        return True
    if amount := _AMOUNT.fullmatch(row.answer.strip()):  # its unit may be understood
        texts = {row.answer.strip()[: amount.start("unit")]}
    told = fold(text)
    return any((w := fold(one)) and re.search(rf"(?<![\w.,]){re.escape(w)}(?![\w^²³]|[.,]\d)", told) for one in texts)


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?;])\s", text.strip(), maxsplit=1)[0]


def _second_part(text: str) -> str:
    """What follows the sentence that a text begins in the middle of."""
    return re.split(r"[.!?;](?:\s|$)", f"{text}. ", maxsplit=1)[1]
