"""Arms choose their rows, a study resumes, and its table says what was run and what was not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from wethink_assets.ablations import run as running
from wethink_assets.ablations.arms import ARMS, BY_NAME, named
from wethink_assets.ablations.report import MARK, markdown, table_of, write_page
from wethink_assets.ablations.run import RESULTS, Study, run
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import Settings, TrainingSettings
from wethink_assets.training.job import Job
from wethink_assets.training.row_file import TrainingRow, read_windows

RIGHT = type_answer("red", category="FIB").to_json()


def rows(count: int, **more) -> list[TrainingRow]:
    row = TrainingRow("s", "What?", "red", RIGHT, "FIB", "rule", "i", "/i.png", "i", reply="<think>a</think>")
    return [replace(row, sample_id=f"s{n:02d}", image_id=f"i{n // 2}", **more) for n in range(count)]


def test_arms_choose_their_rows_by_who_scores_them_by_rate_and_by_number():
    mixed = [*rows(4), *(replace(row, reward="model", sample_id=f"m{row.sample_id}") for row in rows(2))]
    assert {row.reward for row in BY_NAME["rule"].choose(mixed, 0)} == {"rule"}
    assert len(BY_NAME["model"].choose(mixed, 0)) == 2 and len(BY_NAME["direct"].choose(mixed, 0)) == 6
    half, quarter = (BY_NAME[name].choose(rows(40), 7) for name in ("half", "quarter"))
    assert len(half) == 20 and len(quarter) == 10 and {r.sample_id for r in quarter} < {r.sample_id for r in half}
    rated = [replace(row, pass_rate=n / 10) for n, row in enumerate(rows(10))] + rows(3)
    thirds = [BY_NAME[name].choose(rated, 0) for name in ("easy", "medium", "hard")]
    assert sorted(row.sample_id for third in thirds for row in third) == [f"s{n:02d}" for n in range(10)]
    rates = [[row.pass_rate for row in third] for third in thirds]
    assert min(rates[0]) > max(rates[1]) and min(rates[1]) > max(rates[2])
    assert not BY_NAME["easy"].choose(rows(3), 0), "without rates there are no thirds"


def test_an_unknown_arm_is_named_and_the_base_is_always_there():
    assert [arm.name for arm in named(["sft_rl"])] == ["base", "sft_rl"] and named([]) == ARMS
    with pytest.raises(ValueError, match="there is no arm sft_lr: choose of base, sft"):
        named(["sft_lr"])


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """What workers were started for, in their order: they finish at once, and answer by what a policy is."""
    started: list[str] = []

    def worked(study, module, argument, name, *_):
        started.append(module.rsplit(".", 1)[1])
        if module.endswith("answer_worker"):
            asked = json.loads(Path(argument).read_text("utf-8"))
            said = "<think>a</think><answer>red</answer>" if Path(asked["policy"]).name.startswith("rl") else "no"
            Path(asked["answers"]).write_text(json.dumps([said] * len(asked["rows"])), "utf-8")
            return
        job = Job.read(argument)
        folder = job.work / "made"
        folder.mkdir()
        (folder / "model.safetensors").write_bytes(job.policy_id.encode())
        count = sum(len(window) for window in read_windows(job.rows_file)) if job.rows_file.is_file() else 0
        job.finish(folder, {"seconds": 1.0, "cpu_seconds": 2.0, "steps": 1, "learned": count, "finite": True})

    monkeypatch.setattr(running, "_worked", worked)
    return started


def study(tmp_path) -> Study:
    training = TrainingSettings(processes=1)
    return Study(tmp_path / "study", training, rows(8), rows(6), Settings(home=tmp_path))


def test_a_study_makes_each_policy_once_and_goes_on_where_it_was_ended(tmp_path, made):
    arms, said = named(["sft", "direct", "sft_rl", "rule", "model", "permuted"]), []
    run(study(tmp_path), named(["direct"]), [0], said.append)
    assert made == ["base_worker", "answer_worker", "grpo_worker", "answer_worker"]
    made.clear()
    results = run(study(tmp_path), arms, [0, 1], said.append)
    once = ["sft_worker", "answer_worker", "grpo_worker", "answer_worker", "grpo_worker", "answer_worker"]
    again = ["base_worker", "answer_worker", "sft_worker", "answer_worker", *["grpo_worker", "answer_worker"] * 3]
    assert made == once + again, "what is there is not made again; rule and direct are one policy here"
    of = {(r["arm"], r["seed"]): r for r in results["runs"]}
    assert of["rule", 0]["policy"] == of["direct", 0]["policy"] != of["permuted", 0]["policy"]
    assert len({r["policy"] for r in results["runs"]}) == 10
    assert "model" in results["left_out"] and any("left out, no row is scored by the judge" in line for line in said)
    assert json.loads((tmp_path / "study" / RESULTS).read_text("utf-8")) == json.loads(json.dumps(results))
    made.clear()
    few = run(study(tmp_path), named(["direct"]), [1], said.append)
    assert not made and {(r["arm"], r["seed"]) for r in few["runs"]} == set(of), "what is not asked for stays"
    assert len(few["runs"]) == len(of) and few["left_out"] == results["left_out"]
    other = replace(study(tmp_path), rows=rows(6))
    assert {r["arm"] for r in run(other, named([]), [1], said.append)["runs"]} == {arm.name for arm in ARMS} - {
        "model",
        "easy",
        "medium",
        "hard",
    }, "of other rows nothing is taken over"


def test_the_table_holds_each_arm_against_the_base_of_its_seeds_and_says_what_was_not_run(tmp_path, made):
    results = run(study(tmp_path), named(["direct", "model"]), [0, 1], lambda line: None)
    base, direct = table_of(results)
    assert (base["accuracy"].value, direct["accuracy"].value, direct["change"].value) == (0.0, 1.0, 1.0)
    assert direct["seeds"] == [0, 1] and direct["rows"] == 8
    text = markdown(results)
    assert "| 8 | 0, 1 | 1.000 [0.292, 1.000] | +1.000 [+1.000, +1.000] |" in text, "and few images, few are sure"
    assert "- RL, rows scored by the judge alone: no row is scored by the judge." in text
    assert "- SFT, then RL: not asked for." in text
    page, picture = tmp_path / "page.md", tmp_path / "images.png"
    page.write_text(f"# Kept\n\n{MARK}\nold", "utf-8")
    write_page(results, page, picture)
    assert page.read_text("utf-8").startswith("# Kept") and "old" not in page.read_text("utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG") and "(images.png)" in page.read_text("utf-8")
    page.write_text("# No mark\n", "utf-8")
    with pytest.raises(ValueError, match="has no line"):
        write_page(results, page, picture)
