"""A yes-or-no question answered by its own words, briefly or abroad: "They are congruent.", "Es ist offen."

Belongs here: short statements by the question's last word or verb, complementary opposites, nobody and nothing, and
German, French, Spanish and Chinese. Does not belong here: statements with most of the question's words (restated.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from wethink_assets.rewards import asked_words, restated

MAX_CHARS = 120
_DOUBTS = re.compile(
    r"\b(?:if|unless|maybe|perhaps|might|may|or|almost|hardly|barely|partly|only|too|but|half|nearly|sometimes|once|until|should"
    r"|before|after|seems?|not sure|vielleicht|peut-être|quizás?|fast|presque|casi)\b|\?|可能|也许|如果|但|吗|几乎|部分"
    r"|有时",
    re.IGNORECASE,
)
_NOT = r"(not\s|n't\s|never\s|no longer\s)?"
_PREDICATE = re.compile(
    rf"^(?:yes,? |no,? |indeed,? )?(?:it|they|he|she|this|these|both|the\s(?:[a-z]{{2,20}}\s){{0,2}}[a-z]{{2,20}})"
    rf"\s?(?:is|are|was|were|'s|'re|isn't|aren't|wasn't|weren't)\s{_NOT}(?:an?\s|the\s)?([a-z]{{2,20}})",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"^(?:yes,? |no,? |indeed,? )?(?:it|they|he|she|this|that)\s(?:would|will|does|do|did|could|can)(\snot"
    r"|n't)?\s([a-z]{3,20})"
    r"(?:\sthe|\sit|\sthem)?",
    re.IGNORECASE,
)
_CONTAINS = re.compile(
    r"^(?:it|he|she|this)\s([a-z]{3,20}s)\s(?:an?|the|one)?\s?(?:letter\s|word\s)?\"?([\w-]{1,20})\"?", re.IGNORECASE
)
_ATTRIBUTE = re.compile(
    rf"^(?:the|its|their)\s([a-z]{{3,20}})\s(?:is|are|was|were)\s{_NOT}([a-z]{{3,20}})", re.IGNORECASE
)
_END = re.compile(r"[;:.!]\s|,\s(?:so|because|since|as|which|with)\s|\s(?:because|since)\s", re.IGNORECASE)
_OPENING = re.compile(r"(?:indeed|yes|no|certainly|clearly|actually|in fact|true|right)[,:]\s", re.IGNORECASE)
_PAIRS = (
    "open closed",
    "on off",
    "even odd",
    "dead alive",
    "same different",
    "equal unequal",
    "awake asleep",
    "lit unlit",
    "inside outside",
    "indoors outdoors",
    "legal illegal",
    "possible impossible",
    "shut open",
    "rational irrational",
    "present absent",
    "finite infinite",
    "present missing",
)
_COMPLEMENTS: dict[str, frozenset[str]] = {
    word: frozenset(o for pair in _PAIRS if word in pair.split() for o in pair.split() if o != word)
    for word in {w for pair in _PAIRS for w in pair.split()}
}
_NOBODY = re.compile(r"\b(?:nobody|no one|no-one|nothing|nowhere|none)\b", re.IGNORECASE)
_ANYBODY = frozenset("anybody anyone someone somebody anything something person people anywhere any".split())
_FRAME = frozenset(
    "es er sie ist sind das der die den dem ein eine einen ja nein hat haben il elle ils est sont le la les un "
    "une de d du des a y l oui "
    "non se el los las una es está están hay tiene en del al sí que qu on i ce c".split()
)
_DENY = frozenset("nicht kein keine keinen ne n pas no nunca jamais nie non aucun aucune ningún ninguna".split())
_ABROAD = frozenset(
    "ist sind hat haben wird werden gibt est sont a y le la les es está están hay tiene el los las".split()
)
_WORD = re.compile(r"[^\W\d_]+")
_ONE_WORD = re.compile(r"[^\W_]+")
_HAN_WHETHER = re.compile("是否|能否|有无")
_HAN_DENIED = re.compile("^(?:没有|并不|并没有|并未|不|没|未|无)")
_HAN_ASKS = re.compile("[吗么]$")
_HAN_BREAK = re.compile(r"[,;:.!]\s?(?:所以|因此|故|那么)?")


def polarity(text: str, asked: Sequence[str]) -> bool | None:
    """True where the reply affirms what was asked, False where it denies it, None where it says anything else."""
    if len(text) > MAX_CHARS or not asked or _DOUBTS.search(text):
        return None
    if re.search("[\u4e00-\u9fff]", text):
        return _of_chinese(text, asked)
    text = _OPENING.sub("", text).strip(" .!")
    first = _END.split(text, maxsplit=1)[0].strip(" .!")
    if (
        not first
        or not first.isascii()
        or (_ABROAD & set(asked) and not {"is", "are", "does", "do", "the"} & set(asked))
    ):
        return _of_another_language(text, asked)
    return _of_english(first, asked)


def _of_english(text: str, asked: Sequence[str]) -> bool | None:
    wanted = [w for w in asked if not asked_words.is_empty(w)]
    stems = [asked_words.stem(w) for w in wanted]
    if not wanted or {"not", "no", "never", "or", "without"} & set(asked):
        return None
    if (none := _NOBODY.search(text)) and _ANYBODY & set(asked):
        rest = [asked_words.stem(w.casefold()) for w in _WORD.findall(text[: none.start()] + text[none.end() :])]
        return (
            False if rest and all(w in stems or asked_words.is_empty(w) for w in rest) and _said(rest, stems) else None
        )
    if (turned := _by_complement(text, asked)) is not None:
        return turned
    if match := _PREDICATE.fullmatch(text):
        said, denied = match[2].casefold(), match[1] is not None or "n't" in text
        subject = [asked_words.stem(w.casefold()) for w in _WORD.findall(text[: match.start(2)]) if len(w) > 1]
        own = [w for w in subject if not (asked_words.is_empty(w) or w in _PLAIN)]
        if not set(own) <= set(stems) or "than" in asked:
            return None
        last = _last_predicate(wanted)
        if asked_words.stem(said) == asked_words.stem(last):
            return not denied
        if last in _COMPLEMENTS.get(said, ()):
            return denied
    if (match := _VERB.fullmatch(text)) and asked_words.stem(match[2].casefold()) in stems and "than" not in asked:
        return match[1] is None
    if (match := _CONTAINS.fullmatch(text)) and len(stems) > 1 and match[2].casefold() == wanted[-1]:
        return True if asked_words.stem(match[1].casefold()) in stems else None
    if (match := _ATTRIBUTE.fullmatch(text)) and len(wanted) > 1:
        noun, said = match[1].casefold(), match[3].casefold()
        if any(a == said and b == noun for a, b in pairwise(wanted)):
            return match[2] is None and "n't" not in text
    return None


def _by_complement(text: str, asked: Sequence[str]) -> bool | None:
    """A statement with the complement of the question's word, "The ball is outside the box.", as the denial of it."""
    words = [w.casefold() for w in _WORD.findall(text)]
    turned = [w for w in words if w not in asked and not _COMPLEMENTS.get(w, frozenset()).isdisjoint(asked)]
    if len(turned) != 1 or len(words) < 2:
        return None
    own = next(w for w in asked if w in _COMPLEMENTS[turned[0]])
    if _ALONE.fullmatch(text):
        return "not" in words
    said = restated.polarity(re.sub(rf"\b{turned[0]}\b", own, text, flags=re.IGNORECASE), asked)
    return None if said is None else not said


