"""The hybrid reward: 0.7 accuracy + 0.3 format by default [A], as the reward function that TRL calls.

Belongs here: turning verdicts and judge tiers into accuracy, the sum of all terms, and a record of each completion.
Does not belong here: deciding what is right (verifier.py, judge.py), what the terms are (terms.py), logging
(`on_records`).

`HybridReward` is one TRL reward function; `.accuracy()` and `.format()` are the same two parts as functions of their
own, for `reward_weights`. All can be pickled when `judge` and `on_records` can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from resources.calls.messages import CallsError, ModelReply, ModelRequest
from wethink_assets.rewards import judge as judging
from wethink_assets.rewards.answers import AnswerType, TypedAnswer
from wethink_assets.rewards.extraction import REPEATED, extract
from wethink_assets.rewards.format import format_reward
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.rewards.terms import ACCURACY_WEIGHT, FORMAT_WEIGHT, RewardTerm, ScoredCompletion, all_terms
from wethink_assets.rewards.verifier import Verdict, verify

CallModels = Callable[[list[ModelRequest]], list[ModelReply]]
JUDGE_PASSES = 1  # a training step waits for the judge, so failed judgements are asked for once more and then left out


@dataclass(frozen=True)
class RewardRecord:
    """How one completion was scored. `accuracy` and `reward` are None where scoring failed and the row is left out.

    `index` is the place in the call; `columns` are the row's further columns (sample_id …); `refusal` says why a
    reply scored 0 without the judge being asked; `judge_call_id` is the ledger's key where it was; `terms` are the
    scores of all reward terms by name, before their weights.
    """

    index: int
    completion: str
    final: str | None
    verdict: str
    accuracy: float | None
    format: float
    reward: float | None
    method: str
    refusal: str | None = None
    judge_call_id: str | None = None
    columns: Mapping[str, Any] | None = None
    terms: Mapping[str, float | None] = field(default_factory=dict)


class HybridReward:
    """Called as `reward(prompts, completions, answer_typed=[...], problem=[...])`: a list of float or None.

    `answer_typed` holds TypedAnswer JSON (or objects), one a completion; `problem` the questions, for the judge.
    Without a judge free-form rows that are not word for word right are left out. `terms` are those that are summed:
    by default accuracy and format with their weights, and every registered one.

    Raises:
        RewardTermError: a registered term gave something that is no number.
        CallsError: the judge cannot be asked any more: the budget is spent, the key is refused, no endpoint answers.
    """

    def __init__(
        self,
        accuracy_weight: float = ACCURACY_WEIGHT,
        format_weight: float = FORMAT_WEIGHT,
        judge: CallModels | None = None,
        on_records: Callable[[list[RewardRecord]], None] | None = None,
        terms: Sequence[RewardTerm] | None = None,
    ) -> None:
        self.terms = tuple(all_terms(accuracy_weight, format_weight) if terms is None else terms)
        self.judge = judge
        self.on_records = on_records
        self.__name__ = "hybrid_reward"  # TRL names its metrics after it

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float | None]:
        return [record.reward for record in self.score(completions, **columns)]

    def score(self, completions: Sequence[Any], **columns: Any) -> list[RewardRecord]:
        """One record a completion, in order; also handed to `on_records`."""
        texts = [completion_text(c) for c in completions]
        golds = [_gold(g) for g in _column(columns, len(texts), "answer_typed")]
        questions = [q if isinstance(q, str) else "" for q in _column(columns, len(texts), "problem", "question")]
        outcomes = [_by_rule(text, gold) for text, gold in zip(texts, golds, strict=True)]
        self._by_judge(outcomes, golds, questions)
        records = []
        for index, (text, outcome) in enumerate(zip(texts, outcomes, strict=True)):
            row = {k: v[index] for k, v in columns.items() if isinstance(v, (list, tuple)) and len(v) == len(texts)}
            verdict = str(outcome.verdict)
            completion = ScoredCompletion(
                text, outcome.final, verdict, outcome.accuracy, questions[index], golds[index], row
            )
            scores = {term.name: term(completion) for term in self.terms}
            records.append(
                RewardRecord(
                    index,
                    text,
                    outcome.final,
                    verdict,
                    outcome.accuracy,
                    format_reward(text),
                    self._sum(scores),
                    outcome.method,
                    outcome.refusal,
                    outcome.call_id,
                    row,
                    scores,
                )
            )
        if self.on_records is not None:
            self.on_records(records)
        return records

    def _sum(self, scores: Mapping[str, float | None]) -> float | None:
        """The weighted sum of the terms; None where one of them is, so that the completion is left out."""
        total = 0.0
        for term in self.terms:
            score = scores[term.name]
            if score is None:
                return None
            total += term.weight * score
        return total

    def _by_judge(
        self, outcomes: list[_Outcome], golds: Sequence[TypedAnswer | None], questions: Sequence[str]
    ) -> None:
        """Fill in the outcomes that wait for the judge, with one call for all of them."""
        waiting = [i for i, outcome in enumerate(outcomes) if outcome.for_judge]
        asked: list[int] = []
        requests: list[ModelRequest] = []
        for i in waiting:
            if golds[i] is not None and not questions[i].strip():
                outcomes[i] = _Outcome(
                    outcomes[i].final, Verdict.ERROR, None, "judge"
                )  # nothing can be judged without its question
            elif refusal := judging.refused(questions[i], outcomes[i].final or ""):
                outcomes[i] = _Outcome(outcomes[i].final, Verdict.WRONG, 0.0, "judge", refusal=refusal)
            else:
                gold, final = golds[i], outcomes[i].final
                assert gold is not None and final is not None  # `_by_rule` leaves only such to the judge
                asked.append(i)
                requests.append(judging.build_request(questions[i], gold, final))
        replies: Sequence[ModelReply | None] = [None] * len(asked)
        if asked and self.judge is not None:
            replies = ask_until_clear(self._ask, requests, passes=JUDGE_PASSES)
        for i, reply in zip(asked, replies, strict=True):
            tier = judging.parse(reply)
            call_id = reply.call_id if reply is not None else None
            verdict = Verdict.ERROR if tier is None else Verdict.CORRECT if tier == 1 else Verdict.WRONG
            outcomes[i] = _Outcome(outcomes[i].final, verdict, tier, "judge", call_id=call_id)

    def _ask(self, requests: list[ModelRequest]) -> Sequence[ModelReply | None]:
        """The judge's replies.

        None for all of them where it breaks, so that these rows are left out and training goes on.
        """
        assert self.judge is not None
        try:
            replies = self.judge(requests)
        except CallsError:
            raise  # the budget is spent, the key is wrong, nothing answers: it would leave out every row from here on
        except Exception:  # noqa: BLE001 - a judge that breaks costs its rows, never the training run
            return [None] * len(requests)
        return replies if len(replies) == len(requests) else [None] * len(requests)

    def accuracy(self) -> Part:
        """Only the accuracy, as a reward function of its own."""
        return Part(self, "accuracy")

    def format(self) -> Part:
        """Only the format, as a reward function of its own."""
        return Part(self, "format")


class Part:
    """One part of a hybrid reward in TRL's shape."""

    def __init__(self, hybrid: HybridReward, part: str) -> None:
        self.hybrid = hybrid
        self.part = part
        self.__name__ = f"{part}_reward"

    def __call__(self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any) -> list[float | None]:
        if self.part == "format":
            return [format_reward(completion_text(c)) for c in completions]
        return [record.accuracy for record in self.hybrid.score(completions, **columns)]


