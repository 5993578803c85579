"""Sentences that give a list: "two pears and an apple", "the HR and Finance departments", "A and B, but not C".

Belongs here: turning such a sentence into the plain list that it says, one alternative after another. Does not belong
here: separators of any list (lists.py), labels (labelled.py), the order that words say (list_orders.py), comparing
items (rule_several.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words, list_orders, lists
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.verdict import DENIED, HEDGE, NEGATION

MAX_CHARS = 400
MAX_WORDS_OF_OTHERS = 14
_AND = re.compile(r"\s(?:as well as|along with|together with|plus|und|sowie|et|ainsi que|y|así como)\s", re.IGNORECASE)
_ORIGIN = re.compile(r"\b(?:the )?origin\b", re.IGNORECASE)
_LEFT = re.compile(r"\\(?:left|right)(?![a-z])\s?")
_NAMED_POINT = re.compile(r"^[A-Z]\s?(?=\()")
_CASES = re.compile(r"\\begin\s?\{cases\}(.{1,120}?)\\end\s?\{cases\}")

_OTHERS = re.compile(
    r"[;.]\s|\s[-–]\s|,\s(?=(?:but\s|and\s)?(?:not|nicht|pas|no)\s)|,?\s(?:but|while|whereas|aber|mais|pero)\s|\sand\s"
    r"|[,;](?=[\u4e00-\u9fff])",
    re.IGNORECASE,
)
_DENIES = re.compile(
    r"\b(?:not|nicht|pas|no|never|neither|nor|none|doesn't|don't|isn't|aren't|wasn't|didn't|without|kein\w{0,2}|ningún)\b"
    r"|不|没|无",
    re.IGNORECASE,
)
_DENIED_ASIDE = re.compile(
    r"\s\(([^()]{1,60}\b(?:not|isn't|aren't|doesn't|don't|excluded)\b[^()]{0,60})\)[.!]?$", re.IGNORECASE
)
_THE_REST = re.compile(r"\b(?:other|others|rest|remaining|else|everything else)\b", re.IGNORECASE)
_ADDS = re.compile(
    r"\b(?:also|too|as well|likewise|either|only|just|sure|maybe|perhaps|but|sondern|sino|actually|wait|correction"
    r"|complete|all of"
    r"|necessarily|think|auch|aussi|también|unless|if|exactly|or is it)\b|no,|也|还|只|但",
    re.IGNORECASE,
)
_ONLY = re.compile(r"^(?:it is |it's )?only\s", re.IGNORECASE)


_NUMBERS = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|\d{1,2})"
_DETERMINER = re.compile(
    rf"^(?:(?:there (?:is|are)|at|in|on|from|to|zu|der|die|das|le|la|les|el|los|las|un|une|una|ein|eine|the|an?"
    rf"|some|{_NUMBERS})\s){{1,3}}",
    re.IGNORECASE,
)
_HAN_DETERMINER = re.compile(r"^[一二两三四五六七八九十几\d]{1,2}[只个条张本头匹辆朵棵把件座位名颗块根支]")
_HAN_COUNT = re.compile(r"(?:这|等)?([两二三四五六七八九十\d])[个科种门项位名国类座只条样者人]$")
_ASIDE = re.compile(r"^([^()]{1,40}) \(([^()]{1,40})\)$")
_HAS_DIGIT = re.compile(r"\d")
_LABEL = re.compile(r"^([A-Za-z]{1,12})\s?(\d{1,2})")
_ORDINAL = re.compile(
    rf"^(?:the )?({'|'.join(list_orders.ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))(?:\s([a-z]{{1,12}}))?$", re.IGNORECASE
)


def of(gold: TypedAnswer, text: str) -> Iterator[str]:
    """The reply as plain lists, in each way in which it may be one; nothing of a reply that hedges."""
    wanted = [str(item) for item in gold.value or ()]
    if gold.type == AnswerType.LIST and _RUN.fullmatch(text) and all(len(w) == 1 for w in wanted) and len(text) > 2:
        yield ", ".join(text)  # CAB
    if len(text) > MAX_CHARS or _FROM_TO.search(text) or HEDGE.search(list_orders.AGAIN.sub("", text)):
        return
    ordered = gold.type == AnswerType.LIST
    for head in dict.fromkeys((text, *without_others(text, wanted, gold.asked))):
        said = _plainly(head, wanted)
        if said != text:
            yield said
        if NEGATION.search(said) or DENIED.search(said):
            continue
        if ordered:
            for items in list_orders.in_order(said, wanted, gold.asked):
                yield ", ".join(items)
        if points := _points(said, wanted):
            yield points
        items = lists.items(said.strip(" ."))[0]
        if 1 < len(items) <= lists.MAX_ITEMS:
            for bare in _bare(items, wanted, gold.asked):
                if bare != items:
                    yield ", ".join(bare)


_FROM_TO = re.compile(r"\bfrom (?:the )?[a-z]{3,12} to (?:the )?[a-z]{3,12}\b", re.IGNORECASE)  # rule_several reads it
_RUN = re.compile(r"[A-Z]{3,8}")


def _plainly(text: str, wanted: Sequence[str]) -> str:
    """Without words that only join: "as well as", 和; the origin as (0, 0), V(2, 5) as its coordinates."""
    own = " ".join(wanted).casefold()
    text = _AND.sub(" and ", text) if not any(f" {w} " in own for w in ("und", "et", "y", "plus")) else text
    if any(re.sub(r"\s", "", item) == "(0,0)" for item in wanted):
        text = _ORIGIN.sub("(0, 0)", text)
    if match := _CASES.search(text):
        text = ", ".join(part.strip(" ,") for part in re.split(r"\\\\", match[1]))
    text = _NAMED_POINT.sub("", _LEFT.sub("", text)) if "\\left" in text else text
    return _ONLY.sub("", text)


def _points(text: str, wanted: Sequence[str]) -> str:
    """All points of a sentence, where the list is one of points."""
    if len(wanted) < 2 or not all(map(_POINT.fullmatch, wanted)) or _NO_POINTS.search(text):
        return ""
    return ", ".join(m[0] for m in _POINT.finditer(text))


_NO_POINTS = re.compile(r"∞|∩|∪|\\(?:infty|cap|cup)|\bor\b")
_POINT = re.compile(r"\([^()]{1,40}[,;][^()]{1,40}\)")


def without_others(text: str, wanted: Sequence[str], asked: Sequence[str]) -> Iterator[str]:
    """What stands before a part that only says which others are not so."""
    question = {w for w in asked_words.content(tuple(asked)) if w.isalpha() and len(w) > 2}
    if (match := _DENIED_ASIDE.search(text)) and not any(
        _names(match[1].casefold(), item.casefold()) for item in wanted
    ):
        yield text[: match.start()]
    for number, match in enumerate(_OTHERS.finditer(text)):
        if number > 6:
            return
        head, tail = text[: match.start()].strip(" ,"), text[match.end() :].strip(" .")
        low = tail.casefold()
        if not head or not tail or len(tail.split()) > MAX_WORDS_OF_OTHERS or _ADDS.search(tail):
            continue
        if re.search(r"[.;!?]\s", tail) or any(_names(low, item.casefold()) for item in wanted):
            continue
        denied = _DENIES.search(match[0] + tail) or _DENIES.search(text[match.start() : match.end() + 5])
        if denied or ((_ONLY.match(head) or _THE_REST.search(tail)) and question.isdisjoint(asked_words.of_text(tail))):
            yield head


def _names(text: str, item: str) -> bool:
    if not item.isascii():
        return item in text
    return re.search(rf"(?<![a-z0-9]){re.escape(item)}(?![a-z0-9])", text) is not None


def _bare(items: list[str], wanted: Sequence[str], asked: Sequence[str]) -> Iterator[list[str]]:
    """The items without what each may carry beside its name."""
    if not any(map(_HAS_DIGIT.search, wanted)) and "many" not in asked and not any(map(_DETERMINER.match, wanted)):
        without = [_HAN_DETERMINER.sub("", _DETERMINER.sub("", item)) for item in items]
        if (match := _HAN_COUNT.search(without[-1])) and _count(match[1]) == len(items):
            without[-1] = without[-1][: match.start()]
        if all(without):
            items = without
            yield items
    elif any(map(_DETERMINER.match, items)) and all("(" in item for item in items):
        yield [re.sub(r"^(?:at|in|on|from|to)\s", "", item) for item in items]
    known = {asked_words.stem(w) for w in asked}
    own = {asked_words.stem(w.casefold()) for item in wanted for w in item.split()}
    for end in (-1, 0):
        nouns = {asked_words.stem(item.split()[end].casefold()) for item in items if len(item.split()) > 1}
        if len(nouns) == 1 and nouns <= known and nouns.isdisjoint(own):
            yield [
                " ".join(item.split()[:-1] if end else item.split()[1:]) if len(item.split()) > 1 else item
                for item in items
            ]
    if all(item.endswith("ing") and item.isalpha() for item in items) and not any(w.endswith("ing") for w in wanted):
        stems = {asked_words.stem(w.casefold()): w for w in wanted}
        yield [stems.get(asked_words.stem(item.casefold()), item) for item in items]
    asides = [_ASIDE.match(item) for item in items]
    if all(asides):
        for part in (1, 2):
            yield [m[part] for m in asides if m is not None]
    yield from _by_ordinal(items, wanted)


_IN = re.compile(r"^(?:in|at|on)\s", re.IGNORECASE)


def _by_ordinal(items: Sequence[str], wanted: Sequence[str]) -> Iterator[list[str]]:
    """Q2 and Q4 for "the second and fourth quarters", Step 3 for "the third step"."""
    labels = [_LABEL.fullmatch(clean(item)) for item in wanted]
    names = {m[1].casefold() for m in labels if m}
    found = [_ORDINAL.match(_IN.sub("", item)) for item in items]
    if len(names) != 1 or not all(labels) or not all(found):
        return
    name = names.pop()
    nouns = {asked_words.stem(m[2].casefold()) for m in found if m and m[2]}
    if nouns == {asked_words.stem("quarter" if name == "q" else name)}:
        places = [m[1].casefold() for m in found if m]
        yield [f"{name}{list_orders.ORDINALS.index(p) + 1 if p in list_orders.ORDINALS else p[:-2]}" for p in places]


def _count(text: str) -> int:
    return int(text) if text.isdecimal() else {"两": 2}.get(text, "零一二三四五六七八九十".find(text))


_NO_SOLUTION = re.compile(
    r"(?:so,? |thus,? |therefore,? )?(?:there (?:is|are|exists?|exist) )?(?:no|not any)(?: such| real| common"
    r"| valid| possible){0,2}"
    r" (?:[a-z]{1,12} )?(?:x|y|n|solutions?|values?|roots?|points?|numbers?|intersections?"
    r"|answers?)(?: (?:exists?|at all|possible))?"
    r"|(?:the )?(?:solution )?set is empty|(?:it|they) (?:never|do not|don't|does not|doesn't) (?:meet|intersect"
    r"|cross|touch|exist)"
    r"|(?:the )?(?:[a-z]{3,10} ){1,3}(?:never|do not|don't|does not|doesn't) (?:meet|intersect|cross"
    r"|touch)(?: (?:each other|anywhere))?"
    r"|none(?: of them| at all| exist)?|nothing|nowhere|(?:es gibt )?keine(?: reelle)? lösung(?:en)?"
    r"|(?:il n'y a )?(?:pas de|aucune) solution"
    r"(?: réelle)?|(?:no hay|sin) solución(?:es)?(?: real(?:es)?)?|(?:没有|无)(?:实数)?(?:解|根|交点)|(?:解集为)?空集",
    re.IGNORECASE,
)


def says_none(text: str) -> bool:
    """Whether a reply says in each of its sentences that there is nothing to list."""
    parts = [p.strip(" .") for p in re.split(r"[;.,]\s|\sand\s|\sso\s", text.strip(" .")) if p.strip(" .")]
    return 0 < len(parts) <= 3 and all(lists.is_empty_set(p) or _NO_SOLUTION.fullmatch(p) for p in parts)


def lines(text: str) -> str | None:
    """A reply of several lines, one item each, as a list in one line; None for any other text."""
    rows = [row.strip() for row in text.strip().splitlines() if row.strip()]
    if not 1 < len(rows) <= lists.MAX_ITEMS or "\\begin" in text or any(len(row) > 80 for row in rows):
        return None
    head = rows.pop(0) + " " if rows[0].endswith(":") and len(rows) > 2 else ""
    return head + ", ".join(row.rstrip(" ,;.") for row in rows)
