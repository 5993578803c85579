"""Whether a reply gives the gold answer: one function an answer type, a verdict and never a bare number.

Belongs here: the rules. Does not belong here: turning a verdict into a reward (hybrid.py), asking a judge (judge.py).

Order: normalise, exact, the type's rule, math-verify (its own killable process), and for free-form answers
nothing more: those are the judge's. A rule says `correct` only where it is sure; `hedged` where a reply
names several answers; `unparseable` where it names none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from wethink_assets.rewards import exact, math_pool, parts
from wethink_assets.rewards.answers import NO, YES, AnswerType, TypedAnswer
from wethink_assets.rewards.extraction import CONFLICTING, extract
from wethink_assets.rewards.normalise import MAX_ANSWER_CHARS, clean, fold, plain_thousands, without_lead_in
from wethink_assets.rewards.scalars import Scalar, parse_scalar, same
from wethink_assets.rewards.units import parse_unit

MAX_MATH_CHARS = 300


class Verdict(StrEnum):
    CORRECT = "correct"
    WRONG = "wrong"
    UNPARSEABLE = "unparseable"
    HEDGED = "hedged"
    ERROR = "error"
    TIMEOUT = "timeout"


def verify(gold: TypedAnswer, reply: str, *, extracted: bool = False) -> Verdict:
    """The verdict on a completion, or on its final answer where that was `extracted` already. Never raises."""
    try:
        if not extracted:
            found = extract(reply)
            if found.final is None:
                return Verdict.WRONG if found.problem == CONFLICTING else Verdict.UNPARSEABLE
            reply = found.final
        if len(reply) > MAX_ANSWER_CHARS:
            return Verdict.UNPARSEABLE
        text = clean(reply)
        if not text or not fold(gold.raw) and not clean(gold.raw):
            return Verdict.UNPARSEABLE
        return _RULES[AnswerType(gold.type)](gold, text)
    except Exception:  # whatever a hostile reply provokes is one row's error, never the batch's
        return Verdict.ERROR


# -- what replies have in common ---------------------------------------------------------------

_HEDGE = re.compile(
    r"\b(?:or|maybe|perhaps|possibly|probably|might|either|not sure|unsure|uncertain|cannot determine|could be)\b|或|也许|可能|不确定|大概",
    re.IGNORECASE,
)
_NEGATION = re.compile(r"\b(?:not|never|neither|nor|cannot|without|no|rather than|instead of)\b|n't\b|不|没|非|而非|别", re.IGNORECASE)
_TAIL = re.compile(r"(?:=|≈|\\approx|(?<!\d):|:(?!\d)|\b(?:is|are|was|were|equals?|be|says|reads|shows)\b|应为|等于|为|是)\s*", re.IGNORECASE)
_BREAK = re.compile(r"[,;.](?!\d)|\band\b|和|而", re.IGNORECASE)
_THE_ANSWER = re.compile(r"(?:\b(?:answer|result|total|so|thus|therefore|hence)\b.{0,30}|答案.{0,6}|所以.{0,6})$", re.IGNORECASE)
_UNKNOWN = re.compile(
    r"(?:i )?(?:do not|don't|cannot|can't|not) (?:know|sure|say|tell|determine|enough)|\bnot sure\b|\bunknown\b|\bunclear\b|不知道|不确定|无法确定|不清楚",
    re.IGNORECASE,
)


def _readings(text: str) -> Iterator[str]:
    """The reply, without its lead-in, and what follows its last "=" or "is": each a way to state the answer."""
    yield text
    rest = without_lead_in(text)
    if rest != text:
        yield rest
    if _NEGATION.search(text) or _HEDGE.search(text):
        return
    last = before = None
    for match in _TAIL.finditer(text):
        last, before = match, last
    if last is None or not 0 < last.end() < len(text):
        return
    # "a = 3, b = 4" states two things, of which neither is the answer unless it says so
    several = before is not None and _BREAK.search(text[before.end() : last.start()])
    if not several or _THE_ANSWER.search(text[: last.end()]):
        yield clean(text[last.end() :])


# -- choice ------------------------------------------------------------------------------------

_CHOICE_HEAD = re.compile(r"(?:option|choice|answer|选项|选择|选)?\s*[(\[]?\s*([A-Za-z])\s*(?:[)\]]\s*[.:,]?|[.:,])\s*(\S.*)?", re.IGNORECASE | re.DOTALL)
_CHOICE_WORD = re.compile(r"(?:option|choice|answer|选项|选择|选|答案)\s*(?:is|是|为|:)?\s*[(\[]?([A-Za-z])[)\]]?", re.IGNORECASE)
_STANDALONE = re.compile(r"(?<![A-Za-z0-9'\\_])[(\[]?([A-Z])[)\]]?(?![A-Za-z0-9'_])")
_NEGATED_BEFORE = re.compile(
    r"(?:\bnot|n't|\bnever|\bneither|\bnor|\bcannot be|rather than|instead of|rul(?:e|es|ed|ing) out|exclud(?:e|es|ed|ing)|eliminat(?:e|es|ed|ing)|except|unlike|\bthan|不是|不选|而非|而不是|排除|并非)"
    r"(?:\s+(?:be|is|option|choice|answer|the|also|选项|an?))*[\s(\[:]*$",
    re.IGNORECASE,
)
_NEGATED_AFTER = re.compile(
    r"[)\]]?\s*(?:is|are|was|seems|looks|would be)?\s*(?:n't|not\b|wrong|incorrect|false|ruled out|excluded|eliminated|不对|错|不正确|是错|不是|不符)", re.IGNORECASE
)
_FINAL_CHOICE = re.compile(
    r"(?:answer|option|choice|choose|pick|select|go with|答案|选择|选项|选|应选)\s*(?:is|would be|should be|must be|是|为|应该是|应为)?\s*:?\s*(?:option|choice)?\s*[(\[]?([A-Z])(?![A-Za-z0-9'])"
)


def _choice(gold: TypedAnswer, text: str) -> Verdict:
    wanted = set(str(gold.value or ""))
    if not wanted:
        return Verdict.UNPARSEABLE
    found = _chosen(text, gold.options, len(wanted) > 1)
    if isinstance(found, Verdict):
        return found
    return Verdict.CORRECT if found == wanted else Verdict.WRONG


def _chosen(text: str, options: Sequence[str], several: bool) -> set[str] | Verdict:
    """The letters that a reply chooses, or why there are none."""
    folded = [fold(option) for option in options]
    by_text = {chr(65 + i) for i, option in enumerate(folded) if option and option == fold(text)}
    if letters := parts.bare_letters(text):
        if len(by_text) == 1 and by_text != set(letters) and len(text.strip("()[] .")) == 1:
            return by_text if text.islower() else set(letters)  # options that are themselves letters
        return set(letters) if several or len(letters) == 1 else Verdict.HEDGED
    if len(by_text) == 1:
        return by_text
    for reading in _readings(text):
        if letters := parts.bare_letters(reading):
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


def _contradicted(letter: str, rest: str, folded: Sequence[str]) -> set[str] | Verdict | None:
    """A letter followed by text: chosen where the text is the option's or a reason, hedged where it is another option's."""
    index = ord(letter) - 65
    said = fold(rest)
    if not said or (index < len(folded) and said == folded[index]):
        return {letter}
    if any(option == said for option in folded):
        return Verdict.HEDGED
    if _STANDALONE.search(rest) or _HEDGE.search(rest):
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
    letters = set(kept) - ruled_out
    if len(letters) > 1 and not several:
        final = [m[1] for m in _FINAL_CHOICE.finditer(text) if m[1] in letters]
        if len(set(final)) == 1 and not _HEDGE.search(text):
            return set(final)
        return Verdict.HEDGED
    if letters:
        return Verdict.HEDGED if _HEDGE.search(text) and re.search(r"\bor\b|或", text) and len(letters) > 1 else letters
    if ruled_out or _NEGATION.search(text):
        return Verdict.UNPARSEABLE
    said = f" {fold(text)} "
    mentioned = [i for i, option in enumerate(folded) if option and f" {option} " in said]
    # "dark red" also mentions "red": only the longest of nested options counts
    mentioned = [i for i in mentioned if not any(j != i and folded[i] in folded[j] for j in mentioned)]
    if len(mentioned) == 1:
        return {chr(65 + mentioned[0])}
    return Verdict.HEDGED if mentioned else Verdict.UNPARSEABLE


def _is_word(letter: str, after: str) -> bool:
    """Whether a capital is the article or the pronoun: "A dog", "I think"."""
    if letter == "I":
        return bool(re.match(r"\s+[a-z]|'", after))
    return letter == "A" and bool(
        re.match(r"\s+(?!is\b|are\b|and\b|or\b|because\b|since\b|as\b|but\b|not\b|was\b|would\b|seems\b|matches\b|shows\b|fits\b)[a-z]", after)
    )


# -- yes or no ---------------------------------------------------------------------------------

_YES_NO = re.compile(
    r"\b(?:yes|yeah|yep|no|nope|true|false|correct|incorrect)\b|\bnot (?:true|correct|right|false)\b|\b(?:untrue|wrong)\b"
    r"|不正确|不是|不对|没有|错误|正确|是的|对的|否|错|是|对|真|假",
    re.IGNORECASE,
)
_POSITIVE = {"yes", "yeah", "yep", "true", "correct", "not false", "正确", "是的", "对的", "是", "对", "真"}


def _yes_no(gold: TypedAnswer, text: str) -> Verdict:
    said = _said_yes(text)
    if isinstance(said, Verdict):
        return said
    return Verdict.CORRECT if said == (gold.value == "yes") else Verdict.WRONG


def _said_yes(text: str) -> bool | Verdict:
    folded = fold(text)
    for whole in (folded, text.casefold()):
        if whole in YES or whole in NO:
            return whole in YES
    if _UNKNOWN.search(text) and not re.match(r"(?:yes|no)\b", text, re.IGNORECASE):
        return Verdict.UNPARSEABLE
    stripped = without_lead_in(text)
    for reading in (stripped, text):
        if match := re.match(r"(yes|no|true|false|correct|incorrect|是的|不是|没有|正确|不正确|错误|否|对|错|是)(?![A-Za-z'])\s*", reading, re.IGNORECASE):
            first = match[1].lower() in _POSITIVE
            rest = reading[match.end() :]
            others = {m[0].lower() in _POSITIVE for m in _YES_NO.finditer(rest) if m[0].lower() in ("yes", "true", "false", "是的", "否")}
            bare_no = re.search(r"(?:\bor|/|,|\band)\s*(?:yes|no|not|否|不是)\s*[.?!]*$|是?或否|\bmaybe\b|\bperhaps\b", rest, re.IGNORECASE)
            return Verdict.HEDGED if (not first) in others or bare_no or _UNKNOWN.search(rest) else first
    said = {m[0].lower() in _POSITIVE for m in _YES_NO.finditer(text)}
    if len(said) == 2:
        return Verdict.HEDGED
    if not said:
        return Verdict.UNPARSEABLE
    if _HEDGE.search(text):
        return Verdict.HEDGED
    return said.pop()


# -- numbers -----------------------------------------------------------------------------------

_JOINED = re.compile(r"\s*\w*\s*(?:\band\b|&|\bplus\b|和|与)", re.IGNORECASE)
_CLOCK = re.compile(r"\d:\d")
_MENTION = re.compile(r"[-+]?\d[\d,]{0,30}(?:\.\d{1,30})?(?:\s*/\s*\d{1,15})?")


def _gold_scalar(gold: TypedAnswer) -> Scalar | None:
    scalar = parse_scalar(gold.raw)
    if scalar is not None and scalar.unit is None and gold.unit:
        unit = parse_unit(gold.unit)
        return Scalar(scalar.value, unit, scalar.decimals, scalar.digits, scalar.variable)
    return scalar


def _number(gold: TypedAnswer, text: str) -> Verdict:
    wanted = _gold_scalar(gold)
    if wanted is None:
        return Verdict.UNPARSEABLE
    for reading in _readings(text):
        found = parse_scalar(reading)
        if found is not None:
            return Verdict.CORRECT if same(wanted, found, gold.tolerance) else Verdict.WRONG
    if _looks_mathematical(text) and len(text) <= MAX_MATH_CHARS and not _HEDGE.search(text):
        return _by_mathematics(gold.raw, without_lead_in(text))
    return _mentioned(wanted, text, gold.tolerance)


def _mentioned(wanted: Scalar, text: str, tolerance: float) -> Verdict:
    """A sentence around one number. Several numbers are never right: which is meant is a guess."""
    mentions = list(_MENTION.finditer(plain_thousands(text)))
    if not mentions:
        return Verdict.UNPARSEABLE
    if len({m[0] for m in mentions}) > 1:
        return Verdict.HEDGED if _HEDGE.search(text) else Verdict.WRONG
    if _NEGATION.search(text):
        return Verdict.UNPARSEABLE
    if _HEDGE.search(text):
        return Verdict.HEDGED
    match = mentions[0]
    after = plain_thousands(text)[match.end() :]
    if _JOINED.match(after):
        return Verdict.WRONG  # "volume 2 and the atlas" is not 2
    if _CLOCK.search(text):
        return Verdict.WRONG
    tail = re.match(r"\s*(?:[°%$€£]|[A-Za-zµμ°]+(?:\s?/\s?[A-Za-z]+)?(?:\^?\d)?|[\u4e00-\u9fff]{1,3})?", after)
    found = parse_scalar(match[0] + (tail[0] if tail else "")) or parse_scalar(match[0])
    if found is None or (wanted.unit and not wanted.unit.is_counted and found.unit is None):
        return Verdict.UNPARSEABLE
    return Verdict.CORRECT if same(wanted, found, tolerance) else Verdict.WRONG


def _looks_mathematical(text: str) -> bool:
    return bool(re.search(r"\\[A-Za-z]+|[\^√π=]|\b(?:sin|cos|tan|log|ln)\b|[A-Za-z]\s?[-+*/]\s?\d|\d\s?[-+*/]\s?[A-Za-z]\b|\d[a-z]\b", text))


_BY_ANSWER = {
    math_pool.EQUAL: Verdict.CORRECT,
    math_pool.DIFFERENT: Verdict.WRONG,
    math_pool.GOLD: Verdict.UNPARSEABLE,
    math_pool.REPLY: Verdict.UNPARSEABLE,
    math_pool.TIMEOUT: Verdict.TIMEOUT,
    math_pool.ERROR: Verdict.ERROR,
}


def _by_mathematics(gold: str, reply: str) -> Verdict:
    wanted, said = (plain_thousands(clean(t)) for t in (gold, reply))
    if len(wanted) > MAX_MATH_CHARS or len(said) > MAX_MATH_CHARS:
        return Verdict.UNPARSEABLE
    return _BY_ANSWER[math_pool.POOL.check(_latex(wanted), _latex(said))]


_ROOT = re.compile(r"(?:√|(?<![\\A-Za-z])sqrt)\s*(?:\(([^()]{1,80})\)|(\d{1,12}|[A-Za-z]))")
_FUNCTION = re.compile(r"(?<![\\A-Za-z])(sin|cos|tan|log|ln|pi|theta|alpha|beta|infty)(?![A-Za-z])")


def _latex(text: str) -> str:
    text = _ROOT.sub(lambda m: "\\sqrt{" + (m[1] or m[2]) + "}", text)
    text = _FUNCTION.sub(r"\\\1 ", text)
    return text.replace("**", "^").replace("*", "\\cdot ").replace("π", "\\pi ").replace("≤", "\\le ").replace("≥", "\\ge ").replace("∞", "\\infty ")


def _squeezed(text: str) -> str:
    return re.sub(r"\s+|\\[,;!: ]|\\left|\\right|\*|\\cdot(?![a-z])|\\times(?![a-z])", "", text).replace("dfrac", "frac").replace("tfrac", "frac")


def _expression(gold: TypedAnswer, text: str) -> Verdict:
    wanted = clean(gold.raw)
    if any(_squeezed(reading) == _squeezed(wanted) for reading in _readings(text)):
        return Verdict.CORRECT
    scalar = _gold_scalar(gold)
    if scalar is not None:
        for reading in _readings(text):
            found = parse_scalar(reading)
            if found is not None:
                return Verdict.CORRECT if same(scalar, found, gold.tolerance) else Verdict.WRONG
    if _HEDGE.search(text):
        return Verdict.HEDGED
    rest = without_lead_in(text)
    if len(rest) > MAX_MATH_CHARS or re.search(r"(?<!\\)\b[A-Za-z]{4,}\b.*(?<!\\)\b[A-Za-z]{4,}\b", re.sub(r"\\[A-Za-z]+", " ", rest)):
        return Verdict.UNPARSEABLE  # prose, not mathematics
    return _by_mathematics(gold.raw, rest)


# -- several things ----------------------------------------------------------------------------


def _item_same(wanted: str, said: str) -> bool:
    a, b = parse_scalar(wanted), parse_scalar(said)
    if a is not None and b is not None:
        return same(a, b)
    if (a is None) != (b is None):
        return False
    if fold(wanted) == fold(said) and fold(wanted):
        return True
    x, y = parts.items(wanted), parts.items(said)
    if len(x[0]) > 1 and len(x[0]) == len(y[0]) and x[1] == y[1]:
        return all(_item_same(p, q) for p, q in zip(x[0], y[0], strict=True))
    if _looks_mathematical(wanted) and _looks_mathematical(said):
        verdict = _by_mathematics(wanted, said)
        if verdict in (Verdict.TIMEOUT, Verdict.ERROR):
            raise _Undecided(verdict)
        return verdict is Verdict.CORRECT
    return False


class _Undecided(Exception):
    """math-verify could not decide about an item, so nothing can be said about the whole."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict


def _listing(gold: TypedAnswer, text: str, compare: Callable[[list[str], list[str]], bool]) -> Verdict:
    wanted = [str(item) for item in gold.value or ()]
    if not wanted or len(wanted) > parts.MAX_ITEMS:
        return Verdict.UNPARSEABLE
    if fold(text) == fold(gold.raw):
        return Verdict.CORRECT
    try:
        for reading in _readings(text):
            said, _ = parts.items(reading)
            if len(said) <= parts.MAX_ITEMS and compare(wanted, said):
                return Verdict.CORRECT
    except _Undecided as undecided:
        return undecided.verdict
    return Verdict.UNPARSEABLE if _UNKNOWN.search(text) else Verdict.WRONG


def _same_list(wanted: list[str], said: list[str]) -> bool:
    return len(wanted) == len(said) and all(_item_same(a, b) for a, b in zip(wanted, said, strict=True))


def _same_set(wanted: list[str], said: list[str]) -> bool:
    if len(said) > 4 * len(wanted) + 4:
        return False
    return all(any(_item_same(a, b) for b in said) for a in wanted) and all(any(_item_same(a, b) for a in wanted) for b in said)


def _list(gold: TypedAnswer, text: str) -> Verdict:
    return _listing(gold, text, _same_list)


def _set(gold: TypedAnswer, text: str) -> Verdict:
    return _listing(gold, text, _same_set)


