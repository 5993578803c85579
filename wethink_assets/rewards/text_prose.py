"""A sentence that says just the word asked for: "They are playing tennis.", "It is a scatter plot, not a line".

Belongs here: which words may stand around the answer. Does not belong here: comparing words (same_words.py), what
affirms and denies (statements.py).

The words around an answer are listed and those of the question; any other makes another answer of it ("table tennis").
"""

from __future__ import annotations

import re
from collections.abc import Collection

from wethink_assets.rewards import asked_words, landmarks
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.same_words import bare, same_words
from wethink_assets.rewards.statements import Stance, stances
from wethink_assets.rewards.units import singular
from wethink_assets.rewards.verdict import NEGATION, UNKNOWN

MAX_CHARS = 400
MAX_GOLD_WORDS = 6
_AROUND = frozenset(
    "a an the it its it's is are was were be being been he she they we i his her their this that "
    "these those there here "
    "in on at to of for by with from as and very clearly most likely made image picture photo figure "
    "diagram chart graph "
    "sign scene one shown shows show showing depicts depict depicting displays displayed seen see "
    "appears appear seems seem "
    "called named written reads says labeled labelled answer correct final so thus therefore hence process type kind "
    "name color colour man woman person people boy girl child player players someone who what which has have had "
    "can could you my our because since would only just simply actually indeed definitely also both "
    "looks look like they're we're he's she's that's there's i'm you're who's game group pair kind sort text titled "
    "main contains contain represents indicates uses points point label labels belong belongs "
    "match matches lines drawn coloured colored painted marked highlighted represented printed displayed "
    "shall lies lie sits sit stands located placed positioned situated directly".split()
)
_SIZES = frozenset(
    "big small large little tall young old black white red blue green brown grey gray yellow pink "
    "orange purple wooden new "
    "bright cute single light dark pale deep thick thin".split()
)
_COLOURS = frozenset(
    "red orange yellow green blue purple violet pink brown black white gray grey beige gold silver".split()
)
_BRIGHT = frozenset(("bright", "vivid"))
_MEANS = frozenset("is means indicates shows suggests makes".split())
_ROLES = frozenset(
    "artist author painter writer poet novelist director actor actress singer president player scientist composer "
    "famous great renowned".split()
)
_PLACE = frozenset(
    "in on at near by next behind beside below above under along down up across during around against through "
    "inside outside outdoors indoors while with located".split()
)
_TURNS = re.compile(r"\b(?:or|not|nor|without|except|but|instead|maybe|perhaps)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_END = re.compile(r"[.;!?,](?=\s|$)|\s(?:but|while|whereas|because|since|although)\s|:(?=\s)|\n")
_AFTER = frozenset(
    "in on at with which that because for has had have is are was were next near by from while "
    "followed as since during "
    "can here there being standing sitting holds leads wins won dominates ranks makes tops comes "
    "stands remains occurs".split()
)
_FREE_AFTER = frozenset("which because since for that".split())
_PRONOUNS = frozenset("it he she they i we this that who which".split())
_COMMA_AFTER = frozenset(
    "not which because since as so while followed with but rather instead where whereas who and "
    "ahead unlike located including at recognisable recognizable identifiable judging visible seen given shown "
    "due".split()
)
_COMMA_FIRST = frozenset("because since as followed with ahead which who".split())
_ASIDE = re.compile(r"\s?\(([^()]{1,60})\)")
_NOUNS = frozenset(
    "match game sport season day time month year animal fruit color colour element process chart".split()
)
_HAN = re.compile("[\u4e00-\u9fff]")
_HAN_AROUND = re.compile(
    r"[图中里上的这那是一个只条张辆位名在正着了他她它们有人物片显示所叫做为种动运物东西颜色天气答案:,.\s男女孩子老师学生打踢玩看吃穿拿戴]*"
)


def says(gold: str, text: str, asked: Collection[str] = (), *, strict: bool = False) -> bool:
    """Whether a sentence gives the gold text and nothing else; both as written. Denied, doubtful and unknown: no."""
    if len(text) > MAX_CHARS or UNKNOWN.search(text):
        return False
    wanted = fold(gold)
    if not wanted or len(wanted.split()) > MAX_GOLD_WORDS:
        return False
    if (match := _ASIDE.search(text)) and not re.search(r"\b(?:or|not|wrong|incorrect)\b", match[1]):
        if same_words(wanted, fold(match[1])) and len(text) < 60:
            return True
        text = _ASIDE.sub("", text)
        if same_words(wanted, fold(text)):
            return True
    if _HAN.search(wanted):
        return _says_in_chinese(wanted, text, "".join(asked))
    spans = _places(wanted, text, strict)
    found = stances(text, spans)
    if not spans or Stance.DENIED in found or max(found) <= Stance.OPEN:
        return False
    known = {bare(singular(w)) for w in asked} | {bare(w) for w in asked} | {asked_words.stem(w) for w in asked}
    placed = landmarks.among(text, spans, tuple(asked))
    return any(
        stance > Stance.OPEN
        and not is_placed
        and not asked_words.of_another(asked_words.clause(text, span), tuple(asked))
        and _nothing_else(text, span, wanted, known, stance, strict)
        for span, stance, is_placed in zip(spans, found, placed, strict=True)
    )


def _places(wanted: str, text: str, strict: bool) -> list[tuple[int, int]]:
    """Where the gold's words stand in the text, in any case and number."""
    words = list(_WORD.finditer(text))
    count = len(wanted.split())
    spans = []
    for i in range(len(words) - count + 1):
        start, end = words[i].start(), words[i + count - 1].end()
        if same_words(wanted, fold(text[start:end]), exactly=strict):
            spans.append((start, end))
    return spans


def _nothing_else(
    text: str, span: tuple[int, int], wanted: str, asked: Collection[str], stance: Stance, strict: bool
) -> bool:
    """Whether no other word makes another answer of it; `strict`: no word may follow it at all."""
    start, end = span
    before = text[:start]
    cut = max((m.end() for m in _END.finditer(before)), default=0)
    segment = [w[0].casefold() for w in _WORD.finditer(before, cut)]
    extra = [w for w in segment if not _allowed(w, asked)]
    proper = text[start:end].istitle() and not text[start:].isupper() and text[:start].strip() != ""
    named = wanted.split()
    colour = named[-1] in _COLOURS
    known = _ROLES if "who" in asked else _BRIGHT if colour else _SIZES  # dark grey is another colour than grey
    if known is _ROLES:
        extra = [w for w in extra if not (w.endswith(("ish", "ese", "ian", "ican")) or w in ("french", "dutch"))]
    if any(w not in known or w in named or (proper and known is _SIZES) for w in extra):
        return False
    concludes = len(segment) > 1 and segment[0] in ("which", "this", "that") and segment[1] in _MEANS
    if (
        cut
        and stance < Stance.CONCLUDED
        and not concludes
        and not _is_denial(before[:cut])
        and not _plain_opening(before[:cut], asked)
    ):
        return False
    after = text[end:]
    stop = _END.search(after)
    tail = [w[0].casefold() for w in _WORD.finditer(after[: stop.start()] if stop else after)]
    if segment and not tail and all(w in _PRONOUNS for w in segment):
        return False  # "It left" is no side
    if "who" in asked and ((tail and tail[0] == "by") or (segment[-1:] == ["for"] and "for" not in asked)):
        return False  # "signed for Ann Lee by Tom Hill"
    if tail and strict and not (tail[0] in ("is", "appears") and all(_allowed(w, asked) for w in tail)):
        return False
    doing = len(tail) > 1 and tail[0].endswith("ing") and tail[1] in _PLACE
    if (
        tail
        and (doing or tail[0] in _PLACE)
        and not _TURNS.search(after[: stop.start()] if stop else after)
        and segment
    ):
        tail = []
        segment = segment or ["it"]
        if stop is None or stop[0].strip() in (".", ";", "!"):
            return True
    if tail and not (tail[0] in _FREE_AFTER or (tail[0] in _NOUNS and len(tail) == 1)):
        if not (tail[0] in _AFTER or bare(singular(tail[0])) in asked):
            return False
        if "and" in tail or not all(_allowed(w, asked) or w[0].isdigit() for w in tail[1:]):
            return False
    if stop and stop[0].strip().casefold() == "but" and not re.match(r"\s?not\b", after[stop.end() :]):
        return False
    if stop and stop[0] == ",":
        rest = [w[0].casefold() for w in _WORD.finditer(after, stop.end())]
        if len(rest) > 1 and rest[0] == "but" and rest[1] != "not" and {"is", "are", "was"} & set(rest[2:]):
            return False  # "... a chess board, but the game played on it is checkers"
        if len(rest) > 2 and rest[0] in ("the", "a", "an") and _allowed(rest[1], asked) and segment == tail == []:
            return "is" not in rest  # "Lima, the capital of Peru"
        return (
            len(rest) > 1
            and rest[0] in (_COMMA_AFTER if segment or tail else _COMMA_FIRST)
            and (rest[0] != "and" or len(rest) > 3)
        )
    return bool(segment or tail or stop is None or not after[stop.end() :].strip()) or bool(segment)


def _is_denial(text: str) -> bool:
    """Whether an opening only says what it is not: "It isn't endothermic;"."""
    return (
        len(text) < 60
        and NEGATION.search(text) is not None
        and text.count(",") + text.count(";") + text.count(".") == 1
    )


def _plain_opening(text: str, asked: Collection[str]) -> bool:
    """Whether what stands before the segment says nothing of its own: "Based on the image," or the question again."""
    return all(
        _allowed(w[0].casefold(), asked) or w[0].casefold() in ("based", "looking") for w in _WORD.finditer(text)
    )


def _allowed(word: str, asked: Collection[str]) -> bool:
    return (
        word in _AROUND
        or bare(singular(word)) in asked
        or bare(word) in asked
        or asked_words.stem(word) in asked
        or asked_words.is_named(word, asked)
        or (word.endswith("ing") and len(word) > 4 and _DONE.isdisjoint(asked))
        or (word.endswith(("s", "d")) and word[:-1] in asked)
        or (word.endswith("ed") and word[:-2] in asked)
    )


# Where the question says what is done, another doing is another answer: "holding a hat", where it asks who wears one.
_DONE = frozenset(
    "wearing holding playing eating carrying riding driving using reading drinking making cooking throwing pointing "
    "selling watching painting pulling pushing".split()
)


def _says_in_chinese(wanted: str, text: str, question: str) -> bool:
    folded = fold(text)
    if folded.count(wanted) != 1 or re.search(r"不|没|非|别|无|除|或|吗|可能|也许", folded.replace(wanted, "")):
        return False
    before, _, after = folded.partition(wanted)
    said = bool(_HAN_AROUND.fullmatch(before)) or bool(_HAN_FRAME.fullmatch(_but_of(before, question)))
    noun = after.strip('的了.,;: "')
    return said and (not noun or (len(noun) > 1 and noun in question))


_HAN_FRAME = re.compile(r"[图中里上的这那是在着了穿戴拿它,:.\s]*")


def _but_of(text: str, question: str) -> str:
    """A text without the pieces of two characters and more that the question has too."""
    rest, place = "", 0
    while place < len(text):
        length = next((n for n in range(min(12, len(text) - place), 1, -1) if text[place : place + n] in question), 0)
        rest += "" if length else text[place]
        place += length or 1
    return rest