_ALONE = re.compile(r"(?:it|he|she|they)\s?(?:is|are|was|were|'s|'re)\s(?:not\s)?[a-z]{2,20}", re.IGNORECASE)
_PLAIN = frozenset("yes no indeed it they he she this these both the an isn't aren't isn aren wasn weren was".split())
_BEHIND = frozenset("picture image photo figure diagram chart graph map scene now here today".split())


def _last_predicate(wanted: Sequence[str]) -> str:
    """The last word of a question that says something of its subject."""
    rest = [w for w in wanted if w not in _BEHIND]
    if (place := next((i for i, w in enumerate(wanted) if w in _COMPLEMENTS), -1)) >= 0 and wanted[:place]:
        return wanted[place]  # open, of "open on Sunday"
    return rest[-1] if rest else ""


def _said(rest: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether some of the words, and the question's last, are said again."""
    return any(w in stems for w in rest) and stems[-1] in rest


def _of_another_language(text: str, asked: Sequence[str]) -> bool | None:
    """A German, French or Spanish question said again in its own words."""
    if {"the", "is", "does"} & set(asked) or not _ABROAD & set(asked):
        return None
    words = [w.casefold() for w in _WORD.findall(text)]
    denials = [w for w in words if w in _DENY]
    denied = bool(denials) and not (len(denials) == 1 and denials[0] in ("non", "no") and words[0] in ("non", "no"))
    said = [w for w in words if w not in _FRAME and w not in _DENY]
    wanted = [w for w in asked if w not in _FRAME]
    if not said or not wanted or said[-1] != wanted[-1] or not set(said) <= set(wanted) or len(denials) > 2:
        return None
    if [w for w in wanted if w in said] != list(dict.fromkeys(said)):
        return None
    opens = words[0]
    if (opens in ("ja", "oui", "sí") and denied) or (opens in ("nein", "non", "no") and not denied and len(said) > 0):
        return None
    return not denied


def _of_chinese(text: str, asked: Sequence[str]) -> bool | None:
    """The predicate of a question with 是否 or 吗, with 不 or 没 before it or without."""
    parts = [p for p in _HAN_BREAK.split(text.strip(" .!")) if p]
    for part in reversed(parts[-2:]):
        bare = re.sub(r"^(?:它|他|她|它们|他们|两者|是的|图中|答案是?)", "", part)
        denied = _HAN_DENIED.match(bare)
        said = bare[denied.end() :] if denied else bare
        if len(said) < 2 or re.search("[不没未]", said):
            continue
        for token in asked:
            predicate = token[match.end() :] if (match := _HAN_WHETHER.search(token)) else None
            if predicate is None and _HAN_ASKS.search(token) and len(token) > 3 and not re.search("[不没未]", token):
                predicate = token[:-1] if token[:-1].endswith(said) else None
                predicate = said if predicate else None
            if predicate and len(predicate) > 1 and said.startswith(predicate):
                return denied is None
    return None
