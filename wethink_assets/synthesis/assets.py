"""The synthesis assets, one a stage and the routing before the last, all partitioned by growth batch.

Belongs here: which rows a stage reads, its pure function, what is shown of it. Does not belong here: any rule of a stage,
what all stages share (stage_assets.py).
"""

from typing import Any

import dagster as dg

from resources.calls.resource import ModelCalls
from resources.image_files import ImageFiles
from resources.lake.resource import Lake
from resources.settings import SettingsResource
from wethink_assets.commit import column_schema, conservation_spec
from wethink_assets.demo.audit import filters
from wethink_assets.images.contamination import Questions
from wethink_assets.images.contamination_check import leaked_questions
from wethink_assets.partitions import growth_batches
from wethink_assets.rewards.answers import TypedAnswer
from wethink_assets.rewards.verifier import Verdict, verify
from wethink_assets.synthesis import (
    adjudicate,
    answer,
    calls_metadata,
    describe,
    package,
    questions,
    refine,
    refine_path,
    route,
    routing_metadata,
)
from wethink_assets.synthesis import filter as question_filter
from wethink_assets.synthesis.stage_assets import GROUP, OWNERS, Stage, stage_asset

UNSEEN = "no_benchmark_question"
AGREEMENT = "rule_and_judge_agree"


