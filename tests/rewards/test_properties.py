"""What must hold for any text: no exception, reflexive, blind to white space, the same in threads."""

from __future__ import annotations

import asyncio
import random
import re
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rewards.suite import by_rule as judge
from tests.rewards.suite import cases
from wethink_assets.rewards import exact, math_pool, surds
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.extraction import extract
from wethink_assets.rewards.format import format_reward
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.normalise import clean, fold
from wethink_assets.rewards.scalars import parse_scalar
from wethink_assets.rewards.units import parse_unit
from wethink_assets.rewards.verifier import Verdict, verify

QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PIECES = st.sampled_from(
    [
        *"<think> </think> <answer> </answer> \\boxed{ } { ( ) [ ] 1 2 3 , . - + * / ^ √ π % ° cm m²".split(" "),
        *"A B C yes no 是 否 或 和 or and not the is = : \\frac \\sqrt x $ 1e6 ½ ² ∞ \n".split(" "),
    ]
)
HOSTILE = st.one_of(
    st.text(max_size=80), st.lists(PIECES, max_size=25).map(" ".join), st.lists(PIECES, max_size=25).map("".join)
)
GOLDS = {
    AnswerType.CHOICE: type_answer("B", category="MC", options=["red", "blue", "green"]),
    AnswerType.NUMBER: type_answer("5", category="FIB"),
    AnswerType.QUANTITY: type_answer("14 cm", category="FIB"),
    AnswerType.SET: type_answer("{1, 2}", category="FIB"),
    AnswerType.LIST: type_answer("[1, 2]", category="FIB"),
    AnswerType.INTERVAL: type_answer("(1, 2]", category="FIB"),
    AnswerType.YES_NO: type_answer("Yes", category="FIB"),
    AnswerType.TEXT: type_answer("red ball", category="FIB"),
    AnswerType.OCR: TypedAnswer("ocr", "STOP HERE", "STOP HERE", tolerance=0.1),
    AnswerType.BOX: TypedAnswer("box", "[1, 2, 3, 4]", [1.0, 2.0, 3.0, 4.0], tolerance=0.5),
    AnswerType.FREE_FORM: type_answer("A ball.", category="DES"),
}


@pytest.fixture(autouse=True)
def no_mathematics(monkeypatch, request):
    """Random mathematics would wait on sympy; the pool has its own tests."""
    if request.node.name != "test_same_in_thread_process_and_asyncio":
        monkeypatch.setattr(math_pool.POOL, "check", lambda gold, reply: math_pool.DIFFERENT)


def test_every_type_has_a_gold():
    assert {gold.type for gold in GOLDS.values()} | {"expression"} == set(AnswerType)


@QUICK
@given(HOSTILE)
def test_nothing_raises_and_nothing_is_an_error(text):
    for gold in GOLDS.values():
        assert verify(gold, text, extracted=True) in set(Verdict) - {Verdict.ERROR, Verdict.TIMEOUT}
        assert verify(gold, text) in set(Verdict) - {Verdict.ERROR, Verdict.TIMEOUT}
    assert format_reward(text) in (0.0, 1.0)
    extract(text), clean(text), fold(text), parse_scalar(text), parse_unit(text)
    with suppress(surds.NotExactError):
        exact.parse(text)


@QUICK
@given(HOSTILE, st.sampled_from(["FIB", "DES", "MC", ""]), HOSTILE)
def test_typing_never_raises_and_json_keeps_it(text, category, question):
    gold = type_answer(text, category=category, options=["red", "blue"] if category == "MC" else (), question=question)
    assert TypedAnswer.from_json(gold.to_json()) == TypedAnswer.from_json(
        TypedAnswer.from_json(gold.to_json()).to_json()
    )
    assert verify(gold, text, extracted=True) is not Verdict.ERROR


NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12).map(str),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=4).map(str),
    st.tuples(st.integers(-999, 999), st.integers(1, 999)).map(lambda p: f"{p[0]}/{p[1]}"),
    st.tuples(st.integers(2, 99), st.integers(2, 99)).map(lambda p: f"{p[0]}\\sqrt{{{p[1]}}}"),
)
UNITS = st.sampled_from(["cm", "m^2", "km/h", "°", "%", "apples", "kg", "$", "小时"])
WORDS = st.lists(st.from_regex(r"[b-z]{3,9}", fullmatch=True), min_size=1, max_size=3).map(" ".join)


