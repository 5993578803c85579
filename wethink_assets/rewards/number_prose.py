"""The one number that a sentence gives: its value among years, parts of a computation, other amounts, denied numbers.

Belongs here: finding numbers in prose, which of them is given, what beside it makes another amount of it. Does not
belong here: readings of a whole reply as one value (rule_numbers.py), what affirms and denies (statements.py).

Several numbers of one standing are never right: which is meant would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from wethink_assets.rewards import asked_words, exact, number_words
from wethink_assets.rewards.asked_in_chinese import of_other as of_other_in_chinese
from wethink_assets.rewards.normalise import plain_thousands
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same
from wethink_assets.rewards.statements import Stance, stances
from wethink_assets.rewards.unit_conversion import conversion
from wethink_assets.rewards.units import singular
from wethink_assets.rewards.verdict import BOUND, CHANGED_AFTER, CHANGED_BEFORE, HEDGE, UNKNOWN, Verdict

MAX_MENTIONS = 24
MAX_REPEATS = 3  # a sentence may say its number again; a flood of it says nothing

MENTION = re.compile(r"[-+]?(?:US)?[$€£¥]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")
_TAIL = re.compile(
    r"\s*(?:(?:million|billion|trillion|thousand)\b\s*)?(?:[°%$€£](?:\s?[CF](?![A-Za-z]))?|(?:square"
    r"|cubic|sq)\s[A-Za-z]+"
    r"|[A-Za-zµμ°Ω]+(?:\s?/\s?[A-Za-z]+|\sper\s[A-Za-z]+)?(?:\s(?:squared|cubed)\b)?(?:\^?\{?\d\}?)?"
    r"|[\u4e00-\u9fff]{1,3})?"
)
_HAN_COUNT = re.compile(
    "(?<=[有是为共约到])([零一二两三四五六七八九十百千万亿]{1,12})(?=[个只人名本张条辆朵件棵座位支头匹岁次种层台把双枚颗块页段度米厘元年天倍])"
)
_WORDS = re.compile(
    rf"(?:\b(?:one|an?)\s(?=hundred|thousand|million|dozen|half))?{number_words.MENTION.pattern}(?:[\s-](?:and\s)?{number_words.MENTION.pattern}){{0,5}}",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s\((?![^()]{0,80}\b(?:or|not|maybe|false|wrong|incorrect|no"
    r"|error)\b)(?=[^()]{0,80}[A-Za-z\u4e00-\u9fff]|\d{4}\))[^()]{1,80}\)",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"\s?(?:\band\b|&|\bplus\b|和|与)|\s?[A-Za-z]*\s?(?:\band\b|&|\bplus\b|和|与)\s?(?:a\s|an\s|another\s|\d|half)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\d{1,2}:\d\d?")
_CODE = re.compile(r"[{}\[\]|`_\\]|\w\(|&&|\bif\b")
_GLUED = re.compile(r"(?:[A-Za-z.<>≤≥≠±~^*/\\]|\bno\.\s?)$", re.IGNORECASE)
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_OF_YEAR = re.compile(
    r"(?:\b(?:in|of|for|since|by|until|during|from|to|between|and|year|than|until)\s|[(,]\s?|年?)$", re.IGNORECASE
)
_IN_YEAR = re.compile(r"\b(?:in|during|since|year|by|was)\s$", re.IGNORECASE)
_RANGE = re.compile(r"\s?(?:-|–|~|\bto\b|到|至)\s?[$€£]?\d", re.IGNORECASE)
_STATED = re.compile(
    r"(?:[=:≈]|\b(?:is|are|was|were|equals?|be|about|approximately|measures?|of|at)|是|为)\s?$", re.IGNORECASE
)
_AFTER_BOUND = re.compile(
    r"\s?(?:[A-Za-z%°]{1,15}\s)?(?:at\s(?:most|least|best|minimum|maximum)|or\s(?:more|less|fewer"
    r"|greater|higher|lower|above|below|over|under"
    r"|so|larger|smaller|up|thereabouts|even)|and\s(?:more|above|up|over|counting|below|under|change"
    r"|something)|max(?:imum)?\b|min(?:imum)?\b|tops\b|plus\b|-?ish\b|-?odd\b"
    r"|以上|以下|以内|左右以|个?以上|个?以下|以外|余|多个)",
    re.IGNORECASE,
)
_CHANGED_TO = re.compile(
    r"\b(?:rose|rises?|rising|increas\w+|grew|grows?|went|goes|fell|falls?|dropped|drops?|decreas\w+|declin\w+|changed|moved|jumped"
    r"|climbed)\s(?:\w+\s){0,2}from\s[^,;]{1,40}?\sto\s(?:\w{3,10}\s)?[$€£]?$",
    re.IGNORECASE,
)
_EACH = re.compile(r"\s?\w{0,12}\s(?:each|apiece|every)\b", re.IGNORECASE)
_DOUBTED = re.compile(
    r"\b(?:wrong|incorrect|false|untrue|mistaken|ruled out|excluded|impossible|withdrawn|retracted|invalid|rejected"
    r"|eliminated|discarded|out of the question|not)\b|错|不对|不是|排除|除外",
    re.IGNORECASE,
)


_LEFT_OUT = re.compile(r"\b(?:except|apart from|but one|minus one|besides)\b|除了", re.IGNORECASE)


@dataclass(frozen=True)
class _Mention:
    span: tuple[int, int]
    scalar: Scalar
    text: str


def given(gold: Scalar, text: str, tolerance: float, asked: Sequence[str] = ()) -> Verdict:
    """The verdict on a sentence around numbers. `asked` are the question's words and numbers, which it may repeat."""
    text = plain_thousands(text)
    if "many" in asked and _NONE.match(text):
        return Verdict.CORRECT if not gold.value else Verdict.WRONG
    if _NEVER.search(text):
        return Verdict.UNPARSEABLE
    if HEDGE.search(text):
        return Verdict.HEDGED if MENTION.search(text) else Verdict.UNPARSEABLE
    bare = _ASIDE.sub("", text)
    text = bare if MENTION.search(bare) or number_words.MENTION.search(bare) else text
    mentions = _mentions(text)
    if not mentions or UNKNOWN.search(text):
        return Verdict.UNPARSEABLE
    if clocks := [m.span() for m in _CLOCK.finditer(text)][:MAX_MENTIONS]:
        mentions = [m for m in mentions if not any(a <= m.span[0] < b for a, b in clocks)]
        if not mentions:
            return Verdict.WRONG
    if _turned(text, asked):
        return Verdict.UNPARSEABLE
    several = len({m.text for m in mentions}) > 1
    if len(mentions) > MAX_MENTIONS or max(sum(m.text == n.text for n in mentions) for m in mentions) > MAX_REPEATS:
        return Verdict.WRONG if several else Verdict.UNPARSEABLE
    if not several and any(
        a.text == b.text and not any(map(str.isalpha, text[a.span[1] : b.span[0]])) and "=" not in text
        for a, b in pairwise(mentions)
    ):
        return Verdict.UNPARSEABLE  # "7 7"
    standing = _standing(text, mentions)
    kept = [(m, s) for m, s in zip(mentions, standing, strict=True) if s > Stance.OPEN]
    if not kept:
        return Verdict.UNPARSEABLE
    kept = _about(gold, text, kept, asked)
    if not kept:
        return Verdict.WRONG
    best = max(s for _, s in kept)
    chosen = [m for m, s in kept if s is best]
    if counted := _of_noun(text, [m for m, _ in kept], asked):
        chosen = counted
    totals = [m for m in chosen if _TOTAL.search(text[: m.span[0]])]
    if totals:
        chosen = totals
    if any(not same(chosen[0].scalar, m.scalar) for m in chosen[1:]) and best < Stance.FINAL:
        picked = asked_words.most_of_it(text, [m.span for m in chosen], asked)
        chosen = [chosen[i] for i in picked] or chosen
    if any(not same(chosen[0].scalar, m.scalar) for m in chosen[1:]) and best is Stance.SAID:
        chosen = _of_last_sentence(text, chosen) or chosen
    if any(not same(chosen[0].scalar, m.scalar) for m in chosen[1:]):
        return Verdict.WRONG
    denied = [m for m, s in zip(mentions, standing, strict=True) if s is Stance.DENIED]
    if any(same(m.scalar, chosen[0].scalar) for m in denied):
        return Verdict.UNPARSEABLE
    if not all(_plainly_given(text, m) for m in chosen):
        return Verdict.UNPARSEABLE
    if _a_part(text, asked):
        return Verdict.WRONG
    if all(asked_words.other_object(asked_words.clause(text, m.span), asked) for m in chosen):
        return Verdict.WRONG
    scalar = chosen[-1].scalar
    if gold.unit and not gold.unit.is_counted and scalar.unit is None and text[chosen[-1].span[1] :].strip(" .!"):
        return Verdict.UNPARSEABLE
    if (
        gold.unit
        and not gold.unit.is_counted
        and scalar.unit is None
        and not _STATED.search(text[: chosen[-1].span[0]])
    ):
        return Verdict.UNPARSEABLE  # "Monday, May 15" is not 15 minutes
    if not counted and any(
        _JOINED.match(text[m.span[1] :]) and not (gold.unit or _YEAR.fullmatch(m.text)) for m in chosen
    ):
        return Verdict.WRONG  # "volume 2 and the atlas" is not 2
    return Verdict.CORRECT if same(gold, scalar, tolerance) else Verdict.WRONG


