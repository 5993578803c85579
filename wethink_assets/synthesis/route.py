"""Reward routing by evidence: where rule and judge disagree too often on a row's replies, the row leaves its rule.

The replies are those that earlier stages paid for already; each is scored by the rule and by the judge.

Belongs here: which replies count, whether rule and judge agree on them, what becomes of the row.
Does not belong here: the rules and the judge (rewards), the table of agreement (agreements.py), how it is shown
(routing_metadata.py).

[D] A tier of at least 0.75 is the judge's "right", as for pairs of answers (answer.py). A row that leaves its rule goes
to the judge, if the judge takes the row's own gold for right; else neither could reward it, and it is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wethink_assets.accounting import StageResult, Stopped, content_id
from wethink_assets.gates import Gate, Outcome, Scope, no_rows
from wethink_assets.presentation.markdown import Markdown
from wethink_assets.rewards import judge
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.rewards.judge_retries import ask_until_clear
from wethink_assets.rewards.normalise import clean
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.row_filters.conclusions import conclusions
from wethink_assets.settings import RewardSettings
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis import routing_metadata
from wethink_assets.synthesis.adjudicate import ANSWERERS
from wethink_assets.synthesis.agreements import Agreements
from wethink_assets.synthesis.answer import AGREEING_TIER, choice_letter
from wethink_assets.synthesis.stage import StageRun, StageSpec
from wethink_assets.synthesis.stage_calls import CallModels, Row, lettered, stop
from wethink_assets.written_rows import RoutedAnswerRow, ScoredReplyRow

RULE, MODEL = "rule", "model"
DISAGREE = "rule_and_judge_disagree"
NOT_JUDGEABLE = "neither_rule_nor_judge"
MAX_REPLIES = 8


@dataclass
class ScoredReply:
    """One distinct reply to a rule question, scored by rule and judge. `is_gold`: word for word the kept answer."""

    origin: str
    text: str
    call_id: str
    is_gold: bool
    verdict: Verdict = Verdict.ERROR
    tier: float | None = None
    refusal: str | None = None
    judge_call_id: str | None = None

    @property
    def by_judge(self) -> bool:
        return self.tier is not None and self.tier >= AGREEING_TIER

    @property
    def agrees(self) -> bool | None:
        if self.tier is None or self.verdict in (Verdict.ERROR, Verdict.TIMEOUT):
            return None
        return (self.verdict is Verdict.CORRECT) == self.by_judge


def run(rows: Sequence[Row], ask: CallModels, *, batch: str, limits: RewardSettings, seed: int = 0) -> StageResult:
    """Routing; `rows` as synthesis/select_replies_to_route gives them (`RepliesToRoute`).

    Every row goes on with its route, but for those that neither rule nor judge can reward. A judgement that failed
    counts on neither side.
    """
    golds = {
        r["question_id"]: _gold(r) for r in rows if r["category"] != "DES" and _drawn(r, limits.routed_share, seed)
    }
    replies_to = {r["question_id"]: list(distinct_replies(r)) for r in rows if r["question_id"] in golds}
    for row in rows:
        for reply in replies_to.get(row["question_id"], ()):
            reply.verdict = verify(golds[row["question_id"]], reply.text, extracted=True)
    _judge([(row, reply) for row in rows for reply in replies_to.get(row["question_id"], ())], ask, limits)
    routed: list[RoutedAnswerRow] = []
    dropped: list[Stopped] = []
    evidence: list[ScoredReplyRow] = []
    for row in rows:
        gold, replies = golds.get(row["question_id"]), replies_to.get(row["question_id"], [])
        evidence += [_reply_row(row, gold, reply, batch) for reply in replies if gold is not None]
        reward, rule_type, reason = _route(row, gold, replies, limits)
        if reward is None:
            dropped.append(stop(row["question_id"], NOT_JUDGEABLE, reason, replies[0].judge_call_id))
            continue
        decided = [reply.agrees for reply in replies if reply.agrees is not None]
        routed.append(
            {
                "question_id": row["question_id"],
                "answer_id": row["answer_id"],
                "path_id": row["path_id"],
                "image_id": row["image_id"],
                "batch": batch,
                "reward": reward,
                "rule_type": rule_type,
                "replies": len(replies),
                "decided": len(decided),
                "disagreeing": decided.count(False),
                "reason": reason,
            }
        )
    details = {
        "replies_scored": len(evidence),
        "replies_undecided": sum(reply["agrees"] is None for reply in evidence),
        "rerouted_to_judge": sum(r["reason"] == DISAGREE for r in routed),
    }
    return StageResult(
        len(rows), len(routed), {"routed_answers": routed, "scored_replies": evidence}, dropped, details=details
    )


def distinct_replies(row: Row) -> Iterator[ScoredReply]:
    """Distinct replies to a question, not yet scored; at most `MAX_REPLIES`.

    The kept answer comes first, then the other answer, then the conclusions of both chains and of the path.
    """
    replies = [(answerer, row[f"{answerer}_answer"], row[f"{answerer}_call_id"]) for answerer in ANSWERERS]
    replies.sort(key=lambda reply: reply[1] != row["answer"])
    for answerer in ANSWERERS:
        claims = conclusions(row[f"{answerer}_chain"])[-1:]
        replies += [(f"{answerer}_chain", claim, row[f"{answerer}_call_id"]) for claim in claims]
    replies += [("path", claim, row["path_call_id"]) for claim in conclusions(row["path"])[-1:]]
    gold, seen = _folded(row, row["answer"]), set()
    for origin, text, call_id in replies:
        folded = _folded(row, text)
        if folded and folded not in seen and len(seen) < MAX_REPLIES:
            seen.add(folded)
            yield ScoredReply(origin, text, call_id, folded == gold)


def _judge(pairs: Sequence[tuple[Row, ScoredReply]], ask: CallModels, limits: RewardSettings) -> None:
    """Set the judge's tiers in one round of calls for all replies. What scores 0 unasked in training does so here."""
    waiting = []
    for row, reply in pairs:
        if reply.verdict is not Verdict.CORRECT and (refusal := judge.refused(row["question"], reply.text)):
            reply.tier, reply.refusal = 0.0, refusal
        else:
            waiting.append((row, reply))
    requests = [
        judge.build_request(
            lettered(row["question"], row["options"]),
            type_answer(_spoken(row, row["answer"]), category="DES"),
            _spoken(row, reply.text),
            subject_id=row["question_id"],
        )
        for row, reply in waiting
    ]
    for (_, reply), judgement in zip(
        waiting,
        ask_until_clear(ask, requests, passes=limits.judge_passes, refused_again=limits.refused_again),
        strict=True,
    ):
        reply.tier, reply.judge_call_id = judge.parse(judgement), judgement.call_id


