"""An option in another writing: relations (x \\le 3), formulas of substances, letters, "it" for a noun.

Belongs here: telling which option a whole reply is, where the option is written otherwise. Does not belong here:
sentences that choose (rule_choice.py), equal values (algebra.py, scalars.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import asked_words, choice_mentions, latex_text
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.spelling import typeset
from wethink_assets.rewards.units import singular

MAX_CHARS = 160
_RELATIONS = (
    (re.compile(r"\\(?:leqslant|leq|le)(?![a-z])|<=|⩽"), "≤"),
    (re.compile(r"\\(?:geqslant|geq|ge)(?![a-z])|>=|⩾"), "≥"),
    (re.compile(r"\\lt(?![a-z])|&lt;"), "<"),
    (re.compile(r"\\gt(?![a-z])|&gt;"), ">"),
    (re.compile(r"\\(?:neq|ne)(?![a-z])|!="), "≠"),
)
_SIGN = re.compile(r"[<>≤≥=≠]")
_SIGNS = re.compile(r"([<>≤≥=≠])")
_TURNED = str.maketrans("<>≤≥", "><≥≤")
_LEAD = re.compile(
    r"^(?:so |thus |therefore )?the (?:inequality|solution|equation|answer|relation)(?: set)? is:? ", re.IGNORECASE
)
_WORDS = re.compile(r"(?<!\\)[A-Za-z]{3,}")


def relation(text: str, options: Sequence[str]) -> set[str]:
    """The options that are the relation which a reply is, either side first."""
    said = _relation(_LEAD.sub("", text)) if len(text) <= MAX_CHARS else None
    return {chr(65 + i) for i, option in enumerate(options) if said is not None and _relation(option) == said}


def _relation(text: str) -> str | None:
    text = latex_text.without_dollars(clean(text)).replace("$", "")
    for pattern, sign in _RELATIONS:
        text = pattern.sub(sign, text)
    text = re.sub(r"\\[,;:! ]|\s|\*", "", text)
    sides = _SIGN.split(text)
    if len(sides) not in (2, 3) or not all(sides) or _WORDS.search(text):
        return None
    turned = "".join(part.translate(_TURNED) for part in reversed(_SIGNS.split(text)))
    return min(text, turned)


def substance(text: str, options: Sequence[str]) -> set[str]:
    """The options that are the same formula of a substance, with indices and charges as LaTeX or Unicode sets them."""
    said = _substance(text)
    return {chr(65 + i) for i, option in enumerate(options) if said and _substance(option) == said}


_CHARGE = re.compile(r"\s?\^\s?\{?\s?(\d?[+-])\s?\}?")
_FORMULA = re.compile(r"(?:\d?\(?[A-Z][a-z]?\)?\d{0,2}){1,9}\s?(?:\d?[+-])?")


def _substance(text: str) -> str:
    """Case counts: Co is cobalt."""
    plain = _CHARGE.sub(r"\1", typeset(text)).strip() if len(text) < 60 else ""
    return plain.replace(" ", "") if _FORMULA.fullmatch(plain) else ""


def set_plainly(text: str, options: Sequence[str]) -> str:
    """A sentence with the formulas in it as options write them: N2 for $\\mathrm{N_2}$."""
    if ("\\math" in text or "\\text" in text or "_" in text) and not any("\\" in o or "_" in o for o in options):
        return typeset(text)
    return text


def with_pronoun(text: str, options: Sequence[str], asked: Sequence[str]) -> str:
    """ "To the right of the plate" as "to the right of it", where options say "it" and the question ends with plate."""
    noun = asked[-1] if asked else ""
    if not noun.isalpha() or not any(clean(option).casefold().endswith(" it") for option in options):
        return text
    return _THE_NOUN.sub(lambda m: "it" if m[1].casefold() == noun else m[0], text)


_THE_NOUN = re.compile(r"(?<=\s)the ([a-z]{2,24})(?=[\s.,;!]|$)", re.IGNORECASE)
_LABELLED = re.compile(r"\(?([A-Z])(?:\)[.:,]?|[.:])\s?(\S.{0,80})", re.DOTALL)


def labelled(text: str, folded: Sequence[str]) -> set[str] | None:
    """The letter before an option's own text, "B. L" of options that are letters; two where the text is another's."""
    match = _LABELLED.fullmatch(text)
    if match is None or ord(match[1]) - 65 >= len(folded):
        return None
    same = {chr(65 + i) for i, option in enumerate(folded) if option and option == fold(match[2])}
    if len(same) > 1:
        return None  # options of signs alone: A ∪ B and A ∩ B fold alike
    return ({match[1]} if match[1] in same else same | {match[1]}) if same else None


_PAIR = re.compile(
    r"(?<![\w.])(\w{1,6})\s?(?:,|/|&|-|~|\bor\b|\band\b|\bto\b|\bthrough\b|或|和|到){1,2}\s?(?:(?:or|and)\s)?"
    r"(?:([a-z]{3,20})\s)?(\w{1,6})(?![\w.])"
)
_CONCLUDES = re.compile(r"\b(?:so|therefore|thus|hence|answer|not|but|than)\b", re.IGNORECASE)
_ANY = re.compile(r"(?:one|any|either|some|each) of\b|(?:either|any)\b", re.IGNORECASE)


def offers_several(text: str, folded: Sequence[str]) -> bool:
    """Whether a short reply names several options of one noun at once: "Circuit 1, 2 or 3", "one of circuit 1 to 4"."""
    if _CONCLUDES.search(text) or len(text) > 60:
        return False
    if _ANY.match(text) and not any(_ANY.match(option) for option in folded):
        return True
    words = [option.split() for option in folded]
    if not words or any(len(w) != 2 for w in words) or len({w[0] for w in words}) > 1:
        return False
    ends, noun = {w[1] for w in words}, words[0][0]
    return any(
        m[1] in ends and m[3] in ends and (m[2] or noun) in (noun, f"{noun}s") for m in _PAIR.finditer(text.casefold())
    )


_STOPS = re.compile(r"(?<=[a-z])\.|\s")


def same_looks(text: str, options: Sequence[str]) -> set[str]:
    """The options that differ only by points behind letters or spaces: 3 PM for 3 p.m., 2 : 3 for 2:3."""
    said = _STOPS.sub("", clean(text).casefold())
    found = {
        chr(65 + i) for i, option in enumerate(options) if said and _STOPS.sub("", clean(option).casefold()) == said
    }
    return found if len(said) > 2 and len(found) == 1 else set()


_TAKEN_BACK = re.compile(r"(?:\?|\.{2,3}|,)\s?-?\s?no\b\s?[,.:;-]{0,2}\s?", re.IGNORECASE)


def revised(text: str, options: Sequence[str], folded: Sequence[str]) -> str | None:
    """What stands behind an option that is asked after and taken back: "Rome? No - Athens." """
    match = _TAKEN_BACK.search(text[:80]) if len(text) <= MAX_CHARS else None
    if match is None or not match.start():
        return None
    rest = text[match.end() :]
    first, then = (choice_mentions.find(part, options, folded) for part in (text[: match.start()], rest))
    return rest if first and then and {a for _, a in first}.isdisjoint(a for _, a in then) else None


_NO_WORDS = re.compile(r"[\d=<>≤≥≠√^%$/*+\\]|(?<![a-z])-")
_TURNS = re.compile(r"\b(?:than|or|if|but|except|unless)\b", re.IGNORECASE)
_DENIALS = frozenset("no not never neither nor without".split())
_LINKS = frozenset("then first and it they he she".split())


def same_content(text: str, options: Sequence[str], asked: Sequence[str]) -> set[str] | None:
    """The one option that says the same words in the same order, but for those of the question and empty ones."""
    plain = all(len(o.split()) > 1 and not _NO_WORDS.search(o) for o in options)
    if len(text) > MAX_CHARS or len(options) < 2 or not plain or _NO_WORDS.search(text) or _TURNS.search(text):
        return None
    of_options = [_content(clean(option), ()) for option in options]
    named = {w for words in of_options for w in words}
    left_out = [w for w in asked if asked_words.stem(w) not in named]
    words = [m.casefold() for m in re.findall(r"[^\W_]+", text)]
    if words and asked_words.stem(words[-1]) in {asked_words.stem(w) for w in left_out}:
        return None  # "the sofa is left of the lamp": the question's words in other roles
    said = _content(text, left_out)
    matching = {chr(65 + i) for i, words in enumerate(of_options) if words and words == said}
    if not matching and 0 < len(said) <= 4:  # "exothermic" of "the reaction is exothermic"
        matching = {
            chr(65 + i)
            for i, words in enumerate(of_options)
            if said == words[-len(said) :] or said == words[: len(said)]
        }
    return matching if len(matching) == 1 else None


def _content(text: str, but: Sequence[str]) -> list[str]:
    words = [m.casefold() for m in re.findall(r"[^\W_]+", text)]
    left_out = {asked_words.stem(w) for w in but}
    return [
        asked_words.stem(w)
        for w in words
        if w in _DENIALS or not (asked_words.is_empty(w) or w in _LINKS or asked_words.stem(w) in left_out)
    ]


_COLOURS = frozenset("red orange yellow green blue purple violet pink brown black white gray grey gold silver".split())
_THING = re.compile(
    r"(?:^|[,.;]\s)(?:the|his|her|their|its) ([a-z]{3,20})(?: (?:is|are)| (?=[a-z]+\W*$))", re.IGNORECASE
)


def of_another_thing(text: str, folded: Sequence[str], asked: Sequence[str]) -> bool:
    """Whether a colour is said of nothing that the question names: the sofa for the walls."""
    if not folded or 2 * sum(option.split()[-1] in _COLOURS for option in folded if option) < len(folded):
        return False
    known = {singular(w) for w in (*asked, "color", "colour", "answer", "object", "thing", "item", "correct")}
    things = [singular(m.casefold()) for m in _THING.findall(text) if m.casefold() not in _COLOURS]
    return bool(things) and known.isdisjoint(things)
