"""Links (foreign keys) between rows: which columns of a table a walk follows, and which it shows.

Belongs here: that choice, for the project's tables and those of extensions. Does not belong here: reading rows
(rows.py), what a line of the tree says (walk.py).
"""

from __future__ import annotations

from resources.lake.sql_files import Column, Table, tables

_CALLS = ("call_id", "call_ids", "well_posed_call_id", "answerable_call_id", "judge_call_id")
_PARENTS = ("image_id", "image_ids", "question_id", "sample_id", "subject_id", "item")
_FOLLOWED = {
    "source_images": ("image_id", "image_uri"),  # a file is asked for by its path
    **dict.fromkeys(
        ("answers", "chosen_answers", "reasoning_paths", "routed_answers", "samples", "valid_questions"),
        ("question_id", *_CALLS),
    ),
    "scored_replies": ("question_id", "judge_call_id"),  # its call_id is the one of the answer that it is
    "release_rows": ("sample_id",),
}
_NONE = frozenset({"call_batches", "refused_calls"})

_CALL = "call_id role model prompt prompt_version status error prompt_tokens completion_tokens cost run_id"

# Columns that a walk shows; of a table that is not here, all.
_SHOWN = {
    "source_images": "source batch image_uri image_id licence split",
    "images": "image_id image_uri width height format",
    "benchmark_items": "benchmark item position image_ids question",
    "benchmark_images": "image_id",
    "verdicts": "subject_id asset batch verdict reason detail related_id",
    "descriptions": "description_id image_id text call_id",
    "refined_descriptions": "refined_id description_id image_id text call_ids",
    "questions": "question_id image_id position question category abilities call_id",
    "valid_questions": "question_id image_id well_posed_call_id answerable_call_id",
    "answers": "answer_id question_id image_id answerer answer agreement call_id",
    "chosen_answers": "question_id image_id answer_id chosen_by call_id",
    "reasoning_paths": "path_id question_id image_id refined_cot call_id",
    "routed_answers": "question_id image_id reward rule_type reason replies decided disagreeing",
    "samples": "sample_id question_id image_id answer answer_type reward",
    "scored_replies": "reply_id question_id image_id origin reply verdict tier refusal judge_call_id",
    "release_rows": "release_id sample_id split position",
    "releases": "release_id batches rows train_rows heldout_rows snapshot_id path",
    "policies": "policy_id kind parent_id release_id path weights_sha256 snapshot_id",
    "rollouts": "policy_id sample_id step accuracy reward",
    "pass_rates": "policy_id sample_id scored correct",
    "pass_rate_answers": "policy_id sample_id answer call_id verdict judge_call_id",
    "predictions": "policy_id benchmark item call_id reply",
    "item_scores": "policy_id benchmark item extracted verdict score method judge_call_id",
    "scores": "policy_id benchmark metric main value low high scale n n_set",
    "calls": _CALL,
    "forgotten_calls": f"{_CALL} reply forgotten_at",
}


def followed(table: Table) -> tuple[str, ...]:
    """Columns by which a walk looks for rows of a table: those that an index of ids holds."""
    if table.name in _NONE:
        return ()
    own = [table.key[0]] if table.kind else []
    columns = _FOLLOWED.get(table.name, (*_PARENTS, *_CALLS))
    return tuple(name for name in table.column_names if name in own or name in columns)


def shown(table: Table) -> tuple[Column, ...]:
    """Columns that a walk reads of every row."""
    if table.name not in _SHOWN:
        return table.columns
    names = _SHOWN[table.name].split()
    return tuple(column for column in table.columns if column.name in names)


def kinds() -> dict[str, Table]:
    """Tables whose rows have ids of their own and an image, by what a row is called."""
    return {table.kind: table for table in tables().values() if table.kind}
