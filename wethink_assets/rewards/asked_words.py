"""What a question asks, and which clause of a reply speaks of it: "Apples cost $2, pears $3" asked about pears.

Belongs here: content words of a question, clauses of a reply, opposites that make a clause one about another thing.
Does not belong here: affirming and denying (statements.py), what a clause gives (rule_*.py).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import pairwise

from wethink_assets.rewards.asked_labels import of_another_label
from wethink_assets.rewards.units import singular

MAX_CHARS = 800
Span = tuple[int, int]
_EMPTY = frozenset(
    "a an the it its is are was were be been do does did has have had what which who whom whose where when why how "
    "many much of in on at to for by with from as and or that this these those there their his her you can could "
    "will would should if value number according shown show shows picture image photo figure diagram chart graph "
    "visible seen altogether table plot following given question between into than not no".split()
)
# Questions whose answer is made of the numbers of several clauses: the clause that says most of it gives a part.
_COMBINING = frozenset(
    "sum total difference altogether combined together ratio more fewer less change changed increase increased "
    "decrease decreased rise rose fall fell grow grew growth drop dropped times percentage percent longer shorter "
    "taller higher lower older younger larger bigger smaller gap sums".split()
)
_GROUPS = tuple(
    group.split()
    for group in (
        "yes no",
        "man woman boy girl",
        "male female",
        "north south east west",
        "highest lowest",
        "maximum minimum",
        "largest smallest",
        "tallest shortest",
        "mean median mode range sum",
        "proton neutron electron",
        "perimeter area volume circumference",
        "radius diameter",
        "left right",
        "first last",
        "length width height depth",
        "cat dog",
        "sum product",
        "domain range",
        "melt boil freeze",
        "open close",
        "start end",
        "sin cos tan",
        "sine cosine tangent",
        "import export",
        "taller shorter",
        "above below",
        "higher lower",
        "older younger",
        "heavier lighter",
        "odd even",
        "positive negative",
        "ph poh",
        "smaller larger",
        "average largest",
        "average smallest",
    )
)
_VERBS = frozenset(
    "chose choose like likes prefer prefers have has own owns play plays sell sells sold bought ate won".split()
)
_SIBLINGS: dict[str, frozenset[str]] = {
    word: frozenset(other for group in _GROUPS if word in group for other in group) - {word}
    for word in {word for group in _GROUPS for word in group}
}
_EXTREMES = {
    **dict.fromkeys(("maximum", "max", "greatest", "biggest", "highest", "peak", "peaked"), "largest"),
    "largest": "largest",
    "smallest": "smallest",
    **dict.fromkeys(("minimum", "min", "lowest", "fewest", "least", "worst", "bottomed", "low"), "smallest"),
    "most": "largest",
    "bigger": "larger",
    "gradient": "slope",
}
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")
_CLAUSE = re.compile(
    r"[;!?\n]|[.,](?=\s|$)|:(?=\s)(?!\s[-$€£]?\d)|(?<=[\u4e00-\u9fff])[.,;]|\s(?:and|but|while|whereas|although|though|so|compared|versus)\s"
    r"|[但而](?!且)",
    re.IGNORECASE,
)
_IRREGULAR = {"men": "man", "women": "woman", "people": "person", "children": "child", "won": "win", "sold": "sell"} | {
    form: base
    for pair in (
        "paid:pay made:make took:take taken:take gave:give given:give wrote:write written:write drew:draw "
        "drawn:draw wore:wear "
        "worn:wear ate:eat eaten:eat held:hold built:build led:lead met:meet bought:buy caught:catch flew:fly "
        "flown:fly ran:run "
        "sent:send came:come went:go gone:go shown:show grew:grow grown:grow threw:throw thrown:throw "
        "stood:stand sat:sit hung:hang "
        "spoke:speak spoken:speak drove:drive driven:drive sang:sing sung:sing rode:ride ridden:ride kept:keep "
        "lost:lose "
        "chose:choose chosen:choose began:begin begun:begin found:find fell:fall fallen:fall rose:rise "
        "risen:rise told:tell"
    ).split()
    for form, base in (pair.split(":"),)
}


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """A crude stem: wearing, wears and wear are one."""
    word = _IRREGULAR.get(word, singular(word))
    for end in ("ing", "ed"):
        if len(word) > len(end) + 2 and word.endswith(end) and not (end == "ed" and word.endswith("eed")):
            word = word[: -len(end)]
            return word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls" else word.rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word


@lru_cache(maxsize=8_192)
def content(words: Sequence[str]) -> frozenset[str]:
    """Stems of the words that tell one question from another, and its numbers."""
    return frozenset(stem(w) for w in words if w not in _EMPTY and not w.endswith("="))


def of_text(text: str) -> frozenset[str]:
    return content(tuple(w.casefold() for w in _WORD.findall(text)))


def clause(text: str, span: Span) -> str:
    """The clause around a span, with it; a longer text is one clause."""
    if len(text) > MAX_CHARS:
        return text
    start = max((m.end() for m in _CLAUSE.finditer(text) if m.end() <= span[0]), default=0)
    end = next((m.start() for m in _CLAUSE.finditer(text, span[1])), len(text))
    return text[start:end]


def combines(asked: Collection[str]) -> bool:
    """Whether the answer is made of several numbers: a sum, a difference, a ratio, a change."""
    return not _COMBINING.isdisjoint(asked)


def of_another(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause names the opposite of what was asked for and not that itself: "38 % voted no" for yes."""
    if len(said) > MAX_CHARS:
        return False
    words = {_named(m.casefold()) for m in _WORD.findall(said)}
    wanted = {_named(w) for w in asked}
    told = (of_another_label, _of_another_number, of_another_quantity, _of_another_rank, _of_another_whole)
    if any(of_it(said, asked) for of_it in told):
        return True
    return any(
        not _SIBLINGS[word].isdisjoint(words) and word not in words and _SIBLINGS[word].isdisjoint(wanted)
        for word in wanted & _SIBLINGS.keys()
    )