def _interval(gold: TypedAnswer, text: str) -> Verdict:
    low, high, low_closed, high_closed = gold.value
    for reading in _readings(text):
        found = parts.bracketed_interval(reading)
        if found is None:
            continue
        ends = _same_end(low, found[0]) and _same_end(high, found[1])
        closed = all(a is None or b is None or a == b for a, b in ((low_closed, found[2]), (high_closed, found[3])))
        return Verdict.CORRECT if ends and closed else Verdict.WRONG
    return Verdict.UNPARSEABLE


def _same_end(a: str, b: str) -> bool:
    if "∞" in a or "∞" in b:
        return a.replace("+", "").strip() == b.replace("+", "").strip()
    return exact.parse(a) == exact.parse(b)


def _box(gold: TypedAnswer, text: str) -> Verdict:
    for reading in _readings(text):
        if (found := parts.box(reading)) is not None:
            return Verdict.CORRECT if parts.overlap(gold.value, found) >= gold.tolerance else Verdict.WRONG
    return Verdict.UNPARSEABLE


# -- texts -------------------------------------------------------------------------------------


def _text(gold: TypedAnswer, text: str) -> Verdict:
    wanted = _plainly(gold.raw)
    if any(_plainly(reading) == wanted for reading in _readings(text)):
        return Verdict.CORRECT
    if f" {wanted} " in f" {_plainly(text)} " and _HEDGE.search(text) and not _HEDGE.search(gold.raw):
        return Verdict.HEDGED
    return Verdict.UNPARSEABLE if _UNKNOWN.search(text) else Verdict.WRONG