def _route(
    row: Row, gold: TypedAnswer | None, replies: Sequence[ScoredReply], limits: RewardSettings
) -> tuple[str | None, str | None, str]:
    """(reward, the type of the rule that was left, reason); without a reward the reason is a sentence."""
    if row["category"] == "DES":
        return MODEL, None, "descriptive"
    if gold is None:
        return RULE, None, "not_drawn"
    decided = [reply.agrees for reply in replies if reply.agrees is not None]
    if len(decided) < limits.least_replies:
        return RULE, None, "few_replies"
    disagreeing = decided.count(False)
    if disagreeing <= limits.max_disagreement * len(decided):
        return RULE, None, "agreement"
    if any(reply.is_gold and reply.by_judge for reply in replies):
        return MODEL, str(gold.type), DISAGREE
    why = (
        f"rule and judge disagree on {disagreeing} of {len(decided)} replies, and the judge does not take the kept "
        f"answer {row['answer'][:80]!r} for right: {row['question'][:200]}"
    )
    return None, None, why


def _reply_row(row: Row, gold: TypedAnswer, reply: ScoredReply, batch: str) -> ScoredReplyRow:
    return {
        "reply_id": content_id("reply", row["answer_id"], reply.text),
        "question_id": row["question_id"],
        "answer_id": row["answer_id"],
        "image_id": row["image_id"],
        "source": row["source"],
        "category": row["category"],
        "batch": batch,
        "answer_type": str(gold.type),
        "origin": reply.origin,
        "reply": reply.text,
        "verdict": str(reply.verdict),
        "tier": reply.tier,
        "agrees": reply.agrees,
        "refusal": reply.refusal,
        "call_id": reply.call_id,
        "judge_call_id": reply.judge_call_id,
    }


