"""Whether a reply says yes or no, in English or Chinese; in other languages where it is that one word.

Belongs here: words of assent and denial, and what a negation before them makes of them. Does not belong here: any
other text (rule_texts.py). A negation that is not understood ("hardly true", "I doubt it") makes no answer: it is
unparseable rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from wethink_assets.rewards import restated_briefly
from wethink_assets.rewards.answers import NO, YES, TypedAnswer
from wethink_assets.rewards.normalise import fold, without_lead_in
from wethink_assets.rewards.restated import in_chinese
from wethink_assets.rewards.restated import polarity as polarity_of
from wethink_assets.rewards.statements import REVISED
from wethink_assets.rewards.verdict import HEDGE, UNKNOWN, Verdict

# Whole replies in other languages: a sentence in one of them is no English one and is not read.
_YES_ELSEWHERE = frozenset(
    "oui vrai ja wahr richtig stimmt sí sì sim verdadero verdadeiro vero да верно はい ええ 네 예 evet".split()
)
_NO_ELSEWHERE = frozenset("non faux nein falsch não nao falso нет неверно いいえ 아니요 아니오 hayır".split())

# Whole English replies without either word.
_YES_WHOLE = frozenset(
    (
        "yup",
        "sure",
        "affirmative",
        "correct it is",
        "absolutely",
        "certainly",
        "definitely",
        "of course",
        "indeed",
        "it is",
        "it does",
        "it can",
        "it would",
        "it will",
        "they are",
        "they do",
        "there is",
        "there are",
    )
)
_NO_WHOLE = frozenset(
    (
        "absolutely not",
        "certainly not",
        "definitely not",
        "of course not",
        "not at all",
        "not that i can see",
        "不能",
        "不会",
        "不可以",
        "不可能",
        "none at all",
        "nope",
        "nah",
        "it isn't",
        "it is not",
        "it doesn't",
        "it does not",
        "there isn't",
        "there is not",
        "there aren't",
        "it can't",
        "it cannot",
        "it wouldn't",
        "it would not",
        "it won't",
        "it will not",
        "they aren't",
        "they are not",
        "they don't",
        "they do not",
        "there are not",
    )
)
_BUT_ELSEWHERE = frozenset(
    "nicht kein keine non pas ne mais aber pero no nein oui si sí ja nie jamais nunca não да нет не".split()
)
_FIRST_WORD = re.compile(r"([^\W\d_]{2,10})\s?[,.!]\s")
_WORD = re.compile(r"[^\W\d_]+(?![\w-])")

# In this order: what denies a denial, what denies an assent, questions, then the plain words.
_SAID = re.compile(
    r"(?P<yes_denied>(?:\bnot|n't|\bnever)\s+(?:wrong|incorrect|false|untrue)\b|没有?错|并?不假)"
    r"|(?P<no_denied>(?:\bnot|n't|\bnever)\s+(?:true|correct|right)\b|不正确|不是|不对|并非|没有|不(?=[,.!;\s]|$))"
    r"|(?P<neither>\bno (?:problem|doubt|question|worries|wonder|matter|way to)\b|\bno\.\s?\d"
    r"|(?:\bnot|n't)\s+(?:yes|no)\b|\b(?:say|says|said|saying|vote|voted|votes|answered|chose)\s(?:yes|no)\b|不错|是不是|是否|[是对真]的?[吗么]|对不对|有没有|能否)"
    r"|(?P<yes>\b(?:yes|yeah|yep|true|correct)\b|正确|是的|对的|是|对|真)"
    r"|(?P<no>\b(?:no|nope|false|incorrect|untrue|wrong)\b|错误|否|错|假)",
    re.IGNORECASE,
)
# A denial around the words that no pattern above has taken in.
_DENIAL = re.compile(
    r"\b(?:not|never|neither|nor|cannot|hardly|barely|scarcely|doubt|deny|denies|far from|rather than"
    r"|instead of|to say|sometimes|partly|partially|somewhat|depends|half|only if|unless)\b|有时|部分"
    r"|看情况|取决|n't\b|不|没|非|别",
    re.IGNORECASE,
)
_BOTH_BEHIND = re.compile(
    r"(?:\b(?:yes|no)|(?:\bor|/|,|\band)\s*(?:not|否|不是)|^(?:yes|no)\b.*)\s*[.?!]*$|是?或否|\bmaybe\b|\bperhaps\b",
    re.IGNORECASE,
)
# Where a sentence comes to: "so the answer is no"; and a "no" that is none.
_FINALLY = re.compile(
    r"\b(?:so|therefore|thus|hence|answer(?: is"
    r"| would be)?:?)[ ,:]{1,2}(?:the (?:\w+ )?answer is[ :]*|it is |it's )?(yes|no|true"
    r"|false)\b(?=\W*$)|(?<=[.;!?] )(?:no|yes)(?=\W*$)|(?<!depends: )(?<=\w: )(?:no|yes)(?=\W*$)",
    re.IGNORECASE,
)
_IT_DOES = re.compile(
    r"(?:(?:yes|no|indeed)[, ]{1,2})?(?:it|he|she|they|there|that|this|we|you) (?:is|are|was|were|does|do|did|can"
    r"|could|has|have|had|will|would)(n't| not)?\W*"
    r"|it (?:sure|certainly|definitely|indeed|really) (?:is|does|has|was|did)\W*",
    re.IGNORECASE,
)
_THINK = re.compile(
    r"(?:no, |yes, )?i (?:do (not) |do(n't) )?(?:think|believe) (?:so|that is the case)\W*", re.IGNORECASE
)
_NONE = re.compile(r"none(?: at all| of them)?\W*", re.IGNORECASE)
_BOTH_SAID = re.compile(
    r"(?:yes and no|no and yes)\b"
    r"|(?:yes|no)\b[^.!?]{0,60}\bbut (?:yes|no)(?= (?:overall|in general|otherwise|for)\b|\W*$)",
    re.IGNORECASE,
)
_OPENS = re.compile(r"(?:yes|no|true|false)\b", re.IGNORECASE)
_NO_ANSWER = re.compile(
    r"\bno (?:comment|answer|information|info|response|reply|data|opinion|clue|one knows|way (?:to"
    r"|of)|means|evidence (?:either|for|to)"
    r"|conclusion|sure answer|image|picture|entry|parking|smoking|problem)\b|无可奉告|没有(?:答案|信息|图)",
    re.IGNORECASE,
)
# A statement, which affirms by what it says and not by the 是 in it: 这个图形是中心对称图形
_HAN_STATEMENT = re.compile(
    "(?!.*(?:答案|认为|觉得|肯定|否定|正确|错误|判断|说法|结论))(?!是的|对的?$|不是$)[\u4e00-\u9fff]{4,40}[?\uff1f.]?"
)
_CONCLUDES = re.compile(r"[,;.]\s?(?:so|therefore|thus|hence)\s", re.IGNORECASE)
_NOT_SO = re.compile(r"not\s([a-z]{3,20})\W?", re.IGNORECASE)
_AGAINST = {"yes", "true", "false", "是的", "否"}


def yes_no(gold: TypedAnswer, text: str) -> Verdict:
    polarity = said_yes(text)
    if _HAN_STATEMENT.fullmatch(text) and gold.asked and not gold.asked[-1].isascii():
        restated = in_chinese(text, gold.asked)
        polarity = Verdict.UNPARSEABLE if restated is None else restated
    if polarity is Verdict.UNPARSEABLE and "there" in gold.asked[:2] and _NONE.fullmatch(text):
        polarity = False
    if polarity is Verdict.UNPARSEABLE and (restated := polarity_of(text, gold.asked)) is not None:
        polarity = restated
    if polarity is Verdict.UNPARSEABLE and _CONCLUDES.search(text):
        last = _CONCLUDES.split(text)[-1]
        concluded = polarity_of(last, gold.asked)
        if concluded is None:
            concluded = restated_briefly.polarity(last, gold.asked)
        polarity = concluded if concluded is not None else said_yes(last) if _IT_DOES.fullmatch(last) else polarity
    if polarity is Verdict.UNPARSEABLE and (bare := _NOT_SO.fullmatch(text)) and bare[1].casefold() in gold.asked:
        polarity = False
    if polarity is Verdict.UNPARSEABLE and (brief := restated_briefly.polarity(text, gold.asked)) is not None:
        polarity = brief
    if isinstance(polarity, bool) and _contradicts_itself(polarity, text, gold.asked):
        return Verdict.HEDGED
    if isinstance(polarity, Verdict):
        return polarity
    if (_NO_ELSEWHERE if polarity else _YES_ELSEWHERE) & set(_WORD.findall(text.casefold())):
        return Verdict.HEDGED  # "sí, no"
    return Verdict.CORRECT if polarity == (gold.value == "yes") else Verdict.WRONG


def _contradicts_itself(polarity: bool, text: str, asked: Sequence[str]) -> bool:
    """Whether the sentence behind a yes denies what was asked: "Yes, he is not wearing glasses." """
    match = _YES_OR_NO_FIRST.match(text)
    said = polarity_of(text[match.end() :], asked) if match and asked else None
    if polarity and match and not _NOT_IN_IT.search(text, match.end()):
        return False  # "Yes, it sells no-sugar drinks."
    return said is not None and said != polarity


_NOT_IN_IT = re.compile(r"\bnot\b|n't\b|\bnever\b", re.IGNORECASE)
_YES_OR_NO_FIRST = re.compile(r"(?:yes|no)\s?[,.:;!-]\s", re.IGNORECASE)


def said_yes(text: str) -> bool | Verdict:
    """True for yes, False for no; HEDGED where both are said, UNPARSEABLE where neither is."""
    if _NO_ANSWER.search(text):
        return Verdict.UNPARSEABLE
    if _BOTH_SAID.match(text):
        return Verdict.HEDGED
    last = max((m.end() for m in REVISED.finditer(text)), default=0)
    if last and _SAID.search(text, last):
        text = text[last:].lstrip(" ,.:")
    elif match := _THINK.fullmatch(text.strip()):
        return match[1] is None and match[2] is None
    elif match := _IT_DOES.fullmatch(text.strip()):
        return match[1] is None
    elif (final := list(_FINALLY.finditer(text))) and not _OPENS.match(text):
        return (final[-1][1] or final[-1][0]).casefold() in ("yes", "true", "是", "对")
    for whole in (fold(text), text.casefold()):
        if whole in YES or whole in NO:
            return whole in YES
        if whole in _YES_ELSEWHERE or whole in _NO_ELSEWHERE:
            return whole in _YES_ELSEWHERE
        if whole in _YES_WHOLE or whole in _NO_WHOLE:
            return whole in _YES_WHOLE
    first = _FIRST_WORD.match(text.casefold())
    if (
        first
        and (first[1] in _YES_ELSEWHERE or first[1] in _NO_ELSEWHERE)
        and not (_SAID.search(text, first.end()) or _BUT_ELSEWHERE & set(_WORD.findall(text[first.end() :].casefold())))
    ):
        return first[1] in _YES_ELSEWHERE
    if UNKNOWN.search(text) and not re.match(r"(?:yes|no)\b(?! (?:idea|answer|clue))", text, re.IGNORECASE):
        return Verdict.UNPARSEABLE
    for reading in (without_lead_in(text), text):
        match = _SAID.match(reading)
        if match and match.lastgroup != "neither":
            return _with_reason(_polarity(match), reading[match.end() :].lstrip())
    polarities, rest, position = set(), [], 0
    for match in _SAID.finditer(text):
        if _JUDGES.fullmatch(match[0]) and not _IS_SO.search(text[: match.start()]):
            continue  # "print correct" says nothing of the question
        polarities.add(_polarity(match))
        rest.append(text[position : match.start()])
        position = match.end()
    rest.append(text[position:])
    if not polarities or None in polarities or (any(_DENIAL.search(part) for part in rest) and len(polarities) == 1):
        return Verdict.UNPARSEABLE
    if len(polarities) == 2 or HEDGE.search(text):
        return Verdict.HEDGED
    return bool(polarities.pop())


_JUDGES = re.compile(r"true|correct|false|incorrect|untrue|wrong", re.IGNORECASE)
_IS_SO = re.compile(
    r"(?:\b(?:is|are|was|were|be|'s|it|that|this|statement|claim|answer|looks?|seems?|holds?|rings|proves?|sounds?|appears?|as|indeed"
    r"|definitely|clearly|certainly|absolutely|surely|very|still|also|therefore|so|hence|thus|say|think|believe"
    r"|i'd say)|[:=,.;–-]|^)"
    r"[\s\"'*(]{0,4}$",
    re.IGNORECASE,
)


def _polarity(match: re.Match[str]) -> bool | None:
    kind = match.lastgroup or ""
    return None if kind == "neither" else kind.startswith("yes")


def _with_reason(first: bool | None, rest: str) -> bool | Verdict:
    """The first word counts; what follows is its reason unless it says the other word, or doubts."""
    others = {_polarity(m) for m in _SAID.finditer(rest) if m[0].lower() in _AGAINST}
    if first is None:
        return Verdict.UNPARSEABLE
    return Verdict.HEDGED if (not first) in others or _BOTH_BEHIND.search(rest) or UNKNOWN.search(rest) else first
