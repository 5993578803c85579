"""The types of written rows (`wethink_assets/written_rows.py`), made of the tables' own files.

Refresh them with `.venv/bin/python -m tests.contracts.row_types`.
"""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from resources.lake.sql_files import SQL_DIR, Column, Table, parse_table
from tests.conftest import PROJECT_ROOT

MODULE = PROJECT_ROOT / "wethink_assets" / "written_rows.py"

# Class of a row by table: those whose rows stages make one by one and hand to the commit.
CLASSES = {
    "source_images": "SourceImageRow",
    "images": "ImageRow",
    "descriptions": "DescriptionRow",
    "refined_descriptions": "RefinedDescriptionRow",
    "questions": "QuestionRow",
    "valid_questions": "ValidQuestionRow",
    "answers": "AnswerRow",
    "chosen_answers": "ChosenAnswerRow",
    "blind_checks": "BlindCheckRow",
    "second_looks": "SecondLookRow",
    "reasoning_paths": "ReasoningPathRow",
    "row_filter_counts": "RowFilterCountRow",
    "gate_quality": "GateQualityRow",
    "routed_answers": "RoutedAnswerRow",
    "scored_replies": "ScoredReplyRow",
    "reward_agreements": "RewardAgreementRow",
    "samples": "SampleRow",
    "releases": "ReleaseRow",
    "benchmark_items": "BenchmarkItemRow",
    "benchmark_images": "BenchmarkImageRow",
    "contamination_sets": "ContaminationSetRow",
    "contamination_questions": "ContaminationQuestionRow",
    "contamination_images": "ContaminationImageRow",
    "judge_calibrations": "JudgeCalibrationRow",
    "audit_verdicts": "AuditVerdictRow",
    "predictions": "PredictionRow",
    "item_scores": "ItemScoreRow",
    "scores": "ScoreRow",
    "scoreboard": "ScoreboardRow",
    "policies": "PolicyRow",
    "growth_plans": "GrowthPlanRow",
    "growth_report": "GrowthReportRow",
    "growth_abilities": "GrowthAbilityRow",
}
_TYPES = {
    "VARCHAR": "str",
    "VARCHAR[]": "Sequence[str]",
    "BIGINT": "int",
    "INTEGER": "int",
    "DOUBLE": "float",
    "BOOLEAN": "bool",
    "TIMESTAMPTZ": "datetime",
    "JSON": "Any",
}
_HEAD = '''"""Row types (typed dicts) of what stages write, by table; generated from sql/tables.

Belongs here: names and types of columns, without `run_id`, which the commit adds. A column that may be NULL may be left
out; JSON is text or whatever the lake turns into JSON.
Does not belong here: what a column means (the comments in sql/tables), what stages read (synthesis/rows.py), anything
written by hand. Refresh with `.venv/bin/python -m tests.contracts.row_types`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NotRequired, TypedDict
'''


def _type(column: Column) -> str:
    kind = _TYPES[column.type]
    if not column.nullable:
        return kind
    return f"NotRequired[{kind}]" if kind == "Any" else f"NotRequired[{kind} | None]"


def _class(table: Table, name: str) -> Iterator[str]:
    columns = [column for column in table.columns if column.name != "run_id"]
    if any(keyword.iskeyword(column.name) for column in columns):  # no class has a field of such a name
        yield f'\n\n# A row of `{table.name}`.\n{name} = TypedDict(\n    "{name}",\n    {{'
        yield from (f'        "{column.name}": {_type(column)},' for column in columns)
        yield "    },\n)"
        return
    yield f"\n\nclass {name}(TypedDict):"
    yield f'    """A row of `{table.name}`."""\n'
    yield from (f"    {column.name}: {_type(column)}" for column in columns)


def text() -> str:
    files = {name: (SQL_DIR / "tables" / f"{name}.sql").read_text("utf-8") for name in CLASSES}
    lines = [line for name, file in files.items() for line in _class(parse_table(file), CLASSES[name])]
    return "\n".join([_HEAD.rstrip("\n"), *lines]) + "\n"


if __name__ == "__main__":
    MODULE.write_text(text(), "utf-8")