def _gold(row: Row) -> TypedAnswer:
    return type_answer(row["answer"], category=row["category"], options=row["options"], question=row["question"])


def _folded(row: Row, text: str) -> str:
    letter = choice_letter(text, row["options"]) if row["category"] == "MC" else None
    return letter or clean(text)


def _spoken(row: Row, text: str) -> str:
    """A reply as the judge sees it: an option letter together with its text."""
    letter = choice_letter(text, row["options"]) if row["category"] == "MC" else None
    return f"{letter}. {row['options'][ord(letter) - 65]}" if letter else text


def _drawn(row: Row, share: float, seed: int) -> bool:
    """Whether a row belongs to the share that is judged; by its id, so that every run draws the same."""
    return int(content_id("routed", seed, row["question_id"])[:8], 16) < share * 16**8


def _rule_and_judge_agree(scope: Scope) -> Outcome:
    agreement = routing_metadata.agreement(scope.rows("synthesis/select_agreements"))
    least = scope.settings.rewards.least_agreement
    share = "none decided" if agreement is None else round(agreement, 4)
    return Outcome(agreement is None or agreement >= least, metadata={"agreement": share, "least": least})


def _scored_replies(rows: Sequence[Row], result: StageResult) -> list[dict[str, Any]]:
    texts = {row["question_id"]: row["question"] for row in rows}
    replies = sorted(result.rows["scored_replies"], key=lambda reply: reply["agrees"] is not False)
    return [{**reply, "question": texts[reply["question_id"]]} for reply in replies]


def _compared(spool: StageSpool, at: StageRun) -> StageResult:
    agreements = Agreements()
    for evidence in spool.windows("scored_replies"):
        agreements.add(evidence)
    table = agreements.table(at.batch)
    decided, agreeing = (sum(row[name] for row in table) for name in ("decided", "agreeing"))
    share = round(agreeing / decided, 4) if decided else "none decided"
    return StageResult(0, 0, {"reward_agreements": table}, details={"rule_judge_agreement": share})


def _agreement_shown(spool: StageSpool, at: StageRun) -> dict[str, Any]:
    table = spool.read("reward_agreements")
    plot = routing_metadata.plot(table, at.settings.rewards.least_agreement)
    return {"agreement": Markdown(routing_metadata.table(table)), "agreement_plot": Markdown(plot)}


STAGE = StageSpec(
    name="routed_answers",
    table="routed_answers",
    further_tables=("scored_replies", "reward_agreements"),
    description=(
        "Before packaging: replies that were paid for are scored by rule and judge, and rows whose rule disagrees "
        "leave it."
    ),
    parents=("reasoning_paths", "judge_calibration"),
    reads="synthesis/select_replies_to_route",
    run=lambda rows, at: run(rows, at.ask, batch=at.batch, limits=at.settings.rewards, seed=at.seed),
    conclude=_compared,
    prompts=("judge",),
    gates=(
        no_rows(
            "routes_have_evidence",
            "synthesis/find_misrouted_answers",
            "A route that the scored replies of its row, counted anew, do not bear out.",
        ),
        Gate(
            "rule_and_judge_agree",
            "Rewards by a rule that the judge contradicts: they agree on at least rewards.least_agreement of what both "
            "decided.",
            _rule_and_judge_agree,
        ),
    ),
    columns_shown=("question", "reply", "verdict", "tier"),
    examples=_scored_replies,
    describe=_agreement_shown,
)