_SENTENCE = re.compile(r"[.!?]\s(?=[A-Z])")
_TOTAL = re.compile(
    r"(?:\b(?:total|sum|altogether|together)\s(?:of|is|makes?|gives?|comes\sto)?|\badd(?:s|ed|ing)?\sup\sto)\s?[$€£]?$",
    re.IGNORECASE,
)


def _of_last_sentence(text: str, mentions: Sequence[_Mention]) -> list[_Mention]:
    """Those of the last of several sentences."""
    last = max((m.end() for m in _SENTENCE.finditer(text)), default=0)
    return [m for m in mentions if m.span[0] >= last] if last else []


_COUNTED = re.compile(r"\s([a-z]{3,20})(?:\s(?!and\b|are\b|plus\b)([a-z]{3,20}))?\b", re.IGNORECASE)
_PAIRED = re.compile(r"\s?(?:,|\band\b|,\sand\b|\bare\b|\bplus\b|[.!]?$)", re.IGNORECASE)


def _of_noun(text: str, mentions: Sequence[_Mention], asked: Sequence[str]) -> list[_Mention]:
    """Of a list of counts, each before its noun, the one of the noun that is asked for: "8 protons and 9 neutrons"."""
    place = next((i for i in range(len(asked) - 2) if asked[i : i + 2] == ("how", "many")), None)
    if place is None:
        return []
    nouns, found = [asked_words.stem(w) for w in asked[place + 2 : place + 4]], []
    for mention in mentions:
        match = _COUNTED.match(text, mention.span[1])
        if match is None or not _PAIRED.match(text, match.end()):
            return []
        said = [asked_words.stem(w.casefold()) for w in match.groups() if w]
        if said == nouns[: len(said)] or said[-1] == nouns[0]:
            found.append(mention)
    return found if len(found) == 1 else []


