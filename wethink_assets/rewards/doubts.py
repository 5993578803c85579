"""Epistemic hedges: replies that doubt, suppose, report or take back as a whole what they name.

Belongs here: the words by which a reply does not assert its answer, wherever they stand: "if it were turned, 5", "some
would say 5", "5, unless I misread", "5, just kidding". Does not belong here: which of several mentions is denied
(statements.py), answers that are corrected (taken_back.py).

A word counts only where neither the answer nor an option has it, so that "never" among options asserts as any other.
"""

from __future__ import annotations

import re
from collections.abc import Collection

_DOUBT = re.compile(
    r"\bi\s(?:doubt|(?<!^i\s)guess|suppose|suspect|wonder|hope|would\s(?:not|never)\ssay|wouldn't\ssay|don't\s(?:think|believe)(?!\sso))\b"
    r"|\b(?:probably|perhaps|maybe|possibly|presumably|supposedly|allegedly|hardly|scarcely|conceivably|arguably)\b"
    r"|\b(?:may|might|could)\s(?:well\s|also\s|just\s|perhaps\s)?be\b"
    r"|\bmore\sor\sless\b|\bor\sso\b|\bgive\sor\stake\b|\bor\sthereabouts\b|\bso\sto\sspeak\b|\bin\sa\ssense\b"
    r"|\b(?:not\s(?:really|quite|exactly|entirely|necessarily|certain|sure(?!,?\sbut\b))|far\sfrom\s(?:it|being|\d)"
    r"|just\s(?:kidding|joking)|as\sif|as\sthough)\b"
    r"|\b(?:the\s(?:exact\s)?opposite|the\sreverse|the\sinverse|the\scontrary)\sof\b"
    r"|\balso\s(?:be\s)?(?:possible|acceptable|correct|right|true|valid|fits?|works?)\b|\bcan(?:not|'t)\s(?:be\s)?exclude"
    r"|\b(?:only\s(?:if|when)|in\scase|depend(?:s|ing)|guess(?:ing|work)|no\sguarantee|toss-?up|coin\s(?:flip|toss))\b"
    r"|\b(?:if|unless|as\sfar\sas)\si\b|\bto\sthe\sbest\sof\smy\b|\(\?\)",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"(?:^|[.;!?]\s|,\s|[a-z\d)\]$}]\s)(?:(?:if|unless|supposing|suppose|provided|assuming)\s(?!necessary|needed|and\sonly)"
    r"[^.;!?]{1,200}?)(?:[.!?]?$)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:common|typical|frequent|classic|careless|tempting|popular)\s(?:mistake|error|misconception|trap|wrong|answer)\b"
    r"|\b(?:wrong|incorrect|false|rejected|mistaken)\s(?:answer|option|choice|value|result)\s(?:is|was|would|:)"
    r"|\b(?:used\sto\sbe|no\slonger)\b"
    r"|\b(?:not|isn't|false|untrue|wrong|incorrect|impossible|unlikely|doubtful)\s"
    r"(?:true\s|right\s|correct\s|the\scase\s|to\ssay\s|to\sclaim\s)?that\s(?!i\scan)",
    re.IGNORECASE,
)
_AT_FIRST = re.compile(
    r"\b(?:my|the|an?)\s(?:first|initial|original|early|quick)\s(?:guess|thought|instinct|impression|answer|reading|estimate)\b"
    r"|\b(?:some|one|others|many|most|people|students?|you|a\s(?:careless|hasty|casual)\s\w{3,12})\s(?:people\s|students\s|readers\s)?"
    r"(?:might\s|may\s|would\s|could\s|will\s)?(?:say|claim|think|believe|guess|argue|expect|assume|be\stempted)\b"
    r"|\bi\s(?:first|initially|originally)\s(?:thought|said|guessed|read|counted)\b",
    re.IGNORECASE,
)
_THEN = re.compile(r"\b(?:but|however|actually|wait|then|so|now|after|correct(?:ed)?)\b|[.;]\s", re.IGNORECASE)
# A denial in another language beside a mention: "el 1, no el 2", "rouge, pas bleu", "nicht A, sondern B".
_FOREIGN = re.compile(
    r"\b(?:pas|nicht|kein(?:e[nmrs]?)?|sino|sondern|não|jamais|nunca|nie(?:mals)?)\b"
    r"|(?:^|[,(;]\s?)(?:y\s|et\s|und\s|e\s)?(?:no|non)\s(?:el|la|los|las|le|les|un|una|une|es|est|o|a|il|lo)\b",
    re.IGNORECASE,
)


def is_doubted(text: str, own: str, *, may_deny: bool = False) -> bool:
    """Whether a reply does not assert what it names; `own` are the words of the answer and of the options.

    `may_deny`: a denial may be the answer itself: to yes-or-no questions, and to those for what is not so.
    """
    patterns: Collection[re.Pattern[str]] = (_DOUBT, _SUPPOSED) if may_deny else _ALL
    if any((match := pattern.search(text)) and not _has(own, match[0]) for pattern in patterns):
        return True
    first = _AT_FIRST.search(text)
    return first is not None and _THEN.search(text, first.end()) is None


_ALL = (_DOUBT, _SUPPOSED, _FOREIGN, _REPORTED)


def _has(own: str, words: str) -> bool:
    return words.strip(" ,.;").casefold() in own