@stage_asset(
    "descriptions",
    key="descriptions",
    deps=["image_pool"],
    check="descriptions_differ",
    kinds={"openai", "duckdb"},
    rule="No text describes three or more images: repeated texts show that images do not reach the model.",
)
def descriptions(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 1: a coarse description of every image of the pool, by the VLM."""
    stage = Stage(context, lake, images, settings, calls)
    rows = stage.rows("select_images_to_describe")
    result = describe.run(rows, stage.ask, batch=stage.batch, seed=settings.get().synthesis.seed)
    return stage.commit(
        result, "descriptions", shown=["text"], check="descriptions_differ", violations="find_repeated_descriptions"
    )


@stage_asset(
    "refined_descriptions",
    key="refined_descriptions",
    deps=["descriptions"],
    check="descriptions_kept",
    kinds={"openai", "duckdb"},
    rule="No merge halved a description: refinement adds detail and loses none.",
)
def refined_descriptions(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 2: multi-turn refinement. The reasoner asks for missing details, the VLM looks, the answers are merged."""
    stage = Stage(context, lake, images, settings, calls)
    chosen = settings.get().synthesis
    result = refine.run(
        stage.rows("select_descriptions_to_refine"), stage.ask, batch=stage.batch, turns=chosen.turns, seed=chosen.seed
    )
    return stage.commit(
        result,
        "refined_descriptions",
        shown=["text"],
        check="descriptions_kept",
        violations="find_shortened_descriptions",
    )


@stage_asset(
    "questions",
    key="questions",
    deps=["refined_descriptions", "benchmark_items"],
    check="ability_synergy",
    kinds={"openai", "duckdb"},
    rule="Every question needs reasoning and a further ability, and has options exactly where it is a choice.",
    more=[
        dg.AssetCheckSpec(
            UNSEEN,
            asset="questions",
            blocking=True,
            description="Read back from the lake: no written question repeats one of an evaluation set.",
        )
    ],
)
def questions_asset(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 3: questions with ability synergy, by the reasoner. Rows in are proposed questions."""
    stage = Stage(context, lake, images, settings, calls)
    chosen = settings.get().synthesis
    result = questions.run(
        stage.rows("select_descriptions_to_question"),
        stage.ask,
        batch=stage.batch,
        count=chosen.questions,
        seed=chosen.seed,
        repeated_by=Questions(lake.rows("images/select_benchmark_questions")).repeated_by,
    )
    rows = result.rows["questions"]
    counts = {f"questions_{c.lower()}": sum(r["category"] == c for r in rows) for c in ("MC", "FIB", "DES")}
    committed = stage.commit(
        result,
        "questions",
        shown=["question", "category", "options", "abilities"],
        check="ability_synergy",
        violations="find_questions_without_synergy",
        metadata=counts,
    )
    return committed._replace(check_results=[*(committed.check_results or []), _unseen(stage)])


def _unseen(stage: Stage) -> dg.AssetCheckResult:
    items = stage.lake.rows("images/select_benchmark_questions")
    written = [(r["question_id"], r["question"]) for r in stage.rows("select_written_questions")]
    passed = leaked_questions(written, items)
    return dg.AssetCheckResult(
        asset_key=stage.key,
        check_name=UNSEEN,
        passed=not passed,
        description="; ".join(f"{p.subject[:12]} repeats {p.item} ({p.how})" for p in passed[:10]) or None,
        metadata={"hits": len(passed), "questions": len(written), "benchmark_items": len(items)},
    )


@stage_asset(
    "valid_questions",
    key="valid_questions",
    deps=["questions"],
    check="checked_twice",
    kinds={"openai", "duckdb"},
    rule="Every kept question passed two different calls of the ledger.",
)
def valid_questions(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 4: questions that are well posed (reasoner) and answerable from the image (VLM)."""
    stage = Stage(context, lake, images, settings, calls)
    rows = stage.rows("select_questions_to_check")
    result = question_filter.run(rows, stage.ask, batch=stage.batch, seed=settings.get().synthesis.seed)
    texts = {r["question_id"]: r for r in rows}
    shown = [{**texts[s.subject_id], "reason": s.reason, "detail": s.detail} for s in result.dropped]
    return stage.commit(
        result,
        "valid_questions",
        shown=["question", "reason", "detail"],
        shown_rows=shown,
        check="checked_twice",
        violations="find_unchecked_questions",
        metadata={"rejected_share": round(len(result.dropped) / max(1, result.rows_in), 4)},
    )


@stage_asset(
    "answers",
    key="dual_answers",
    deps=["valid_questions", "judge_calibration"],
    check="answered_twice",
    kinds={"openai", "duckdb"},
    rule="Every question has exactly one answer of each answerer and one verdict on the pair.",
)
def dual_answers(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 5: the reasoner answers from the description, the VLM from the image; the pair agrees or not."""
    stage = Stage(context, lake, images, settings, calls)
    rows = stage.rows("select_questions_to_answer")
    chosen = settings.get()
    result = answer.run(rows, stage.ask, batch=stage.batch, seed=chosen.synthesis.seed, limits=chosen.rewards)
    texts = {r["question_id"]: r["question"] for r in rows}
    shown = [{**a, "question": texts[a["question_id"]]} for a in result.rows["answers"] if a["agreement"] != "agree"]
    return stage.commit(
        result,
        "answers",
        shown=["question", "answerer", "answer", "agreement"],
        shown_rows=shown,
        check="answered_twice",
        violations="find_unpaired_answers",
        metadata={"agreement_rate": round(result.details["pairs_agree"] / max(1, result.continued), 4)},
    )


@stage_asset(
    "chosen_answers",
    key="chosen_answers",
    deps=["dual_answers"],
    check="decided_by_somebody",
    kinds={"openai", "duckdb"},
    rule="Every kept answer belongs to its question and was kept by agreement or by a call.",
)
def chosen_answers(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 6: one answer a question: the common one, or the one that a third model keeps, or none."""
    stage = Stage(context, lake, images, settings, calls)
    rows = stage.rows("select_answer_pairs")
    result = adjudicate.run(rows, stage.ask, batch=stage.batch, seed=settings.get().synthesis.seed)
    texts = {r["question_id"]: r for r in rows}
    shown = [{**texts[c["question_id"]], **c} for c in result.rows["chosen_answers"] if c["chosen_by"] == "adjudicator"]
    return stage.commit(
        result,
        "chosen_answers",
        shown=["question", "reasoner_answer", "vlm_answer", "chosen_by"],
        shown_rows=shown,
        check="decided_by_somebody",
        violations="find_foreign_choices",
    )


@stage_asset(
    "reasoning_paths",
    key="reasoning_paths",
    deps=["chosen_answers"],
    check="paths_are_clean",
    kinds={"openai", "duckdb"},
    rule="No reasoning path is empty or holds tags or media markers.",
)
def reasoning_paths(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Stage 7: the raw chain rewritten without redundancy and contradiction, so that it leads to the kept answer."""
    stage = Stage(context, lake, images, settings, calls)
    rows = stage.rows("select_answers_to_explain")
    result = refine_path.run(rows, stage.ask, batch=stage.batch, seed=settings.get().synthesis.seed)
    texts = {r["question_id"]: r for r in rows}
    shown = [{**texts[p["question_id"]], **p} for p in result.rows["reasoning_paths"]]
    return stage.commit(
        result,
        "reasoning_paths",
        shown=["question", "answer", "chain", "refined_cot"],
        shown_rows=shown,
        check="paths_are_clean",
        violations="find_unclean_paths",
    )


@stage_asset(
    "routed_answers",
    key="routed_answers",
    deps=["reasoning_paths", "judge_calibration"],
    check="routes_have_evidence",
    kinds={"openai", "duckdb"},
    rule="Counted anew, the scored replies of every row carry its route.",
    more=[
        dg.AssetCheckSpec(
            AGREEMENT,
            asset="routed_answers",
            description="Rule and judge agree on at least rewards.least_agreement of the replies that both decided.",
        )
    ],
)
def routed_answers(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles, calls: ModelCalls
) -> dg.MaterializeResult:
    """Before packaging: replies that were paid for are scored by rule and judge, and rows whose rule disagrees leave it."""
    stage = Stage(context, lake, images, settings, calls)
    chosen = settings.get()
    limits = chosen.rewards
    rows = stage.rows("select_replies_to_route")
    result = route.run(rows, stage.ask, batch=stage.batch, limits=limits, seed=chosen.synthesis.seed)
    table = result.rows["reward_agreements"]
    texts = {r["question_id"]: r["question"] for r in rows}
    scored = sorted(result.rows["scored_replies"], key=lambda r: r["agrees"] is not False)
    committed = stage.commit(
        result,
        "routed_answers",
        shown=["question", "reply", "verdict", "tier"],
        shown_rows=[{**r, "question": texts[r["question_id"]]} for r in scored],
        check="routes_have_evidence",
        violations="find_misrouted_answers",
        metadata={
            "agreement": dg.MetadataValue.md(routing_metadata.table(table)),
            "agreement_plot": dg.MetadataValue.md(routing_metadata.plot(table, limits.least_agreement)),
        },
    )
    agreement = routing_metadata.agreement(table)
    agree = dg.AssetCheckResult(
        asset_key=stage.key,
        check_name=AGREEMENT,
        passed=agreement is None or agreement >= limits.least_agreement,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "agreement": "none decided" if agreement is None else round(agreement, 4),
            "least": limits.least_agreement,
        },
    )
    return committed._replace(check_results=[*(committed.check_results or []), agree])


@dg.asset(
    key="samples",
    group_name=GROUP,
    partitions_def=growth_batches,
    deps=[dg.AssetKey("routed_answers")],
    kinds={"duckdb", "python"},
    owners=OWNERS,
    metadata=column_schema("samples"),
    check_specs=[
        conservation_spec("samples"),
        dg.AssetCheckSpec(
            "samples_are_usable",
            asset="samples",
            blocking=True,
            description="No empty or marked text, the right reward, and an image of the pool behind every sample.",
        ),
        dg.AssetCheckSpec(
            "rule_answers_verify",
            asset="samples",
            blocking=True,
            description="A fresh pass over the committed rows: every rule answer verifies against its own typed gold.",
        ),
    ],
)
def samples(
    context: dg.AssetExecutionContext, lake: Lake, settings: SettingsResource, images: ImageFiles
) -> dg.MaterializeResult:
    """Stage 8: accepted samples in WeThink's record, with the typed answer that rewards will verify against."""
    stage = Stage(context, lake, images, settings)
    result = package.run(stage.rows("select_parts_of_samples"), batch=stage.batch)
    made = result.rows["samples"]
    metadata: dict[str, Any] = {
        f"samples_{c.lower()}": sum(r["category"] == c for r in made) for c in ("MC", "FIB", "DES")
    }
    if planted := filters.read_planted(settings.get().truth_dir):
        measured = filters.measure(
            planted, stage.rows("select_question_outcomes"), {r["question_id"]: r["answer"] for r in made}
        )
        result.details |= measured
    if over := stage.lake.rows("synthesis/select_calls_over_batches"):
        metadata["model_calls"] = dg.MetadataValue.md(calls_metadata.plot(over))
    committed = stage.commit(
        result,
        "samples",
        shown=["problem", "answer", "answer_type", "refined_cot", "reward"],
        check="samples_are_usable",
        violations="find_unusable_samples",
        metadata=metadata,
    )
    rows = stage.rows("select_samples_to_verify")
    wrong = [
        r["sample_id"]
        for r in rows
        if verify(TypedAnswer.from_json(r["answer_typed"]), r["answer"], extracted=True) != Verdict.CORRECT
    ]
    verified = dg.AssetCheckResult(
        asset_key=stage.key,
        check_name="rule_answers_verify",
        passed=not wrong,
        metadata={"rule_samples": len(rows), "not_verified": len(wrong), "first": wrong[0] if wrong else "none"},
    )
    return committed._replace(check_results=[*(committed.check_results or []), verified])


ASSETS: list[dg.AssetsDefinition] = [
    descriptions,
    refined_descriptions,
    questions_asset,
    valid_questions,
    dual_answers,
    chosen_answers,
    reasoning_paths,
    routed_answers,
    samples,
]