_UP = re.compile(r"\b(?:rise|rose|risen|increas\w+|grow\w*|grew|gain\w*)\b", re.IGNORECASE)
_DOWN = re.compile(r"\b(?:fall\w*|fell|decreas\w+|drop\w*|declin\w+|lose|lost|loss)\b", re.IGNORECASE)


def _turned(text: str, asked: Collection[str]) -> bool:
    """Whether a reply gives a fall where the question asks for a rise, or the other way round."""
    for word in asked:
        for way, other in ((_UP, _DOWN), (_DOWN, _UP)):
            if word.isalpha() and way.fullmatch(word) and other.search(text) and not way.search(text):
                return True
    return False


_NONE = re.compile(
    r"(?:there\s(?:are|is|were|was)\s)?(?:no|not\sany|none\sof\sthe)\s(?!doubt|idea|answer"
    r"|information|comment|way|need|one\b|clue|data|more"
    r"|less|fewer|matter|image)[A-Za-z]{2,20}\b(?!\.\s?\d)[^\d,;]*(?:\d+[^\d,;]*)?$|(?:none|zero|nil"
    r"|nothing|没有|无|一个(?:也|都)没有)\W*$",
    re.IGNORECASE,
)
_NEVER = re.compile(r"≠|!=|\\ne(?![a-z])|<!--|&&|__|box\{|\belse\b|\bimport\b|\w\(['\")]")


