"""Row types (typed dicts) of what stages write, by table; generated from sql/tables.

Belongs here: names and types of columns, without `run_id`, which the commit adds. A column that may be NULL may be left
out; JSON is text or whatever the lake turns into JSON.
Does not belong here: what a column means (the comments in sql/tables), what stages read (synthesis/rows.py), anything
written by hand. Refresh with `.venv/bin/python -m tests.contracts.row_types`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict


class SourceImageRow(TypedDict):
    """A row of `source_images`."""

    source: str
    batch: str
    image_uri: str
    image_id: str
    file_bytes: int
    position: int
    licence: str
    split: NotRequired[str | None]
    context: Any


class ImageRow(TypedDict):
    """A row of `images`."""

    image_id: str
    batch: str
    source: str
    image_uri: str
    origins: Sequence[str]
    licence: str
    format: str
    width: int
    height: int
    phash: str
    phash256: str
    picture_id: NotRequired[str | None]


class DescriptionRow(TypedDict):
    """A row of `descriptions`."""

    description_id: str
    image_id: str
    batch: str
    text: str
    call_id: str


class RefinedDescriptionRow(TypedDict):
    """A row of `refined_descriptions`."""

    refined_id: str
    description_id: str
    image_id: str
    batch: str
    text: str
    turns: Any
    call_ids: Sequence[str]


class QuestionRow(TypedDict):
    """A row of `questions`."""

    question_id: str
    image_id: str
    refined_id: str
    batch: str
    position: int
    question: str
    category: str
    options: Sequence[str]
    abilities: Sequence[str]
    call_id: str


class ValidQuestionRow(TypedDict):
    """A row of `valid_questions`."""

    question_id: str
    image_id: str
    batch: str
    well_posed_call_id: str
    answerable_call_id: str


class AnswerRow(TypedDict):
    """A row of `answers`."""

    answer_id: str
    question_id: str
    image_id: str
    batch: str
    answerer: str
    answer: str
    chain: str
    agreement: str
    call_id: str


class ChosenAnswerRow(TypedDict):
    """A row of `chosen_answers`."""

    question_id: str
    answer_id: str
    image_id: str
    batch: str
    chosen_by: str
    call_id: NotRequired[str | None]


class BlindCheckRow(TypedDict):
    """A row of `blind_checks`."""

    question_id: str
    answer_id: str
    image_id: str
    batch: str
    role: str
    answers: int
    scored: int
    correct: int
    solvable: bool
    call_ids: Sequence[str]


class SecondLookRow(TypedDict):
    """A row of `second_looks`."""

    question_id: str
    answer_id: str
    image_id: str
    batch: str
    role: str
    answers: int
    scored: int
    agreeing: int
    confirmed: bool
    call_ids: Sequence[str]


class ReasoningPathRow(TypedDict):
    """A row of `reasoning_paths`."""

    path_id: str
    question_id: str
    answer_id: str
    image_id: str
    batch: str
    refined_cot: str
    call_id: str


class RowFilterCountRow(TypedDict):
    """A row of `row_filter_counts`."""

    batch: str
    filter: str
    position: int
    rows: int
    dropped_alone: int
    dropped_first: int
    dropped_only: int
    bad_rows: NotRequired[int | None]
    bad_alone: NotRequired[int | None]
    bad_first: NotRequired[int | None]
    bad_only: NotRequired[int | None]
    source: NotRequired[str | None]


class GateQualityRow(TypedDict):
    """A row of `gate_quality`."""

    gate: str
    source: str
    position: int
    looked_at: int
    dropped_alone: int
    dropped_first: int
    dropped_only: NotRequired[int | None]
    bad_rows: NotRequired[int | None]
    bad_alone: NotRequired[int | None]
    bad_first: NotRequired[int | None]
    bad_only: NotRequired[int | None]
    aimed_rows: NotRequired[int | None]
    aimed_caught: NotRequired[int | None]
    precision: NotRequired[float | None]
    precision_low: NotRequired[float | None]
    precision_high: NotRequired[float | None]
    recall: NotRequired[float | None]
    recall_low: NotRequired[float | None]
    recall_high: NotRequired[float | None]
    aimed_recall: NotRequired[float | None]
    aimed_low: NotRequired[float | None]
    aimed_high: NotRequired[float | None]
    calls: float
    cost: float
    calls_saved: float
    cost_saved: float


class RoutedAnswerRow(TypedDict):
    """A row of `routed_answers`."""

    question_id: str
    answer_id: str
    path_id: str
    image_id: str
    batch: str
    reward: str
    rule_type: NotRequired[str | None]
    replies: int
    decided: int
    disagreeing: int
    reason: str


class ScoredReplyRow(TypedDict):
    """A row of `scored_replies`."""

    reply_id: str
    question_id: str
    answer_id: str
    image_id: str
    batch: str
    source: str
    category: str
    answer_type: str
    origin: str
    reply: str
    verdict: str
    tier: NotRequired[float | None]
    agrees: NotRequired[bool | None]
    refusal: NotRequired[str | None]
    call_id: str
    judge_call_id: NotRequired[str | None]


class RewardAgreementRow(TypedDict):
    """A row of `reward_agreements`."""

    batch: str
    category: str
    source: str
    rows: int
    replies: int
    decided: int
    agreeing: int
    rule_correct: int
    judge_correct: int
    agreement: NotRequired[float | None]
    kappa: NotRequired[float | None]


class SampleRow(TypedDict):
    """A row of `samples`."""

    sample_id: str
    batch: str
    image_id: str
    question_id: str
    answer_id: str
    path_id: str
    source: str
    licence: str
    problem: str
    answer: str
    answer_typed: Any
    answer_type: str
    rule_type: NotRequired[str | None]
    category: str
    abilities: Sequence[str]
    refined_cot: str
    image_path: str
    reward: str


class ReleaseRow(TypedDict):
    """A row of `releases`."""

    release_id: str
    batches: Sequence[str]
    target: int
    rows: int
    train_rows: int
    heldout_rows: int
    config: Any
    snapshot_id: int
    path: str


class BenchmarkItemRow(TypedDict):
    """A row of `benchmark_items`."""

    benchmark: str
    item: str
    position: int
    image_ids: Sequence[str]
    question: str
    hint: NotRequired[str | None]
    options: Sequence[str]
    answer: NotRequired[str | None]
    category: NotRequired[str | None]
    split: NotRequired[str | None]
    extra: Any


class BenchmarkImageRow(TypedDict):
    """A row of `benchmark_images`."""

    image_id: str
    benchmark: str
    item: str
    image_uri: str
    format: str
    width: int
    height: int
    phash: str
    phash256: str
    picture_id: NotRequired[str | None]


class ContaminationSetRow(TypedDict):
    """A row of `contamination_sets`."""

    benchmark: str
    version: str
    questions: int
    images: int
    missing_since: NotRequired[datetime | None]


class ContaminationQuestionRow(TypedDict):
    """A row of `contamination_questions`."""

    benchmark: str
    item: str
    position: int
    question: str


class ContaminationImageRow(TypedDict):
    """A row of `contamination_images`."""

    benchmark: str
    image_id: str
    item: str
    phash: str
    phash256: str


class JudgeCalibrationRow(TypedDict):
    """A row of `judge_calibrations`."""

    model: str
    prompt_version: str
    set_version: str
    pairs: int
    scored: int
    kappa: NotRequired[float | None]
    exact: float
    near: float
    too_high: int


class AuditVerdictRow(TypedDict):
    """A row of `audit_verdicts`."""

    sample_id: str
    person: str
    release_id: str
    verdict: str
    note: str
    recorded_at: datetime


class PredictionRow(TypedDict):
    """A row of `predictions`."""

    policy_id: str
    policy_kind: str
    benchmark: str
    item: str
    call_id: str
    prompt: str
    reply: NotRequired[str | None]


class ItemScoreRow(TypedDict):
    """A row of `item_scores`."""

    policy_id: str
    benchmark: str
    item: str
    extracted: NotRequired[str | None]
    verdict: str
    score: NotRequired[float | None]
    method: str
    judge_call_id: NotRequired[str | None]
    vlmevalkit_extracted: NotRequired[str | None]
    vlmevalkit_score: NotRequired[float | None]
    vlmevalkit_method: NotRequired[str | None]
    vlmevalkit_judge_call_id: NotRequired[str | None]
    vlmevalkit_version: NotRequired[str | None]


class ScoreRow(TypedDict):
    """A row of `scores`."""

    policy_id: str
    policy_kind: str
    benchmark: str
    metric: str
    main: bool
    value: NotRequired[float | None]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    scale: float
    n: int
    n_set: int
    n_failed: int
    breakdown: Any
    name: NotRequired[str | None]
    scorer: NotRequired[str | None]
    rules_only: NotRequired[bool | None]
    n_unparsed: NotRequired[int | None]
    n_judged: NotRequired[int | None]
    bound_low: NotRequired[float | None]
    bound_high: NotRequired[float | None]
    n_contaminated: NotRequired[int | None]
    clean_value: NotRequired[float | None]
    clean_low: NotRequired[float | None]
    clean_high: NotRequired[float | None]
    notes: NotRequired[str | None]


class ScoreboardRow(TypedDict):
    """A row of `scoreboard`."""

    benchmark: str
    base_id: str
    rl_id: str
    n: int
    base: NotRequired[float | None]
    rl: NotRequired[float | None]
    delta: NotRequired[float | None]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    significant: NotRequired[bool | None]
    paper_base: NotRequired[float | None]
    paper_rl: NotRequired[float | None]
    p: NotRequired[float | None]
    p_holm: NotRequired[float | None]
    detectable: NotRequired[float | None]
    clean_delta: NotRequired[float | None]
    vlmevalkit_base: NotRequired[float | None]
    vlmevalkit_rl: NotRequired[float | None]


class PolicyRow(TypedDict):
    """A row of `policies`."""

    policy_id: str
    kind: str
    parent_id: NotRequired[str | None]
    release_id: NotRequired[str | None]
    path: str
    weights_sha256: NotRequired[str | None]
    config: Any
    snapshot_id: NotRequired[int | None]
    seconds: float


# A row of `growth_plans`.
GrowthPlanRow = TypedDict(
    "GrowthPlanRow",
    {
        "batch": str,
        "source": str,
        "policy": str,
        "quota": NotRequired[int | None],
        "wanted": int,
        "samples": int,
        "images": int,
        "yield": float,
        "untaken": NotRequired[int | None],
        "accuracy": NotRequired[float | None],
        "weight": float,
        "reason": str,
        "rated": NotRequired[int | None],
        "learnable": NotRequired[int | None],
    },
)


class GrowthReportRow(TypedDict):
    """A row of `growth_report`."""

    policy_id: str
    benchmark: str
    previous_id: NotRequired[str | None]
    release_id: str
    batches: int
    rows: int
    images: int
    cost: float
    scale: float
    value: NotRequired[float | None]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    n: int
    delta: NotRequired[float | None]
    delta_low: NotRequired[float | None]
    delta_high: NotRequired[float | None]
    p_holm: NotRequired[float | None]


class GrowthAbilityRow(TypedDict):
    """A row of `growth_abilities`."""

    batch: str
    ability: str
    policy: str
    asked: bool
    aim: float
    share: float
    samples: int
    proposed: int
    gives: float
    rated: int
    learnable: int
    accuracy: NotRequired[float | None]
    answers: int
    weight: float
    reason: str
