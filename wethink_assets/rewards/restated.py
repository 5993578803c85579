"""A question said again as a statement, which affirms or denies it: "He is wearing glasses.", "It is not open."

Belongs here: telling that a sentence says what a yes-or-no question asks and nothing else. Does not belong here: words
of assent and denial (rule_yes_no.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards.units import singular

MAX_CHARS = 240
_WORD = re.compile(r"[^\W_]+(?:\.\d+)?(?:['’]t\b)?")
_EMPTY = frozenset(
    "a an the it its is are was were be been do does did has have had he she they we this that these "
    "those there his her "
    "their in on at of to for as and by with picture image photo shown figure diagram chart can "
    "could will would should "
    "appears appear seems seem looks look one any some yes no so then indeed very".split()
)
_NOT = frozenset(
    "not no never isn't aren't wasn't doesn't don't didn't hasn't haven't can't cannot without none neither".split()
)
_SUBJECTS = frozenset("it he she they this that these those there".split())
_AUXILIARY = frozenset(
    "is are was were does do did has have can isn't aren't wasn't doesn't don't didn't hasn't can't".split()
)
_TURNS = re.compile(
    r"\b(?:if|unless|maybe|perhaps|might|may|or|almost|hardly|barely|partly|partially|only|too|less"
    r"|fewer|before|after|than it|but)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(r"^[^,.;!?]{4,160}?(?=[.;!?]*$|[.;!?]\s|,?\s(?:because|since(?!\s\d)|as)\s)", re.IGNORECASE)


def polarity(text: str, asked: Sequence[str]) -> bool | None:
    """True where the sentence affirms what was asked, False where it denies it, None where it says anything else."""
    if (of_chinese := in_chinese(text, asked)) is not None:
        return of_chinese
    text = _PAIR.sub(r"(\1 \2)", _IS.sub(" is", text))
    if (place := _AT_A_PLACE.search(text)) and {*asked}.isdisjoint(
        {w.casefold() for w in _WORD.findall(place[0])} - _EMPTY
    ):
        text = text[: place.start()]  # where a thing is that was asked after
    if asked[1:2] == ("there",):
        text = _SEEN.sub(lambda m: f"there is {'no ' if m[1] or m[2] else 'a '}", text)
    elif (short := _SHORT_COMPARISON.fullmatch(text)) and "than" in asked:
        word = short[2].casefold()
        if word in asked or any(_OPPOSITES.get(w) == word for w in asked):
            return (word in asked) == (short[1] is None)
    text = _AT_A_POINT.sub("", text)
    if _SIGNED.search(text):
        return None  # the question's words are without their signs
    opening = _WORD.match(text)
    if opening is not None and opening[0].casefold() in _AUXILIARY:
        return None  # the question itself
    match = _FIRST.match(text) if len(text) <= MAX_CHARS else None
    if match is not None and (compared := _compared(match[0], asked)) is not None:
        return compared
    if asked and (denied := _NEITHER.match(text)) and _stem(denied[1].casefold()) == _stem(asked[-1]):
        return False
    if asked and len(text) <= MAX_CHARS and (denied := _NOT_THAT.match(text)):
        wanted = {_stem(w) for w in asked if w not in _EMPTY}
        named = {_stem(w) for w in map(str.casefold, _WORD.findall(denied[2])) if w not in _EMPTY}
        said = {_stem(w) for w in map(str.casefold, _WORD.findall(denied[1])) if w not in _EMPTY}
        return False if named and named <= wanted and not said <= wanted and said & wanted | (said - wanted) else None
    if match is not None and (other := _BUT_NOT.fullmatch(match[0])) and asked:
        denied, affirmed = _stem(other[2].casefold()), _stem(other[1].casefold())
        return False if denied == _stem(asked[-1]) and affirmed not in map(_stem, asked) else None
    if match is not None and asked[1:2] == ("there",) and _NOT_ONE.fullmatch(match[0]):
        return False
    if (part := _IS_ONE_OF.match(" ".join(asked))) is not None and asked[-1] not in text.casefold():
        asked = part[1].split()  # "a solution", of "a solution of the equation"
    if (
        match is None
        or not asked
        or any(m[0].casefold() not in _ASKED_AFTER.intersection(asked) for m in _TURNS.finditer(match[0]))
    ):
        return None
    if "if" in asked[3:]:  # what would be, whatever the condition
        asked = asked[: asked.index("if")]
    words = [w[0].casefold().replace("’", "'") for w in _WORD.finditer(match[0])]
    denials = sum(w in _NOT for w in words)
    if own := {"without", "never", "none"} & set(asked):  # "Can it occur without light?"
        if not own <= set(words):
            return None
        denials -= len(own)
    if denials > 1 or not any(w in _AUXILIARY or _stem(w) in map(_stem, asked) for w in words):
        return None
    counted = {"any", "a", "an", "some"} & set(asked)
    said = [_stem(w) for w in words if w not in _EMPTY and w not in _NOT and not (counted and w in _COUNTS)]
    wanted = [_stem(w) for w in asked if w not in _EMPTY and w not in _NOT]
    if {"the", "they"} & set(words[:1]):  # "the lines" of "the two lines"
        wanted = [w for w in wanted if w not in _COUNTS or w in said]
    turned = [w for w in said if w in _WAYS and w not in wanted]
    meant = [w for w in wanted if w in _WAYS]
    if len(turned) == len(meant) == 1:
        said = [meant[0] if w == turned[0] else w for w in said]
        denials += _WAYS[turned[0]] != _WAYS[meant[0]]
    if not said or not wanted or asked[0] not in _AUXILIARY | {"will", "would", "should", "could", "did"}:
        return None
    if not set(said) <= set(wanted) or len(set(said)) * 2 < len(set(wanted)):
        return None
    if len(set(said)) < len(set(wanted)) and not (
        wanted[-1] == said[-1] and (words[0] in _SUBJECTS or (words[0] == "the" and wanted[0] == said[0]))
    ):
        return None
    if not _LACKING.isdisjoint(set(wanted) - set(said)):
        return None
    first = {w: said.index(w) for w in reversed(said)}
    ordered = [w for w in dict.fromkeys(wanted) if w in first and (w[0].isdigit() or len(w) == 1)]
    if [w for w in dict.fromkeys(said) if w in ordered] != ordered:
        return None  # "2014 is higher than 2015" is no "2015 is higher than 2014"
    if not any(w[0].isdigit() for w in ordered) and not (
        _in_order(list(dict.fromkeys(said)), list(dict.fromkeys(wanted)))
        or _in_order(list(dict.fromkeys(said)), list(dict.fromkeys(reversed(wanted)))[::-1])
    ):
        return None
    return denials == 0


# "They are similar but not congruent."
_BUT_NOT = re.compile(
    r"(?:no, )?(?:they|it|he|she|the [a-z ]{2,30}?) (?:is|are|was|were) (?:only )?(?:an? )?([a-z-]{3,20}),?"
    r" but (?:they are |it is )?not (?:an? )?([a-z-]{3,20})",
    re.IGNORECASE,
)
_NOT_ONE = re.compile(
    r"(?:no, )?there (?:isn't|is not|aren't|are not) (?:one|any)(?: (?:here|visible|shown))?", re.IGNORECASE
)
_IS_ONE_OF = re.compile(r"((?:is|are|was|were) \w{1,12} an? \w{3,14}) (?:of|to|for) ")
_ASKED_AFTER = frozenset(("before", "after"))
_LACKING = frozenset("lack miss missing fail exclude avoid lose stop end absent refuse prevent reject deny".split())
_AT_A_PLACE = re.compile(
    r"\s(?:at|in|on|near)\s(?:the|its|his|her)\s(?:(?:very|upper|lower|far)\s)?(?:top|bottom|left|right|upper|lower|cent(?:er|re)"
    r"|corner|middle|side|background|foreground)(?:\s(?:left|right|corner|side|half"
    r"|(?:of the [a-z]{3,12}))){0,3}(?=\W*$)",
    re.IGNORECASE,
)
_AT_A_POINT = re.compile(r"\sat\s(?:one point|(?:the )?(?:origin|point) ?[A-Z]?|\([^()]{1,24}\)|[A-Z])(?=\W*$)")
_SEEN = re.compile(
    r"^(?:no, |yes, )?(?:(?:i|we|you) (?:can |(do not |don't |cannot |can't |can not ))?see"
    r"|the (?:picture|image|photo|figure|diagram) (?:shows|contains|has|(does not |doesn't )(?:show|contain|have)))"
    r" (?:an?|any) ",
    re.IGNORECASE,
)
_SHORT_COMPARISON = re.compile(r"(?:it|he|she|they) (?:is|are|was|were) (not )?([a-z]{2,10}er)\W*", re.IGNORECASE)
_PAIR = re.compile(r"\(([^(),]{1,12}),\s?([^(),]{1,12})\)")
_SIGNED = re.compile(r"(?<![\w)])-\d")
_HAN_QUESTION = re.compile("[\u4e00-\u9fff\\w]{2,40}[吗么]")
_HAN_ONE = re.compile("一[个只条张辆位名座朵把]")
_HAN_SUBJECT = re.compile("^(?:它们|他们|她们|它|他|她)")


def in_chinese(text: str, asked: Sequence[str]) -> bool | None:
    """As `polarity`, of a question that ends with 吗: its words again, with 不 or 没 in them or without."""
    if len(asked) != 1 or not _HAN_QUESTION.fullmatch(asked[0]) or len(text) > 60:
        return None
    question = asked[0][:-1]
    said = _HAN_ONE.sub("", re.sub(r"[\s,.!]|是的|答:|^答", "", text))
    denials = len(re.findall("没有|[不没无]", said))
    if denials > 1 or re.search("[不没无吗么?]|或|可能|也许", question) or re.search("[吗么?]|或|可能|也许|如果", said):
        return None
    plain = [re.sub("没有|[没无]", "有", said), re.sub("不|没有|没", "", said)] if denials else [said]
    for statement in plain:
        subject = _HAN_SUBJECT.match(statement)
        rest = statement[subject.end() :] if subject else statement
        shorter = (subject is not None and len(rest) > 1) or statement.startswith(("有", "是"))
        if statement == question or (shorter and question.endswith(rest)):
            return denials == 0
    return None


_IS = re.compile(r"(?<=[A-Za-z])['’](?:s|re)\b")
_NEITHER = re.compile(
    r"(?:it|he|she|they|this|the [a-z]{2,20}) (?:is|are|was|were) neither (?:an? )?([a-z]{2,30})\b", re.IGNORECASE
)
_NOT_THAT = re.compile(r"([^,;.]{4,80}),\s(?:and\s)?not\s(?:an?\s|the\s)?([^,;.]{2,40})\.?$", re.IGNORECASE)
_COUNTS = frozenset("one two three four five six seven eight nine ten several many some".split())
_WAYS = {
    **dict.fromkeys(("rise", "rose", "increas", "grow", "grew", "risen", "climb"), 1),
    **dict.fromkeys(("fall", "fell", "decreas", "drop", "declin", "shrink", "shrank"), -1),
}
_OPPOSITES: dict[str, str] = {
    a: b
    for pair in (
        "more fewer",
        "more less",
        "taller shorter",
        "longer shorter",
        "higher lower",
        "larger smaller",
        "bigger smaller",
        "greater smaller",
        "older younger",
        "heavier lighter",
        "faster slower",
        "earlier later",
        "hotter colder",
        "warmer colder",
        "wider narrower",
    )
    for a, b in (pair.split(), pair.split()[::-1])
}


def _compared(text: str, asked: Sequence[str]) -> bool | None:
    """What a comparison says of the one that was asked for: "fewer boys than girls" of more boys than girls."""
    words = [w[0].casefold() for w in _WORD.finditer(text)]
    of_asked, of_said = ([w for w in side if w in _OPPOSITES] for side in (asked, words))
    if len(of_asked) != 1 or len(of_said) != 1 or "than" not in asked or words.count("than") != 1:
        return None
    if any(w in _NOT for w in words) or re.search(r"\b(?:if|maybe|perhaps|might|may|or|almost|slightly)\b", text):
        return None
    opposite = of_asked[0] in (_OPPOSITES[of_said[0]], of_said[0]) or _OPPOSITES[of_asked[0]] == of_said[0]
    if not opposite:
        return None
    parts = []
    for side in (list(asked), words):
        middle = side.index("than")
        parts.append(
            tuple(
                {_stem(w) for w in part if w not in _EMPTY and w not in _OPPOSITES}
                for part in (side[:middle], side[middle + 1 :])
            )
        )
    (a, b), (c, d) = parts
    if not (a and b and c and d):
        return None
    same = c <= a and d <= b
    turned = c <= b and d <= a
    if same == turned:
        return None
    return same == (of_said[0] == of_asked[0])


def compared_otherwise(said: str, asked: Sequence[str]) -> bool:
    """Whether a clause compares the other way than the question does: fewer goals than, for more goals than."""
    if "than" not in asked or len(said) > MAX_CHARS:
        return False
    words = {w.casefold() for w in _WORD.findall(said)}
    if "than" not in words:
        return False
    return any(w not in words and any(_OPPOSITES.get(o) == w for o in words) for w in asked)


def _in_order(said: list[str], wanted: list[str]) -> bool:
    return said == [w for w in wanted if w in said]


_FORMS: dict[str, str] = {
    pair.split(":")[0]: pair.split(":")[1]
    for pair in (
        "used:use uses:use won:win wins:win went:go goes:go made:make took:take wore:wear ate:eat ran:run gave:give "
        "found:find saw:see held:hold kept:keep left:leave met:meet sold:sell bought:buy began:begin"
    ).split()
}


def _stem(word: str) -> str:
    if word in _FORMS:
        return _FORMS[word]
    word = singular(word)
    for end in ("ing", "ed", "s"):
        if len(word) > len(end) + 3 and word.endswith(end):
            return word[: -len(end)]
    return word