def _mentions(text: str) -> list[_Mention]:
    found: list[_Mention] = []
    for match in MENTION.finditer(text):
        tail = _TAIL.match(text, match.end())
        written = match[0].rstrip(",")
        scalar = parse_scalar(written + (tail[0] if tail else "").rstrip()) or parse_scalar(written)
        if scalar is not None:
            found.append(_Mention((match.start(), match.start() + len(written)), scalar, written))
    for match in _WORDS.finditer(text):
        word = number_words.parse(text[match.start() : match.end()])
        if word is not None and not word.rest.strip():
            found.append(_Mention((match.start(), match.end()), Scalar(exact.of(word.value)), match[0].casefold()))
    for match in _HAN_COUNT.finditer(text):
        word = number_words.parse(match[1])
        if word is not None and not word.rest:
            found.append(_Mention(match.span(), Scalar(exact.of(word.value)), match[0]))
    free = [m for m in found if not text[m.span[0] - 1 : m.span[0]].isalpha() or not m.text[0].isdigit()]
    return sorted(free or found, key=lambda m: m.span)  # C2H6 has no numbers


def _standing(text: str, mentions: Sequence[_Mention]) -> list[Stance]:
    """Stances, with parts of a computation below its result."""
    found = stances(text, [m.span for m in mentions])
    for i, mention in enumerate(mentions):
        before = text[: mention.span[0]].rstrip(" $€£(")
        if before.endswith(("±", "\\pm", "<", ">", "≤", "≥")):
            found[i] = Stance.OPEN
            continue
        if (before.endswith("=") and _FORMULA_BEFORE.search(before)) or _part_of_one(text, mentions, i):
            found[i] = Stance.OPEN
            continue
        given = before.endswith(("=", "≈")) or _GIVES.search(before)
        if given and found[i] is Stance.SAID and not _more_of_it(text, mention):
            found[i] = Stance.CONCLUDED
        elif found[i] > Stance.OPEN and (_more_of_it(text, mention) or _COMPARED.search(before)):
            found[i] = Stance.OPEN
    return found


_GIVES = re.compile(r"\b(?:gives|giving|makes|making|totall?ing)(?:\sa\stotal\sof)?$", re.IGNORECASE)
_FORMULA_BEFORE = re.compile(
    r"(?:\d\s?[abknpquvwxyz]|(?<![A-Za-z])[abknpquvwxyz](?:\s?\^\s?\{?\d\}?|[²³])|(?<![A-Za-z])[abknpquvwxyz]\s?[-+*/]\s?\w{1,6}"
    r"|\d\s?[-+*/]\s?[abknpquvwxyz])\s?=$"
)
_OPENS_PARTS = re.compile(r"\s?(?:[A-Za-z%]{1,15}\s?){0,3}[:(]\s?")


def _part_of_one(text: str, mentions: Sequence[_Mention], index: int) -> bool:
    """Whether a number is one of the parts that add up to one before it: "3: two men and one woman"."""
    for first in range(index):
        whole = mentions[first]
        if not _OPENS_PARTS.match(text, whole.span[1]):
            continue
        parts = [exact.rational(m.scalar.value) for m in mentions[first + 1 :]]
        if len(parts) > 1 and None not in parts and sum(p or 0 for p in parts) == exact.rational(whole.scalar.value):
            return True
    return False