def is_named(word: str, asked: Collection[str]) -> bool:
    """Whether a superlative is the question's by another word: the largest for the highest."""
    return word in _EXTREMES and _EXTREMES[word] in {_EXTREMES.get(w, w) for w in asked}


@lru_cache(maxsize=8_192)
def _named(word: str) -> str:
    word = _IRREGULAR.get(word, singular(word))
    return _EXTREMES.get(word, word)


_QUANTITIES = frozenset(
    "area perimeter volume circumference radius diameter width length height depth slope y-intercept x-intercept focus "
    "vertex mean median mode sum product difference mass speed acceleration force energy power pressure density "
    "current voltage resistance charge momentum temperature frequency wavelength period amplitude distance "
    "domain range".split()
)
_SUBJECT = re.compile(
    r"\s?(?:(?:so|thus|therefore|hence),?\s)?the\s([a-z-]{3,20})(?:\sof\s[^=,;.]{1,40}?)?\s(?:is|was|are|equals|=)\s",
    re.IGNORECASE,
)
_ANGLE = re.compile(r"(?:∠|\\angle\s?|\bangle\s)([A-Z]{3})\b")


def of_another_quantity(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause states another quantity or angle than the one asked for: "The focus is" for the vertex."""
    match = _SUBJECT.match(said)
    if match and (subject := _named(match[1].casefold())) in _QUANTITIES:
        wanted = {_named(w) for w in asked} & _QUANTITIES
        if wanted and not wanted.isdisjoint(_named(m.casefold()) for m in _WORD.findall(said)):
            return False
        if wanted and not subject.endswith("intercept") and subject not in wanted:
            return True
        if "slope" in wanted and subject.endswith("intercept") and "intercept" not in asked:
            return True
    angles = {name.casefold() for name in _ANGLE.findall(said)}
    named = {b for a, b in pairwise(asked) if a == "angle" and len(b) == 3} | {
        w for w in asked if len(w) == 3 and w[::-1] in angles | {a[::-1] for a in angles}
    }
    return bool(angles) and bool(named) and named.isdisjoint(angles | {a[::-1] for a in angles})


_NUMBERED = re.compile(r"\b([a-z]{4,24})\s(\d{1,4}|[a-z])(?![\w.%'])")


def _of_another_number(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause is about beaker 1 where the question is about beaker 2, or about point B for point A."""
    for word, name in pairwise(asked):
        if len(word) < 4 or not word.isalpha() or word in _EMPTY or not (len(name) == 1 or name.isdigit()):
            continue
        named = {m[2] for m in _NUMBERED.finditer(said.casefold()) if m[1] == word}
        if named and name not in named and named.isdisjoint(asked):
            return True
    return False


_FIGURES = frozenset("bar valu number point total one shar percentag amount level rat line peak".split())
_RANKED = re.compile(
    r"\b(second|third|fourth|fifth|next|2nd|3rd|4th)[\s-](?:most|least|best|worst|[a-z]{3,12}est)\b", re.IGNORECASE
)


def _of_another_rank(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause says which is the second highest, where the highest is asked for."""
    if not asked:
        return False
    match = _RANKED.search(said)
    if match is None and any(w.endswith("est") or w in ("most", "maximum") for w in asked):
        match = _PLACED.search(said)
    return match is not None and next(filter(None, match.groups())).casefold() not in asked


_PLACED = re.compile(
    r"\b(?:is|was|ranks?|ranked|comes|came|placed|finished)\s(?:in\s)?(?:the\s)?(second|third|fourth)\b(?!\s(?:row|bar|column|figure))"
    r"|[a-z]\s(second|third|fourth)\W*$",
    re.IGNORECASE,
)
_OF = re.compile(r"\b([a-z]{4,20}) of (?:the |an? )?([a-z]{3,20})\b", re.IGNORECASE)
_ANY_HEAD = frozenset("number kind type part most some amount sum piece pair total value percentage share name".split())
_ANY_WHOLE = frozenset("picture image figure graph chart diagram table map photo these those them this that".split())


def _of_another_whole(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause is about the capital of Texas, where the question is about the capital of France."""
    place = asked.index("of") if "of" in asked[1:-1] else 0
    if not place or asked[place - 1] in _ANY_HEAD:
        return False
    wanted = next((w for w in asked[place + 1 :] if w not in _EMPTY), "")
    if not wanted or not wanted.isalpha():
        return False
    for head, whole in _OF.findall(said):
        low = whole.casefold()
        if head.casefold() == asked[place - 1] and low not in asked and low not in _EMPTY | _ANY_WHOLE:
            return stem(wanted) not in of_text(said)
    return False


def other_object(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause says of something else what was asked: "chose tennis", where the question ends with soccer.

    Only where one word follows in the question, and that word is nowhere in the clause.
    """
    if len(said) > MAX_CHARS:
        return False
    wanted = [stem(w) for w in asked if w not in _EMPTY and not w.endswith("=")]
    words = [w for w in (m[0].casefold() for m in _WORD.finditer(said)) if w not in _EMPTY]
    stems = [stem(w) for w in words]
    if len(wanted) < 2 or wanted[-1] in stems or wanted[-2] not in stems:
        return False
    place = stems.index(wanted[-2])
    after = stems[place + 1 :]
    is_verb = words[place].endswith(("ed", "ing", "est")) or words[place] in _VERBS or words[place] == "most"
    return is_verb and bool(after) and after[0] not in wanted and after[0] not in _FIGURES and not after[0][0].isdigit()


def whole_of_another(text: str, gold: str, asked: Sequence[str]) -> bool:
    """Whether a reply of one clause is about the opposite of what was asked for, which the gold does not name."""
    return len(clause(text, (0, 0))) >= len(text) - 1 and of_another(text, asked) and not of_another(gold, asked)


def most_of_it(text: str, spans: Sequence[Span], asked: Sequence[str]) -> list[int]:
    """Which of the spans stand in the clause that says most of what was asked; none where no clause says more."""
    wanted = content(tuple(asked))
    if len(text) > MAX_CHARS or len(spans) < 2 or not wanted or combines(asked):
        return []
    scores = [len(wanted & of_text(clause(text, span))) for span in spans]
    best = max(scores)
    if not best or min(scores) == best:
        return []
    return [i for i, score in enumerate(scores) if score == best]


def is_empty(word: str) -> bool:
    """Whether a word tells no question from another."""
    return word in _EMPTY