@QUICK
@given(
    st.one_of(
        NUMBERS,
        st.tuples(NUMBERS, UNITS).map(lambda p: f"{p[0]} {p[1]}" if p[1] != "$" else f"${p[0].lstrip('-')}"),
        st.lists(NUMBERS, min_size=2, max_size=5).map(lambda v: "[" + ", ".join(v) + "]"),
        st.lists(NUMBERS, min_size=2, max_size=5).map(lambda v: "{" + ", ".join(v) + "}"),
        st.lists(WORDS, min_size=2, max_size=4).map(" and ".join),
        WORDS,
        st.sampled_from(
            ["yes", "No", "是", "否", "True", "x^2+1", "(1, 2]", "10-20", "[0, ∞)", "\\frac{a}{b}", "y=2x+1"]
        ),
    )
)
def test_reflexive(text):
    gold = type_answer(text, category="FIB")
    assert verify(gold, text, extracted=True) is Verdict.CORRECT, gold
    assert verify(gold, f"<think>so</think>\n<answer> {text} </answer>") is Verdict.CORRECT, gold


@QUICK
@given(NUMBERS, NUMBERS)
def test_numbers_that_differ_are_never_right(a, b):
    """Exact values that differ by more than rounding: symmetric, and never correct."""
    first, second = parse_scalar(a), parse_scalar(b)
    forth = verify(type_answer(a, category="FIB"), b, extracted=True)
    if first.value == second.value:
        assert forth is Verdict.CORRECT
    elif abs(surds.approximate(first.value) - surds.approximate(second.value)) > 0.005:
        assert forth is Verdict.WRONG


PLAIN = [
    case
    for family in (
        "choice",
        "numeric",
        "units",
        "several",
        "yes_no",
        "boxes",
        "ocr_and_text",
        "format_attacks",
        "chinese",
    )
    for _, case in cases(family)
    if "\\" not in case["reply"] + case["gold"] and case["type"] != "expression" and case["verdict"] != "timeout"
]


def test_white_space_changes_nothing():
    for case in random.Random(3).sample(PLAIN, 250):
        spaced = {**case, "reply": f" \n\t{case['reply'].replace(' ', '  ')} \r\n"}
        assert judge(spaced) == case["verdict"], case


def test_symmetric_where_it_is_claimed():
    """A case whose why begins with "symmetric" stands in the file in both directions with one verdict."""
    claimed = {
        (c["gold"], c["reply"]): c["verdict"] for _, c in cases("properties") if c["why"].startswith("symmetric")
    }
    assert len(claimed) >= 18
    assert all(claimed[reply, gold] == verdict for (gold, reply), verdict in claimed.items())


def verdicts(cases):
    return [str(judge(case)) for case in cases]


@pytest.mark.long
def test_same_in_thread_process_and_asyncio():
    """One plain case in twelve of the suite: in four threads, in a process of its own, and in asyncio's threads."""
    cases = PLAIN[::12]
    expected = [case["verdict"] for case in cases]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(verdicts, [cases] * 4)) == [expected] * 4
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(verdicts, cases).result() == expected

    async def together():
        return await asyncio.gather(*(asyncio.to_thread(verdicts, cases) for _ in range(2)))

    assert asyncio.run(together()) == [expected] * 2


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100_000,
        "\\boxed{" * 20_000,
        "<think>" * 20_000,
        "1," * 2_000,
        "not A " * 600,
        "9^" * 1_900,
        "a " * 2_000,
        "√" * 3_000,
        "1/" * 2_000,
        " or ".join(["B"] * 800),
        "the answer is " * 280,
        "x=" * 1_900,
        "1 " * 1_999,
        "{" * 1_990 + "}" * 1_990,
        "-" * 4_000,
        "是" * 4_000,
        "\u0301" * 4_000,
        "[" + "1," * 1_990 + "]",
        "is " * 1_300,
        "A" * 4_000,
        "1.1.1." * 600,
        "²" * 4_000,
    ],
    ids=lambda t: t[:8],
)
def test_floods_are_answered_quickly(text):
    """In this thread's CPU time, beside that of a piece of work done before and after: neither knows what else runs."""
    before = _piece_of_work()
    started = time.thread_time()
    for gold in GOLDS.values():
        verify(gold, text, extracted=True)
        verify(gold, text)
        verify(gold, f"<think>x</think><answer>{text}</answer>")
    type_answer(text, category="FIB")
    taken = time.thread_time() - started
    piece = max(before, _piece_of_work())
    assert taken < MOST_PIECES * piece, f"{taken:.2f} s of CPU time: {taken / piece:.0f} pieces of work"


MOST_PIECES = 80  # the dearest flood takes 28; the square of a flood's length would take thousands


def _piece_of_work() -> float:
    """CPU time of a fixed search over a text, like those of the rules: some 12 ms, and 24 beside other work."""
    started = time.thread_time()
    for _ in range(12):
        sum(1 for _ in _PIECE.finditer("the answer is 12 or not " * 400))
    return time.thread_time() - started


_PIECE = re.compile(r"\b(?:is|are|was|not)\s|\d{1,9}(?:\.\d{1,9})?|or\b", re.IGNORECASE)
