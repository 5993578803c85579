"""Which options a reply to a multiple-choice question chooses.

Belongs here: replies that are an option as a whole, by letter, text, value or place, and the order in which readings
are tried. Does not belong here: sentences that choose (choice_prose.py), options in other writings
(choice_writings.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import (
    algebra,
    asked_words,
    choice_denied,
    choice_mentions,
    choice_prose,
    choice_writings,
    equations,
    latex_text,
    number_words,
    option_places,
    option_readings,
)
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.extraction import boxed
from wethink_assets.rewards.lists import bare_letters
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.restated import polarity
from wethink_assets.rewards.rule_yes_no import said_yes
from wethink_assets.rewards.same_words import same_words
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same
from wethink_assets.rewards.verdict import BOUND, DENIED, HEDGE, NEGATION, Verdict, readings

# Replies come normalised, with single spaces: `\s?`, since two `\s*` with nothing between them cost the square of a
# flood.
_CHOICE_HEAD = re.compile(
    r"(?:option|choice|answer|选项|选择|选)?\s?[(\[]?\s?([A-Za-z])\s?(?:[)\]]\s?[.:,]?|[.:,])\s?(\S.*)?",
    re.IGNORECASE | re.DOTALL,
)
_CHOICE_WORD = re.compile(
    r"(?:option|choice|answer|选项|选择|选|答案)\s?(?:is|是|为|:)?\s?[(\[]?([A-Za-z])[)\]]?", re.IGNORECASE
)


def choice(gold: TypedAnswer, text: str) -> Verdict:
    gold_letters = set(str(gold.value or ""))
    if not gold_letters:
        return Verdict.UNPARSEABLE
    if (
        len(gold_letters) > 1
        and text.isascii()
        and text.isupper()
        and text.isalpha()
        and len(set(text)) == len(text) <= len(gold.options)
    ):
        return (
            Verdict.CORRECT if set(text) == gold_letters else Verdict.WRONG
        )  # "CAB": any order where several are right
    letters = _chosen(text, gold, len(gold_letters) > 1)
    if isinstance(letters, Verdict):
        return letters
    return Verdict.CORRECT if letters == gold_letters else Verdict.WRONG


def _chosen(text: str, gold: TypedAnswer, several: bool) -> set[str] | Verdict:
    """The letters that a reply chooses, or why there are none."""
    options = gold.options
    folded = [fold(option) for option in options]
    heads = choice_mentions.heads(options, folded)
    by_text = {chr(65 + i) for i, option in enumerate(folded) if option and fold(text) in (option, heads[i])}
    by_text = by_text if len(by_text) == 1 else choice_writings.same_looks(text, options) or by_text
    if (
        not several
        and all(len(option) == 1 for option in folded)
        and (letter := option_places.single(text, folded, gold.asked))
    ):
        return {letter}
    if not several and (named := choice_writings.labelled(text, folded)):
        return named if len(named) == 1 else Verdict.HEDGED
    if not several and choice_writings.offers_several(text, folded):
        return Verdict.HEDGED
    letters = bare_letters(text)
    if len(letters) == 1 and len(by_text) == 1 and ord(letters) - 65 >= len(options):
        return by_text  # "L" of options that are letters themselves
    if letters:
        if len(by_text) == 1 and len(letters) > 1:
            return by_text  # an option that names letters: "A and B"
        if len(by_text) == 1 and by_text != set(letters) and len(text.strip("()[] .")) == 1:
            return by_text if text.islower() else set(letters)  # options that are themselves letters
        return set(letters) if several or len(letters) == 1 else Verdict.HEDGED
    if len(by_text) == 1:
        return by_text
    alike = {chr(65 + i) for i, option in enumerate(folded) if option and same_words(option, fold(text))}
    if len(alike) == 1:
        return alike
    if several and (match := _RUN.match(text)) and len(set(match[1])) == len(match[1]) <= len(folded):
        return set(match[1])
    if several and _SMALL_LETTERS.fullmatch(text):
        return {c.upper() for c in text if c.isalpha()}
    if several and (letters := _letter_texts(text, folded)):
        return letters
    if folded and set(folded) <= _YES_NO and (by_polarity := _yes_no(text, folded, gold.asked)) is not None:
        return by_polarity
    if choice_writings.of_another_thing(text, folded, gold.asked):
        return Verdict.WRONG
    if "=" in text and (equations.fails(text) or equations.of_formula(text, gold.asked)):
        return Verdict.WRONG
    if (revised := choice_writings.revised(text, options, folded)) is not None:
        return _chosen(revised, gold, several)
    if (number := parse_scalar(text)) is not None and _of_another_variable(number, gold.asked):
        return Verdict.WRONG
    if by_value := _by_value(text, options, gold.asked):
        return by_value
    for same_writing in (choice_writings.relation, choice_writings.substance, option_readings.same):
        if len(found := same_writing(text, options)) == 1:
            return found
    text = choice_writings.with_pronoun(choice_writings.set_plainly(text, options), options, gold.asked)
    if not several and choice_denied.asks_for_the_denied(gold.asked):
        denied = choice_denied.chosen_in(text, options, folded, gold.asked)
        if denied is not None:
            return denied
    elif asked_words.whole_of_another(text, " ".join(options), gold.asked):
        return Verdict.UNPARSEABLE  # "London has the smallest", where the largest is asked for
    judged = option_places.one_by_one(text, len(folded)) if len(text) < 1_000 else None
    if judged and not several:
        return judged if len(judged) == 1 else Verdict.HEDGED
    for reading in readings(text):
        if (letters := bare_letters(reading)) and (len(letters) > 1 or ord(letters) - 65 < (len(options) or 26)):
            return set(letters) if several or len(set(letters)) == 1 else Verdict.HEDGED
        if (
            reading is not text
            and (value := _by_value(reading, options, gold.asked))
            and not asked_words.of_another(text, gold.asked)
        ):
            return value
        same_text = {chr(65 + i) for i, option in enumerate(folded) if option and option == fold(reading)}
        if len(same_text) == 1:
            return same_text
        if match := _CHOICE_WORD.fullmatch(reading):
            return {match[1].upper()}
        if not several and (match := _CHOICE_HEAD.fullmatch(reading)):
            letter, rest = match[1].upper(), match[2] or ""
            if match[1].isupper() or reading[:1] in "([" or reading[1:2] in ").:":
                verdict = _contradicted(letter, rest, options, folded)
                if verdict is not None:
                    return verdict
    if text[:1].isalpha() and BOUND.match(text) and not any(BOUND.match(clean(option)) for option in options):
        return Verdict.HEDGED  # "at least 3, possibly 4"
    if not several and _ONE_OF.search(text) and not NEGATION.search(text):
        return Verdict.HEDGED  # "B, C, or D"
    boxes = {box.strip(" ()") for box in boxed(text)} if "boxed" in text else set()
    if len(boxes) == 1 and not (NEGATION.search(text) or HEDGE.search(text)) and (letter := bare_letters(boxes.pop())):
        return set(letter) if several or len(letter) == 1 else Verdict.HEDGED
    if by_formula := _by_formula(text, options):
        return by_formula
    if several and judged:
        return judged
    if (place := option_places.by_place(text, folded)) is not None:
        return place
    if set(folded) <= _YES_NO:  # "no idea" names no option: what a sentence says of them was read above
        options = folded = ["\0"] * len(folded)
    if not several and _EVERY_BUT.match(text):
        return Verdict.UNPARSEABLE
    said = choice_prose.chosen_in(text, options, folded, several, gold.asked)
    if said is Verdict.UNPARSEABLE and " to the " in text:  # "shifted 3 units to the left"
        said = choice_prose.chosen_in(text.replace(" to the ", " "), options, folded, several, gold.asked)
    if said is Verdict.UNPARSEABLE or said is Verdict.HEDGED:
        said = choice_writings.same_content(text, options, gold.asked) or said
    return (_by_word(text, options) or said) if said is Verdict.UNPARSEABLE else said


_RUN = re.compile(r"([A-H]{2,6})[.:,;]\s")
_EVERY_BUT = re.compile(r"(?:every\w*|each|all|any)\b.{0,30}\b(?:but|except)\b", re.IGNORECASE)
_SMALL_LETTERS = re.compile(r"\(?[a-h]\)?(?:\s?(?:,|and|&)\s?\(?[a-h]\)?){1,6}")


def _letter_texts(text: str, folded: Sequence[str]) -> set[str] | None:
    """Options that are letters of their own, P to S: those that a short list of such names."""
    if not all(
        len(o) == 1 and o.isalpha() and o.upper() not in {chr(65 + i) for i in range(len(folded))} for o in folded
    ):
        return None
    named = [w for w in re.split(r"\s?(?:,|&|\band\b|\s)\s?", text.casefold()) if w]
    return {chr(65 + folded.index(w)) for w in named} if named and all(w in folded for w in named) else None


_YES_NO = {"yes", "no", "true", "false", "是", "否", "对", "错"}
_POSITIVE = {"yes", "true", "是", "对"}


def _yes_no(text: str, folded: Sequence[str], asked: Sequence[str]) -> set[str] | Verdict | None:
    """The option of a yes-or-no choice that a sentence states; None where it states none."""
    positive = said_yes(text)
    if positive is Verdict.UNPARSEABLE and (restated := polarity(text, asked)) is not None:
        positive = restated
    if isinstance(positive, Verdict):
        return positive if positive is Verdict.HEDGED else None
    matching = {chr(65 + i) for i, option in enumerate(folded) if (option in _POSITIVE) == positive}
    return matching if len(matching) == 1 else None


def _by_value(text: str, options: Sequence[str], asked: Sequence[str]) -> set[str] | None:
    """The one option of the same value in another writing: 0.5 for 1/2, 0.5 m for 50 cm; an exact one comes first."""
    number = parse_scalar(text)
    if number is None:
        return None
    values = [parse_scalar(option) for option in options]
    matching = {chr(65 + i) for i, value in enumerate(values) if value is not None and same(value, number)}
    if len(matching) > 1:
        exactly = {
            c for c in matching if (v := values[ord(c) - 65]) and (v.value, v.unit) == (number.value, number.unit)
        }
        matching = exactly or matching
    if number.unit and number.unit.is_percent and {"percent", "percentage", "share"}.isdisjoint(asked):
        matching = {c for c in matching if (v := values[ord(c) - 65]) and (v.unit or v.value != number.value)}
    return matching if len(matching) == 1 else None


def _of_another_variable(number: Scalar, asked: Sequence[str]) -> bool:
    wanted = {name[0] for name in asked if name.endswith("=")}
    return (
        bool(wanted)
        and number.variable is not None
        and len(number.variable) == 1
        and number.variable.casefold() not in wanted
    )


def _by_formula(text: str, options: Sequence[str]) -> set[str] | None:
    """The one option that is the same formula in another writing: y = 1 - x^2 for y = -x^2 + 1."""
    if len(text) > 120 or not re.search(r"[=^+*/-]|\\", text) or re.search(r"(?<!\\)[A-Za-z]{3,}", text):
        return None
    formula = latex_text.without_dollars(text).replace("$", "")
    cleaned = [clean(option) for option in options]
    if "=" not in formula and all(map(_NAMED.match, cleaned)):
        cleaned = [_NAMED.sub("", option) for option in cleaned]  # the right side of "y = ..."
    matching = {chr(65 + i) for i, option in enumerate(cleaned) if len(option) < 120 and algebra.same(option, formula)}
    return matching if len(matching) == 1 else None


_NAMED = re.compile(r"[a-z](?:\([a-z]\))?\s?=\s?")


def _by_word(text: str, options: Sequence[str]) -> set[str] | None:
    """The option whose number a sentence says in words, where it says one and denies nothing: "three people"."""
    words = {m[0].casefold() for m in number_words.MENTION.finditer(text)}
    return (
        _by_value(words.pop(), options, ())
        if len(words) == 1 and not any(p.search(text) for p in (NEGATION, DENIED, HEDGE, BOUND))
        else None
    )


_ONLY_THAT = re.compile(
    r"(?:(?:that is|that's|which is|i\.e\.,?|namely)\s)?"
    r"(?:the\s)?(?:(?!not|nor?\b|than|but|or\b)[a-z]{1,12}\s)?(?:=\s)?",
    re.IGNORECASE,
)


def _contradicted(letter: str, rest: str, options: Sequence[str], folded: Sequence[str]) -> set[str] | Verdict | None:
    """A letter followed by text: chosen where the text is the option's or a reason, hedged where it is another's."""
    index = ord(letter) - 65
    after = fold(rest)
    written = [clean(option).casefold() for option in options]
    if (said := clean(rest).casefold()) in written and index < len(written):
        return {letter} if written[index] == said else Verdict.HEDGED
    if not after or (index < len(folded) and after == folded[index] and folded.count(after) == 1):
        return {letter}
    if any(option == after for option in folded):
        return Verdict.HEDGED
    others = choice_mentions.find(rest, options, folded)
    if (
        len(others) == 1
        and others[0][1] != letter
        and _ONLY_THAT.fullmatch(rest[: others[0][0][0]])
        and not rest[others[0][0][1] :].strip(" .!)")
    ):
        return Verdict.HEDGED  # "C, that is bone 4"
    if choice_mentions.STANDALONE.search(rest) or HEDGE.search(rest):
        return None
    return {letter}


_ONE_OF = re.compile(r"\b(?:[A-H]|\d{1,6}),\s(?:[A-H]|\d{1,6}),?\s(?:or|或)\s(?:[A-H]|\d{1,6})\b")