_INNER_HYPHEN = re.compile(r"(?<=\w)-(?=\w)")


def _plainly(text: str) -> str:
    folded = " ".join(_INNER_HYPHEN.sub(" ", fold(text)).split())
    return folded or clean(text).casefold()


def _ocr(gold: TypedAnswer, text: str) -> Verdict:
    verdict = _text(gold, text)
    if verdict is not Verdict.WRONG:
        return verdict
    wanted = _plainly(gold.raw)
    for reading in _readings(text):
        said = _plainly(reading)
        if _digits(said) == _digits(wanted) and said and distance(wanted, said) <= gold.tolerance * max(len(wanted), len(said)):
            return Verdict.CORRECT
    return Verdict.WRONG


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def distance(a: str, b: str) -> int:
    """Levenshtein distance; texts longer than 1,000 characters count as wholly different."""
    if max(len(a), len(b)) > 1_000:
        return max(len(a), len(b)) if a != b else 0
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]


def _free_form(gold: TypedAnswer, text: str) -> Verdict:
    """Word for word is right; all else is for the judge."""
    return Verdict.CORRECT if _plainly(gold.raw) == _plainly(text) else Verdict.UNPARSEABLE


_RULES: dict[AnswerType, Callable[[TypedAnswer, str], Verdict]] = {
    AnswerType.CHOICE: _choice,
    AnswerType.NUMBER: _number,
    AnswerType.QUANTITY: _number,
    AnswerType.EXPRESSION: _expression,
    AnswerType.SET: _set,
    AnswerType.LIST: _list,
    AnswerType.INTERVAL: _interval,
    AnswerType.YES_NO: _yes_no,
    AnswerType.TEXT: _text,
    AnswerType.OCR: _ocr,
    AnswerType.BOX: _box,
    AnswerType.FREE_FORM: _free_form,
}