_COMPARED = re.compile(
    r"\b(?:(?:up|down|rose|fell|increase\w*|decrease\w*|grew|dropped)\sfrom|compared\s(?:to|with)"
    r"|against|vs\.?|followed\sby|including|ahead\sof|out\sof|of\s(?:the|all|these|those)|above\sthe|below\sthe|under\sthe"
    r"|over\sthe|within\sthe|than)$"
    r"|\bbetween(?:\s[$€£]?\d[\d.,]{0,12}%?\sand)?$",
    re.IGNORECASE,
)
_OPERATOR_AFTER = re.compile(
    r"\s?(?:[A-Za-z°%²³]{0,3}(?:\^\d)?)?\s?(?:[-+*/^=≈×÷]|\b(?:plus|minus|times|divided)\b)(?![A-Za-z])\s?"
)
_OPERATOR_BEFORE = re.compile(r"(?:\d[A-Za-z°%²³]{0,3}|[)])\s?[-+*/^×÷]\s?[$€£(]?$")


def _more_of_it(text: str, mention: _Mention) -> bool:
    """Whether a number is an operand: of what stands before or behind it only the result is given."""
    after = text[mention.span[1] :]
    operator = _OPERATOR_AFTER.match(after)
    signed = mention.text[0] in "+-" and re.search(r"[\d)°%]\s?$", text[: mention.span[0]]) is not None
    return bool((operator and re.match(r"[\d($€£√-]|[A-Za-z]\b", after[operator.end() :])) or signed) or bool(
        _OPERATOR_BEFORE.search(text[: mention.span[0]])
        and ("=" in after or ("=" not in text and text[: mention.span[0]].rstrip(" ($").endswith("-")))
    )


def _about(
    gold: Scalar, text: str, kept: list[tuple[_Mention, Stance]], asked: Sequence[str]
) -> list[tuple[_Mention, Stance]]:
    """Those that can be what was asked for: neither a year nor a number of the question, in a unit "
    "of the gold's kind."""
    if gold.unit and not gold.unit.is_counted:
        fitting = [(m, s) for m, s in kept if m.scalar.unit and conversion(m.scalar.unit, gold.unit) is not None]
        kept = fitting or [(m, s) for m, s in kept if m.scalar.unit is None or m.scalar.unit.is_counted] or kept
    kept = [(m, s) for m, s in kept if not _of_another(text, m, asked)]
    new = [(m, s) for m, s in kept if m.text.lstrip("$€£+") not in asked]
    kept = new or kept
    year = gold.unit is None and (number := exact.rational(gold.value)) is not None and 1500 <= number <= 2100
    if year and "year" in asked:
        kept = [(m, s) for m, s in kept if _YEAR.fullmatch(m.text)] or kept
    if year:
        kept = [(m, s) for m, s in kept if _YEAR.fullmatch(m.text) and _IN_YEAR.search(text[: m.span[0]])] or kept
    else:
        kept = [(m, s) for m, s in kept if not (_YEAR.fullmatch(m.text) and _OF_YEAR.search(text[: m.span[0]]))] or kept
    return kept


_DIFFERENCE = re.compile(
    r"\b(?:more|fewer|less|differ\w*|extra|gap|so|therefore|thus|hence|ahead|behind|by|[a-z]{2,10}er than)\b"
    r"|[-=−]|差|多|少",
    re.IGNORECASE,
)


def _a_part(text: str, asked: Collection[str]) -> bool:
    """Whether a sentence states one amount where the question asks how many more: "Norway won 9 medals"."""
    return (
        "than" in asked
        and not {"more", "fewer", "less"}.isdisjoint(asked)
        and not _DIFFERENCE.search(text)
        and len(asked_words.content(tuple(asked)) & asked_words.of_text(text)) > 1
    )


def is_of_another(text: str, asked: Sequence[str]) -> bool:
    """Whether a reply with one number says it of another thing, or as a difference where none was asked for."""
    if asked_words.of_another(text, asked) or _a_part(text, asked):
        return True
    found = list(MENTION.finditer(text))
    if len(found) != 1:
        return False
    before, after = text[: found[0].start()], text[found[0].end() :]
    return (
        _compares(after, asked)
        or _of_other_kind(after, asked)
        or of_other_in_chinese(before, asked, after)
        or _of_other_thing(text, asked)
        or asked_words.other_object(text, asked)
    )