@dataclass(frozen=True)
class _Outcome:
    final: str | None
    verdict: Verdict
    accuracy: float | None
    method: str
    for_judge: bool = False
    refusal: str | None = None
    call_id: str | None = None


def _by_rule(text: str, gold: TypedAnswer | None) -> _Outcome:
    if gold is None:
        return _Outcome(None, Verdict.ERROR, None, "none")
    try:
        extracted = extract(text)
    except Exception:  # noqa: BLE001 - whatever a hostile reply provokes is one row's error
        return _Outcome(None, Verdict.ERROR, None, "rule")
    if extracted.final is None:
        return _Outcome(None, verify(gold, text), 0.0, "rule")
    if extracted.problem == REPEATED:  # two answer parts are no answer, even when they agree
        return _Outcome(extracted.final, Verdict.HEDGED, 0.0, "rule")
    verdict = verify(gold, extracted.final, extracted=True)
    if gold.type == AnswerType.FREE_FORM and verdict is Verdict.UNPARSEABLE:
        return _Outcome(extracted.final, verdict, None, "judge", for_judge=True)
    if verdict in (Verdict.ERROR, Verdict.TIMEOUT):
        return _Outcome(extracted.final, verdict, None, "rule")
    return _Outcome(extracted.final, verdict, 1.0 if verdict is Verdict.CORRECT else 0.0, "rule")


def _column(columns: Mapping[str, Any], count: int, *names: str) -> Sequence[Any]:
    """The first of these columns that is there; None for every row where there is none.

    Raises:
        ValueError: it has another number of rows than there are completions, so that no row is known to be its own.
    """
    for name in names:
        values = columns.get(name)
        if values is not None:
            if isinstance(values, str) or len(values) != count:
                raise ValueError(f"column {name} has {len(values)} rows for {count} completions")
            return values
    return [None] * count


def completion_text(completion: Any) -> str:
    """TRL gives plain text, or chat messages of which the last is the completion.

    Whatever has no text is an empty one.
    """
    if isinstance(completion, str):
        return completion
    if isinstance(completion, (list, tuple)):
        completion = completion[-1] if completion else None
    content = completion.get("content") if isinstance(completion, Mapping) else completion
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, (list, tuple)) else ()
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return "".join(text for text in texts if isinstance(text, str))


def _gold(value: Any) -> TypedAnswer | None:
    if value is None or isinstance(value, TypedAnswer):
        return value
    try:
        return TypedAnswer.from_json(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
