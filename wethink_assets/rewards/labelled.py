"""A listing whose items carry labels, stand in the question's own sentence, or are joined by greater and less.

Belongs here: "11 at 6 o'clock, 14 at 7", "Ann and Bob passed.", "Alta > Brin > Coro". Does not belong here: sentences
around a list (enumerated.py), comparing items (rule_several.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from wethink_assets.rewards import asked_words, lists
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION

MAX_CHARS = 300
_AT = re.compile(r"([-$€£]?[\w.%°]{1,20}(?: [\w.%°]{1,20}){0,2}) (?:at|in|on|for|during) ([\w:.]{1,20})(?: o'clock)?")
_NAMED = re.compile(r"([\w.]{1,20})(?: o'clock)?\s?[:=]\s?([-$€£]?[\w.%°]{1,20}(?: [\w.%°]{1,20}){0,2})")
_BEFORE = re.compile(r"([A-Za-z]\w{0,19})\s([-$€£]?\d[\w.%°]{0,20}(?: [\w.%°]{1,20})?)")
FALLING = frozenset(
    "best strongest highest largest greatest most tallest longest biggest heaviest oldest fastest descending "
    "decreasing".split()
)
RISING = frozenset(
    "worst weakest lowest smallest least fewest shortest lightest youngest slowest ascending increasing".split()
)
_FALLING_IN_CHINESE = re.compile("从[大高多重长快]到|降序")
_RISING_IN_CHINESE = re.compile("从[小低少轻短慢]到|升序")
_WORD = re.compile(r"[^\s,;&]+")
_AROUND = frozenset("the are is were was all points point vertices both students people".split())


def listings(text: str, asked: Sequence[str], gold: Sequence[str]) -> Iterator[list[str]]:
    """The items of a reply that labels each, ranks them by signs, or repeats the question around them."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE)):
        return
    if ranked := _ranked(text, asked):
        yield ranked
        return
    if BOUND.search(text) and not asked:
        return
    if repeated := _in_its_sentence(text, asked, gold):
        yield repeated


def values(text: str, asked: Sequence[str]) -> list[str] | None:
    """The values in the order in which the question names their labels; None where a label is not its."""
    if len(text) > MAX_CHARS or any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND)):
        return None
    return _by_label(lists.items(text)[0], asked)


def counts(text: str, asked: Sequence[str]) -> list[str] | None:
    """The numbers of "5 red, 3 green" in the order of the question's red and green; None where it ranks them."""
    if not {*asked}.isdisjoint(FALLING | RISING) or any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND)):
        return None
    found = [_COUNT.fullmatch(item) for item in lists.items(text.strip(" .")[:MAX_CHARS])[0]]
    words = [{asked_words.stem(w.casefold()) for w in match[2].split()} for match in found if match]
    if len(words) < 2 or len(words) < len(found):
        return None
    shared = set.intersection(*words)
    stems = [asked_words.stem(w) for w in asked]
    places = [[stems.index(w) for w in own - shared if w in stems] for own in words]
    if any(len(place) != 1 for place in places) or len({place[0] for place in places}) < len(places):
        return None
    return [value for _, value in sorted((place[0], m[1]) for place, m in zip(places, found, strict=True) if m)]


_COUNT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?%?) ((?:[A-Za-z]{2,20} ?){1,3})")


def _ranked(text: str, asked: Sequence[str]) -> list[str] | None:
    """A > B > C where the question goes from the highest to the lowest; A < B < C the other way."""
    falling = [i for i, word in enumerate(asked) if word in FALLING]
    rising = [i for i, word in enumerate(asked) if word in RISING]
    falling += [i for i, word in enumerate(asked) if _FALLING_IN_CHINESE.search(word)]
    rising += [i for i, word in enumerate(asked) if _RISING_IN_CHINESE.search(word)]
    if not falling and not rising:
        return None
    first_falls = not rising or bool(falling and falling[0] < rising[0])
    sign, other = (">", "<") if first_falls else ("<", ">")
    if text.count(sign) < 1 or other in text or re.search(r"[=≤≥,]", text):
        return None
    return [item.strip() for item in text.split(sign)]


def _by_label(items: Sequence[str], asked: Sequence[str]) -> list[str] | None:
    """The values in the order in which the question names their labels; none where a label is not its."""
    pairs = []
    for item in items:
        if match := _AT.fullmatch(item):
            pairs.append((match[2].casefold(), match[1]))
        elif match := _NAMED.fullmatch(item) or _BEFORE.fullmatch(item):
            pairs.append((match[1].casefold(), match[2]))
        else:
            return None
    labels = [label for label, _ in pairs]
    labels = [_in_full(label, asked) for label in labels]
    pairs = [(label, value) for label, (_, value) in zip(labels, pairs, strict=True)]
    if len(pairs) < 2 or len(set(labels)) < len(labels) or not set(labels) <= set(asked):
        return None
    return [value for _, value in sorted(pairs, key=lambda pair: list(asked).index(pair[0]))]


def _in_full(label: str, asked: Sequence[str]) -> str:
    """The one word of the question that a label shortens: mon for monday."""
    full = [w for w in asked if len(label) > 2 and len(w) > len(label) and w.startswith(label.rstrip("."))]
    return full[0] if label not in asked and len(full) == 1 else label


def _in_its_sentence(text: str, asked: Sequence[str], gold: Sequence[str]) -> list[str] | None:
    """The listing without the words before and behind it that the question has too.

    Not where the question names the items themselves: a word taken off would be an item then.
    """
    wanted = {asked_words.stem(w) for w in asked}
    if any(asked_words.stem(w.casefold()) in wanted for item in gold for w in _WORD.findall(item)):
        return None
    words = list(_WORD.finditer(text.rstrip(" .!")))
    known = [
        (w := m[0].casefold()) in _AROUND
        or asked_words.stem(w) in wanted
        or (asked_words.is_empty(w) and w not in ("a", "and", "as", "not", "no"))
        for m in words
    ]
    first = next((i for i, is_known in enumerate(known) if not is_known), len(words))
    last = next((i for i in range(len(words) - 1, -1, -1) if not known[i]), -1)
    if first > last or (first == 0 and last == len(words) - 1):
        return None
    taken = [m[0].casefold() for i, m in enumerate(words) if i < first or i > last]
    if any(w in ("than", "or", "into", "between") for w in taken) or asked_words.of_another(text, tuple(asked)):
        return None
    if any(item.strip(" .").casefold() in taken for item in lists.items(text)[0]):
        return None  # an item of its own
    items, _ = lists.items(text[words[first].start() : words[last].end()])
    return items
