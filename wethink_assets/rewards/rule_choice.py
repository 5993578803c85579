"""Which options a reply to a multiple-choice question chooses.

Belongs here: letters, option texts, options that are ruled out. Does not belong here: any other answer type.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.lists import bare_letters
from wethink_assets.rewards.normalise import fold
from wethink_assets.rewards.rule_yes_no import said_yes
from wethink_assets.rewards.scalars import parse_scalar, same
from wethink_assets.rewards.verdict import HEDGE, NEGATION, Verdict, readings

# Replies come normalised, with single spaces: `\s?`, since two `\s*` with nothing between them cost the square of a
# flood.
_CHOICE_HEAD = re.compile(
    r"(?:option|choice|answer|选项|选择|选)?\s?[(\[]?\s?([A-Za-z])\s?(?:[)\]]\s?[.:,]?|[.:,])\s?(\S.*)?",
    re.IGNORECASE | re.DOTALL,
)
_CHOICE_WORD = re.compile(
    r"(?:option|choice|answer|选项|选择|选|答案)\s?(?:is|是|为|:)?\s?[(\[]?([A-Za-z])[)\]]?", re.IGNORECASE
)
_STANDALONE = re.compile(r"(?<![A-Za-z0-9'\\_])[(\[]?([A-Z])[)\]]?(?![A-Za-z0-9'_])")
_NEGATED_BEFORE = re.compile(
    r"(?:\bnot|n't|\bnever|\bneither|\bnor|\bcannot be|rather than|instead of|rul(?:e|es|ed|ing) out"
    r"|exclud(?:e|es|ed|ing)|eliminat(?:e|es|ed|ing)|(?:anything|everything|all) but|except|unlike|\bthan"
    r"|不是|不选|而非|而不是|排除|并非)"
    r"(?:\s(?:be|is|option|choice|answer|the|also|选项|an?))*[\s(\[:]{0,4}$|(?:^|\s)[¬!]$",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"[)\]]?\s?(?:is|are|was|seems|looks|would be)?\s?"
    r"(?:n't|not\b|wrong|incorrect|false|ruled out|excluded|eliminated|不对|错|不正确|是错|不是|不符)",
    re.IGNORECASE,
)
_FINAL_CHOICE = re.compile(
    r"(?:answer|option|choice|choose|pick|select|go with|leav(?:es|ing)|答案|选择|选项|选|应选)\s?"
    r"(?:is|would be|should be|must be|是|为|应该是|应为)?\s?:?\s?(?:option|choice)?\s?[(\[]?([A-Z])"
    r"(?![A-Za-z0-9'])"
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
    letters = _chosen(text, gold.options, len(gold_letters) > 1)
    if isinstance(letters, Verdict):
        return letters
    return Verdict.CORRECT if letters == gold_letters else Verdict.WRONG


def _chosen(text: str, options: Sequence[str], several: bool) -> set[str] | Verdict:
    """The letters that a reply chooses, or why there are none."""
    folded = [fold(option) for option in options]
    by_text = {chr(65 + i) for i, option in enumerate(folded) if option and option == fold(text)}
    if letters := bare_letters(text):
        if len(by_text) == 1 and len(letters) > 1:
            return by_text  # an option that names letters: "A and B"
        if len(by_text) == 1 and by_text != set(letters) and len(text.strip("()[] .")) == 1:
            return by_text if text.islower() else set(letters)  # options that are themselves letters
        return set(letters) if several or len(letters) == 1 else Verdict.HEDGED
    if len(by_text) == 1:
        return by_text
    if folded and set(folded) <= _YES_NO and (by_polarity := _yes_no(text, folded)) is not None:
        return by_polarity
    if by_value := _by_value(text, options):
        return by_value
    for reading in readings(text):
        if letters := bare_letters(reading):
            return set(letters) if several or len(set(letters)) == 1 else Verdict.HEDGED
        same_text = {chr(65 + i) for i, option in enumerate(folded) if option and option == fold(reading)}
        if len(same_text) == 1:
            return same_text
        if match := _CHOICE_WORD.fullmatch(reading):
            return {match[1].upper()}
        if not several and (match := _CHOICE_HEAD.fullmatch(reading)):
            letter, rest = match[1].upper(), match[2] or ""
            if match[1].isupper() or reading[:1] in "([" or reading[1:2] in ").:":
                verdict = _contradicted(letter, rest, folded)
                if verdict is not None:
                    return verdict
    return _in_prose(text, folded, several)


_YES_NO = {"yes", "no", "true", "false", "是", "否", "对", "错"}
_POSITIVE = {"yes", "true", "是", "对"}


def _yes_no(text: str, folded: Sequence[str]) -> set[str] | Verdict | None:
    """The option of a yes-or-no choice that a sentence states; None where it states none."""
    positive = said_yes(text)
    if isinstance(positive, Verdict):
        return positive if positive is Verdict.HEDGED else None
    matching = {chr(65 + i) for i, option in enumerate(folded) if (option in _POSITIVE) == positive}
    return matching if len(matching) == 1 else None


def _by_value(text: str, options: Sequence[str]) -> set[str] | None:
    """The one option of the same value in another writing: 0.5 for 1/2, 0.5 m for 50 cm."""
    number = parse_scalar(text)
    if number is None:
        return None
    values = [parse_scalar(option) for option in options]
    matching = {chr(65 + i) for i, value in enumerate(values) if value is not None and same(value, number)}
    return matching if len(matching) == 1 else None


def _contradicted(letter: str, rest: str, folded: Sequence[str]) -> set[str] | Verdict | None:
    """A letter followed by text: chosen where the text is the option's or a reason, hedged where it is another's."""
    index = ord(letter) - 65
    after = fold(rest)
    if not after or (index < len(folded) and after == folded[index]):
        return {letter}
    if any(option == after for option in folded):
        return Verdict.HEDGED
    if _STANDALONE.search(rest) or HEDGE.search(rest):
        return None
    return {letter}


def _in_prose(text: str, folded: Sequence[str], several: bool) -> set[str] | Verdict:
    allowed = {chr(65 + i) for i in range(len(folded) or 26)}
    kept: list[str] = []
    ruled_out: set[str] = set()
    for match in _STANDALONE.finditer(text):
        letter = match[1]
        after = text[match.end() :]
        bracketed = match[0] != letter
        if letter not in allowed or (not bracketed and _is_word(letter, after)):
            continue
        if _NEGATED_BEFORE.search(text[max(0, match.start() - 60) : match.start()]) or _NEGATED_AFTER.match(after):
            ruled_out.add(letter)
        else:
            kept.append(letter)
    if ruled_out & set(kept) and not _FINAL_CHOICE.search(text):
        return Verdict.HEDGED  # "not B, A? B": said and denied
    letters = set(kept) - ruled_out
    if len(letters) > 1 and not several:
        final = [m[1] for m in _FINAL_CHOICE.finditer(text) if m[1] in letters]
        if len(set(final)) == 1 and not HEDGE.search(text):
            return set(final)
        return Verdict.HEDGED
    if letters:
        return Verdict.HEDGED if HEDGE.search(text) and re.search(r"\bor\b|或", text) and len(letters) > 1 else letters
    if ruled_out or NEGATION.search(text):
        return Verdict.UNPARSEABLE
    padded = f" {fold(text).replace('/', ' ')} "
    mentioned = [i for i, option in enumerate(folded) if option and f" {option} " in padded]
    # "dark red" also mentions "red": only the longest of nested options counts
    mentioned = [i for i in mentioned if not any(j != i and folded[i] in folded[j] for j in mentioned)]
    if not mentioned:
        # without spaces between words a text inside another may be another word, so it only shows a choice left open
        inside = [option for option in folded if option and not option.isascii() and option in padded]
        if len(inside) > 1:
            return Verdict.HEDGED
    if len(mentioned) == 1:
        return {chr(65 + mentioned[0])}
    return Verdict.HEDGED if mentioned else Verdict.UNPARSEABLE


def _is_word(letter: str, after: str) -> bool:
    """Whether a capital is the article or the pronoun: "A dog", "I think"."""
    if letter == "I":
        return bool(re.match(r"\s+[a-z]|'", after))
    return letter == "A" and bool(
        re.match(
            r"\s+(?!is\b|are\b|rather\b|instead\b|over\b|and\b|or\b|because\b|since\b|as\b|but\b|not\b|was\b"
            r"|would\b|seems\b|matches\b|shows\b|fits\b)[a-z]",
            after,
        )
    )
