"""The registry of stages: their order, their tables, and that each takes an empty batch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.synthesis.scripted import Script
from wethink_assets.settings import Settings
from wethink_assets.stage_spool import StageSpool
from wethink_assets.synthesis.registry import parents_of, prompt_feeds, stages, tables_written
from wethink_assets.synthesis.stage import StageRun


class EmptyLake:
    """A lake without rows."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        return []


@pytest.mark.parametrize("stage", stages(), ids=lambda stage: stage.name)
def test_an_empty_batch_is_no_error(stage, tmp_path):
    at = StageRun(Script(), "b", Settings(home=tmp_path), EmptyLake())
    spool = StageSpool(stage.name, "b", "r", (stage.table, *stage.further_tables), tmp_path / "rows")
    spool.add(stage.run([], at))
    if stage.conclude:
        spool.conclude(stage.conclude(spool, at))
    assert spool.rows_in == 0 and not any(part.rows for part in (*spool.spools.values(), spool.verdicts))
    assert stage.describe is None or all(str(value) for value in stage.describe(spool, at).values())


def test_a_stage_stands_behind_the_stages_that_it_reads():
    names = [stage.name for stage in stages()]
    for position, stage in enumerate(stages()):
        assert {*parents_of(stage)} & {*names} <= {*names[:position]}, stage.name


def test_every_stage_but_the_first_reads_one_before():
    names = {stage.name for stage in stages()}
    assert [stage.name for stage in stages() if not names & {*parents_of(stage)}] == [stages()[0].name]


def test_tables_and_prompts_belong_to_one_stage():
    assert len(set(tables_written())) == len(tables_written())
    prompts = [name for stage in stages() for name in stage.prompt_names() if name != "judge"]  # two stages ask it
    assert len(set(prompts)) == len(prompts) and {*prompts, "judge"} == {*prompt_feeds()}