_ITS_YEAR = re.compile(r"[^,;.!?\d]{0,24}?\b(?:in|for|by|of|during)\s((?:1[5-9]|20)\d\d)\b")
_ANY_YEAR = re.compile(r"(?<![\d.])(?:1[5-9]|20)\d\d(?![\d.])")


_TWO_WORDS = re.compile(r"\s([a-z]{3,20})\s([a-z]{3,20})\b", re.IGNORECASE)


_THINGS = tuple(
    frozenset(group.split())
    for group in (
        "cat dog bird horse cow sheep fish duck goat pig rabbit chicken",
        "apple orange banana pear lemon grape peach",
        "car bus truck bicycle bike motorcycle van",
        "triangle square circle rectangle pentagon hexagon",
        "book pen pencil notebook eraser ruler",
        "noon midnight",
        "morning afternoon evening night",
        "spring summer autumn winter",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february april june july august september october november december",
        "red green blue yellow black white",
    )
)
_OF_NAME = re.compile(r"([A-Z][a-z]{1,15}[a-rt-z])\s(?:has|had|won|scored|bought|sold|got|gave|ate|made|owns|needs)\b")
_NO_NAME = frozenset("the he she it they there we you that this one who everyone nobody each".split())


def _of_other_thing(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause counts oranges where apples are asked for, or tells of Ann where Tom is."""
    words = {singular(w) for w in re.findall(r"(?!square\b)\b[a-z]{3,12}", said.casefold())}
    wanted = {singular(w) for w in asked}
    for group in _THINGS:
        if (own := group & wanted) and (other := (group & words) - wanted) and not own & words and other:
            return True
    match = _OF_NAME.match(said.strip())
    return match is not None and "many" in asked and match[1].casefold() not in {*_NO_NAME, *asked}


def _of_other_kind(after: str, asked: Sequence[str]) -> bool:
    """Whether a number counts another kind of the same thing: carbon atoms, where hydrogen atoms are asked for."""
    match = _TWO_WORDS.match(after)
    place = next((i for i in range(len(asked) - 3) if asked[i : i + 2] == ("how", "many")), None)
    if match is None or place is None or asked_words.is_empty(asked[place + 3]):
        return False
    kind, thing = (asked_words.stem(w.casefold()) for w in match.groups())
    if kind in ("more", "fewer", "les", "other"):
        return False  # a difference: `_compares`
    return thing == asked_words.stem(asked[place + 3]) and kind not in {asked_words.stem(w) for w in asked}


def _of_another(text: str, mention: _Mention, asked: Sequence[str]) -> bool:
    """Whether a number is said of another year than the question's, or of the opposite of what it asks."""
    if _compares(text[mention.span[1] :], asked) or _of_other_kind(text[mention.span[1] :], asked):
        return True
    if of_other_in_chinese(text[: mention.span[0]], asked, text[mention.span[1] :]):
        return True
    if _YEAR.fullmatch(mention.text):
        return False
    said = asked_words.clause(text, mention.span)
    years = {w for w in asked if _YEAR.fullmatch(w)}
    if years:
        its = _ITS_YEAR.match(text, mention.span[1])
        named = {its[1]} if its else set(_ANY_YEAR.findall(said))
        if named and not named & years:
            return True
    return asked_words.of_another(said, asked) or _of_other_thing(said, asked)


_COMPARATIVE = re.compile(
    r"\s?(?:[A-Za-z%°]{1,12}\s)?(more|fewer|less|extra|additional|colder|warmer|hotter|cooler|taller|shorter|older|younger"
    r"|heavier|lighter|higher|lower|bigger|smaller|faster|slower|wider|narrower|longer|larger|greater)\b(?!\sor\b)",
    re.IGNORECASE,
)
_OTHER_WAY: dict[str, str] = {
    a: b
    for pair in (
        "more fewer",
        "more less",
        "higher lower",
        "taller shorter",
        "older younger",
        "longer shorter",
        "heavier lighter",
    )
    for a, b in (pair.split(), pair.split()[::-1])
}


def _compares(after: str, asked: Collection[str]) -> bool:
    """Whether a number is a difference where none was asked for, or one the other way: "6 fewer"."""
    match = _COMPARATIVE.match(after)
    if match is None:
        return False
    word = match[1].casefold()
    if not asked_words.combines(asked):
        return True
    return _OTHER_WAY.get(word) in asked and word not in asked and not re.search(r"\bthan\b", after)


def _plainly_given(text: str, mention: _Mention) -> bool:
    """Whether nothing that touches the number makes another of it: v7, at least 7, half of 7, 7 or more, 7 is wrong."""
    start, end = mention.span
    before, after = text[:start], text[end:]
    around = before[-24:] + text[start : end + 12]
    bound = any(m.start() < len(before[-24:]) + 1 and m.end() >= len(before[-24:]) for m in BOUND.finditer(around))
    sentence_end = re.search(r"[.;!?]\s|$", after)
    rest = after[: sentence_end.start() if sentence_end else None]
    return not (
        bound
        or _AFTER_BOUND.match(after)
        or _RANGE.match(after)
        or (re.search(r"\d\s?(?:-|–|~|\bto\b|到|至)\s?[$€£]?$", before) and not _CHANGED_TO.search(before[-90:]))
        or CHANGED_BEFORE.search(before)
        or CHANGED_AFTER.match(after)
        or _GLUED.search(before)
        or _CODE.search(text[max(0, start - 3) : end + 3])
        or _EACH.match(after)
        or _LEFT_OUT.search(rest)
        or (_DOUBTED.search(rest) and not re.search(r"\d", rest))
    )


def equation_fails(text: str) -> bool:
    """Whether an equation between plain numbers in the text does not hold: 13 = 12."""
    sides = re.split(r"(?<![<>!≠≤≥=])=(?!=)", text)
    for left, right in pairwise(sides):
        a, b = _number_at_end(left), _number_at_start(right)
        if a is not None and b is not None and not (same(a, b) or same(b, a) or _nearly(a, b)):
            return True
    return False


_END = re.compile(r"(?:^|[:,;=]|(?<![\\\w])[A-Za-z]{2,}\s)\s*([$€£]?[\d(\\√π][^=,;:A-Za-z]{0,60}[A-Za-z%°]{0,4})\s*$")
_OPERATOR = re.compile(r"\d[^\d]{0,6}[-+*/^×÷]|\\(?:times|frac|cdot|div|sqrt)|√|\d!")
_START = re.compile(r"\s*([-+]?[$€£]?[\d(\\√π][^=,;:]{0,60}?)(?=$|[,;=.](?!\d)|\s[A-Za-z]{2,})")


_OF_VARIABLES = re.compile(r"[a-z]\s[a-z]\s?\^")  # m v^2 is a product and no unit


def _number_at_end(text: str) -> Scalar | None:
    """The whole side, or the computation behind its last word: "Angle 1 = 65" is about angle 1 and no equation of 1."""
    if _OF_VARIABLES.search(text):
        return None
    if (whole := parse_scalar(text.strip())) is not None:
        formula = whole.unit is not None and whole.unit.is_counted and (whole.attached or "^" in text)
        return None if formula else whole
    match = _END.search(text[-90:])
    return parse_scalar(match[1]) if match and _OPERATOR.search(match[1]) else None


def _number_at_start(text: str) -> Scalar | None:
    return parse_scalar(text.strip()) or ((m := _START.match(text[:90])) and parse_scalar(m[1])) or None


def _nearly(a: Scalar, b: Scalar) -> bool:
    """Rounded in the last digit that is written, or a unit on one side only."""
    x, y = exact.rational(a.value), exact.rational(b.value)
    if x is None or y is None:
        try:
            return abs(exact.approximate(a.value) - exact.approximate(b.value)) <= 0.01 * abs(
                exact.approximate(a.value)
            )
        except OverflowError:
            return False
    places = b.decimals or 0
    return (b.decimals or 0) > 0 and abs(x - y) <= Fraction(1, 10**places)
