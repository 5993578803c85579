"""`wethink evaluate` and `wethink compare` as a user runs them: real processes, a real HTTP endpoint, a real lake."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from resources.lake.store import Commit, LakeStore, Write
from tests.benchmark_sets.packed_sets import copy_sets
from tests.benchmark_sets.tsv_files import b64, png, write
from tests.evaluation.policy_endpoint import PolicyEndpoint
from tests.fresh_lakes import fresh_lake
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.benchmark_sets.tsv import read_set
from wethink_assets.cli.main import main
from wethink_assets.decoding.hashing import sha256_of
from wethink_assets.evaluation.families.registry import scored_sets
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import text_of
from wethink_assets.settings import PROJECT_ROOT, EvaluationSettings, ExtraBenchmark, Settings

SETS = ("MMStar", "OCRBench", "AI2D_TEST")
EXTRA = """
[[evaluation.extra]]
name = "RealWorldQA"
md5 = "4de008f55dc4fd008ca9e15321dc44b7"

[[evaluation.extra]]
name = "ChartQA_TEST"
rule = "chartqa"
style = "question"
suffix = "\\nAnswer the question using a single word or phrase."
md5 = "c902e0aa9be5582a7aad6dcf52734b42"
"""


class Installation:
    """A home, a folder of sets, a configuration and an endpoint whose model `good` knows every answer."""

    def __init__(self, root: Path, pack: Path) -> None:
        self.folder, self.home = root / "sets", root / "home"
        copy_sets(pack, self.folder, SETS)
        self.golds = {}
        for name in SETS:
            for row in read_set(self.folder / f"{name}.tsv", name, sha256_of).items:
                item = Item.of(row)
                gold = json.loads(item.answer.replace("'", '"'))[0] if name == "OCRBench" else item.answer
                self.golds[text_of(BY_NAME[name], item), item.image_ids[-1]] = gold
        self.config = root / "wethink.toml"
        self.config.write_text(
            f'home = "{self.home}"\nbenchmarks_root = "{self.folder}"\n[evaluation]\nresamples = 200\n{EXTRA}'
        )
        self.endpoint = PolicyEndpoint(self.answer)
        fresh_lake(self.home / "lake")
        self.env = {"WETHINK_CONFIG": str(self.config)}

    def answer(self, model: str, text: str, image: bytes) -> str | None:
        right = self.golds.get((text, sha256_of(image)), "7")
        return f"<think>I look.</think><answer>{right if model != 'bad' else 'nothing'}</answer>"

    def arguments(self, *more: str, model: str = "good") -> list[str]:
        return ["evaluate", "--endpoint", self.endpoint.url, "--model", model, "--rules-only", *more]

    def run(self, *more: str, **options: str):
        return CliRunner().invoke(main, self.arguments(*more, **options), env=self.env)

    def sql(self, text: str):
        store = LakeStore(f"sqlite:{self.home}/lake/catalog.sqlite", f"{self.home}/lake/data")
        try:
            return store.sql(text).to_dicts()
        finally:
            store.close()


@pytest.fixture(scope="module")
def installation(tiny_pack, tmp_path_factory):
    installed = Installation(tmp_path_factory.mktemp("evaluate"), tiny_pack)
    yield installed
    installed.endpoint.close()


@pytest.fixture(scope="module")
def first(installation):
    done = [installation.run("--benchmarks", "MMStar,OCRBench", model=model) for model in ("good", "bad")]
    assert [d.exit_code for d in done] == [0, 0], [d.output for d in done]
    return done[0]


def test_scores_are_printed_and_recorded_without_dagster(installation, first):
    assert "strict_accuracy, rules only" in first.output and "vlmevalkit_accuracy, rules only" in first.output
    rows = installation.sql(
        "SELECT policy_id, benchmark, value, name FROM scores WHERE main ORDER BY benchmark, policy_id"
    )
    assert [(r["policy_id"], r["benchmark"], r["value"]) for r in rows] == [
        ("bad", "MMStar", 0.0),
        ("good", "MMStar", 100.0),
        ("bad", "OCRBench", 0.0),
        ("good", "OCRBench", 1000.0),
    ]
    lost = installation.sql("SELECT count(*) AS n FROM predictions p ANTI JOIN calls c USING (call_id)")
    conserved = installation.sql(
        "SELECT count(*) AS n FROM materializations WHERE rows_in <> continued + dropped + failed"
    )
    assert lost[0]["n"] == conserved[0]["n"] == 0


def test_what_gates_compare_with_is_left_alone(installation, first):
    held = [
        installation.sql(f"SELECT count(*) AS n FROM contamination_{what}")[0]["n"]
        for what in ("sets", "questions", "images")
    ]
    assert held == [0, 0, 0] and installation.sql("SELECT count(*) AS n FROM benchmark_items")[0]["n"] > 0


def test_no_dagster_is_imported():
    code = (
        "import sys, wethink_assets.cli.evaluate, resources.calls.run; "
        "print([m for m in ('dagster', 'torch', 'vllm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_same_command_asks_nothing_again(installation, first):
    asked = len(installation.endpoint.asked)
    again = installation.run("--benchmarks", "MMStar,OCRBench")
    assert again.exit_code == 0 and len(installation.endpoint.asked) == asked


def test_two_policies_are_compared_on_one_page(installation, first):
    done = CliRunner().invoke(main, ["compare", "bad", "good", "--benchmarks", "MMStar,OCRBench"], env=installation.env)
    assert done.exit_code == 0, done.output
    page = (installation.home / "reports" / "compare_bad_good.html").read_text("utf-8")
    items = installation.sql("SELECT count(*) AS n FROM benchmark_items WHERE benchmark = 'MMStar'")[0]["n"]
    assert f"fixed: {items}" in page and "broken: 0" in page and "both wrong: 0" in page
    assert page.count("data:image/jpeg;base64,") > 0 and "<script" not in page and "&lt;answer&gt;" in page
    back = CliRunner().invoke(main, ["compare", "good", "bad", "--benchmarks", "MMStar"], env=installation.env)
    assert back.exit_code == 0 and "broken" in back.output
    unknown = CliRunner().invoke(main, ["compare", "good", "nobody"], env=installation.env)
    assert unknown.exit_code == 1 and "nobody" in unknown.output and "\nTraceback" not in unknown.output


def test_predictions_are_exported_for_other_tools(installation, first, tmp_path):
    pandas = pytest.importorskip("pandas")
    done = installation.run("--benchmarks", "MMStar", "--export", str(tmp_path))
    assert done.exit_code == 0, done.output
    table = pandas.read_excel(tmp_path / "good_MMStar.xlsx")  # as VLMEvalKit's load() does
    assert {"index", "question", "A", "B", "answer", "prediction"} <= set(
        table.columns
    ) and "image" not in table.columns
    assert table["prediction"].str.contains("<answer>").all()
    installation.run("--benchmarks", "MMStar", "--export", str(tmp_path), "--format", "lmms-eval")
    samples = [json.loads(line) for line in (tmp_path / "good_samples_MMStar.jsonl").open(encoding="utf-8")]
    assert len(samples) == len(table) and [s["doc_id"] for s in samples] == list(range(len(samples)))
    assert all(s["resps"][0][0].endswith("</answer>") and s["strict_accuracy"] == 1.0 and s["target"] for s in samples)


def test_items_that_only_a_judge_can_grade_are_counted_and_said_once(installation, tiny_pack):
    shutil.copy(tiny_pack / "benchmarks" / "MMVet.tsv", installation.folder)
    done = installation.run("--benchmarks", "MMVet")
    assert done.exit_code == 1 and done.output.count("only a judge can grade this") == 3
    assert "MMVet: rules only: " in done.output and "items are left to a judge, which was not asked" in done.output
    assert "more rows with needs_judge" in done.output and "CHECK FAILED scores_complete: MMVet" in done.output


def test_without_a_judge_it_says_so_before_anything_is_asked(installation, first):
    asked = len(installation.endpoint.asked)
    arguments = [a for a in installation.arguments("--benchmarks", "MMStar,OCRBench") if a != "--rules-only"]
    refused = CliRunner().invoke(main, arguments, env=installation.env)
    assert refused.exit_code == 1 and len(installation.endpoint.asked) == asked
    assert "MMStar may need a judge, and none is named: give --rules-only" in refused.output
    assert "[endpoints.judge]" in refused.output and "sample teacher" not in refused.output
    no_rule_asks = [a.replace("MMStar,", "") for a in arguments]
    assert CliRunner().invoke(main, no_rule_asks, env=installation.env).exit_code == 0


def test_sets_are_added_by_one_row_of_the_configuration(installation, tiny_pack):
    (installation.folder / "RealWorldQA.tsv").write_bytes((tiny_pack / "benchmarks" / "MMStar.tsv").read_bytes())
    source = (tiny_pack / "benchmarks" / "DynaMath.tsv").read_bytes()
    (installation.folder / "ChartQA_TEST.tsv").write_bytes(source)
    done = installation.run("--benchmarks", "RealWorldQA,ChartQA_TEST", model="bad")
    assert done.exit_code == 0, done.output
    assert "RealWorldQA.tsv is not the published file" in done.output
    asked = [b["messages"][-1]["content"][-1]["text"] for b in installation.endpoint.asked]
    assert any(text.endswith("Answer the question using a single word or phrase.") for text in asked)
    scorers = {
        r["scorer"] for r in installation.sql("SELECT DISTINCT scorer FROM scores WHERE benchmark = 'ChartQA_TEST'")
    }
    assert scorers == {"strict", "vlmevalkit"}


def test_a_bad_row_of_configuration_says_what_there_is():
    for extra, message in (
        (ExtraBenchmark(name="MMStar"), "already"),
        (ExtraBenchmark(name="New", rule="magic"), "chartqa"),
    ):
        with pytest.raises(ValueError, match=message):
            scored_sets(EvaluationSettings(extra=(extra,)))


def test_the_papers_profile_is_what_its_wrapper_sends(installation):
    before = len(installation.endpoint.asked)
    done = installation.run(
        "--benchmarks", "MMStar,OCRBench", "--profile", "wethink", "--policy", "as-the-paper", "--limit", "2"
    )
    assert done.exit_code == 1 and "over 2 of" in done.output  # two items are not the set
    asked = installation.endpoint.asked[before:]
    assert len(asked) == 4
    for body in asked:
        assert (body["temperature"], body["top_p"], body["top_k"], body["max_tokens"]) == (0.01, 0.001, 1, 2048)
        ocr = body["messages"][0]["role"] != "system"
        pixels = {"min_pixels": (100 if ocr else 1280) * 784, "max_pixels": 16384 * 784}
        assert body["mm_processor_kwargs"] == pixels


def test_the_papers_profile_sends_mmmus_images_where_the_text_names_them(installation):
    cells = [b64(png(colour)) for colour in ("red", "blue")]
    rows = [
        {
            "index": 1,
            "image": json.dumps(cells),
            "question": "Is <image 2> like <image 1>?",
            "A": "yes",
            "B": "no",
            "answer": "A",
            "split": "validation",
        }
    ]
    write(installation.folder / "MMMU_DEV_VAL.tsv", rows)
    before = len(installation.endpoint.asked)
    done = installation.run("--benchmarks", "MMMU_DEV_VAL", "--profile", "wethink", "--policy", "as-the-paper")
    (body,) = installation.endpoint.asked[before:]
    content = [p.get("text") or p["image_url"]["url"].partition(",")[2] for p in body["messages"][-1]["content"]]
    end = "?\nOptions:\nA. yes\nB. no\nPlease select the correct answer from the options above. \n"
    assert content == ["Question: Is ", cells[1], " like ", cells[0], end], done.output
    assert installation.run("--benchmarks", "MMMU_DEV_VAL", "--policy", "plainly").exit_code == 0
    plain = installation.endpoint.asked[-1]["messages"][-1]["content"]
    assert [p["type"] for p in plain] == ["image_url", "image_url", "text"] and "[image 2]" in plain[2]["text"]


def test_unknown_set_and_unreachable_endpoint_are_one_line_each(installation):
    unknown = installation.run("--benchmarks", "MMStarr")
    assert unknown.exit_code == 1 and "MMStarr" in unknown.output and "MMStar," in unknown.output
    arguments = [
        "evaluate",
        "--endpoint",
        "http://127.0.0.1:9/v1",
        "--model",
        "nobody",
        "--benchmarks",
        "AI2D_TEST",
        "--rules-only",
        "--attempts",
        "1",
    ]
    nowhere = CliRunner().invoke(main, arguments, env=installation.env)
    assert nowhere.exit_code == 1 and "127.0.0.1:9" in nowhere.output and "Traceback" not in nowhere.output


def test_what_cannot_be_used_is_one_line_before_anything_is_asked(installation, first, tmp_path):
    (tmp_path / "file").write_text("x")
    store = LakeStore(f"sqlite:{installation.home}/lake/catalog.sqlite", f"{installation.home}/lake/data")
    policy = {"policy_id": "rl-1", "kind": "rl", "path": "p", "config": {}, "seconds": 0.0, "run_id": "t"}
    store.write(Commit("t"), [Write("policies", [policy], mode="upsert")])
    store.close()
    asked = len(installation.endpoint.asked)
    root = {"WETHINK_BENCHMARKS_ROOT": "s3://AKIAKEY:a-secret@bucket/sets"}
    for arguments, env, message in (
        (installation.arguments("--export", str(tmp_path / "file" / "x")), {}, "--export"),
        (installation.arguments("--policy", "rl-1"), {}, "rl-1 is a policy of the graph"),
        (["evaluate", "--endpoint", "localhost:9", "--model", "m"], {}, "base_url is no http or https URL"),
        (installation.arguments(), root, "BENCHMARKS_ROOT: s3://…: credentials belong in the environment"),
        (installation.arguments(), {"WETHINK_BENCHMARKS_ROOT": "nope2://x/y"}, "nope2://x/y cannot be reached"),
    ):
        done = CliRunner().invoke(main, arguments, env={**installation.env, **env})
        errors = [line for line in done.output.splitlines() if line.startswith("Error")]
        assert done.exit_code == 1 and len(errors) == 1 and message in errors[0], done.output
        assert "Traceback" not in done.output and "a-secret" not in done.output
    assert len(installation.endpoint.asked) == asked


@pytest.mark.long
def test_a_server_that_dies_costs_the_items_it_did_not_answer(tiny_pack, tmp_path):
    house = Installation(tmp_path, tiny_pack)
    seen = threading.Semaphore(4)
    plain = house.answer

    def answer(model: str, text: str, image: bytes) -> str | None:
        if not seen.acquire(blocking=False):
            house.endpoint._server.socket.close()  # nobody answers here any more
            raise ConnectionAbortedError
        return plain(model, text, image)

    house.endpoint.answer = answer
    done = house.run("--benchmarks", "MMStar,OCRBench", "--concurrency", "1", "--attempts", "1")
    assert (
        done.exit_code == 1 and "the server was lost" in done.output and "CHECK FAILED scores_complete" in done.output
    )
    rows = house.sql(
        "SELECT sum(n) AS n, sum(n_set) AS n_set, sum(n_failed) AS failed, string_agg(name, ' ') AS names "
        "FROM scores WHERE main"
    )
    assert rows[0]["n"] == 4 and rows[0]["n"] + rows[0]["failed"] == rows[0]["n_set"] and "over" in rows[0]["names"]
    reasons = house.sql("SELECT DISTINCT reason FROM verdicts WHERE asset LIKE 'evaluate/good/predictions/%'")
    assert reasons == [{"reason": "server_lost"}]
    house.endpoint = PolicyEndpoint(plain)  # another server, another URL: the ledger does not mind
    again = house.run("--benchmarks", "MMStar,OCRBench")
    assert again.exit_code == 0 and len(house.endpoint.asked) == rows[0]["n_set"] - 4
    house.endpoint.close()


@pytest.mark.long
def test_a_killed_evaluation_resumes_without_asking_again(tiny_pack, tmp_path):
    house = Installation(tmp_path, tiny_pack)
    plain, reached, go = house.answer, threading.Event(), threading.Event()
    count = 0

    def answer(model: str, text: str, image: bytes) -> str | None:
        nonlocal count
        count += 1
        if count > 6:
            reached.set()
            go.wait(60)
        return plain(model, text, image)

    house.endpoint.answer = answer
    command = [
        sys.executable,
        "-m",
        "wethink_assets.cli.main",
        *house.arguments("--benchmarks", "MMStar", "--concurrency", "1"),
    ]
    process = subprocess.Popen(
        command, cwd=PROJECT_ROOT, env={**os.environ, **house.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert reached.wait(120)
    process.send_signal(signal.SIGKILL)
    process.wait()
    go.set()
    durable = house.sql("SELECT count(*) AS n FROM calls WHERE role = 'policy'")[0]["n"]
    house.endpoint.answer, before = plain, len(house.endpoint.asked)
    done = house.run("--benchmarks", "MMStar")
    total = house.sql("SELECT count(*) AS n FROM predictions")[0]["n"]
    assert done.exit_code == 0, done.output
    assert len(house.endpoint.asked) - before == total - durable
    house.endpoint.close()


def test_broken_files_are_named_counted_and_the_rest_is_scored(tiny_pack, tmp_path):
    house = Installation(tmp_path, tiny_pack)
    star = house.folder / "MMStar.tsv"
    head, *lines = star.read_text("utf-8").splitlines(keepends=True)
    columns = head.rstrip("\n").split("\t")
    cells = lines[0].rstrip("\n").split("\t")
    unknown = dict(zip(columns, cells, strict=True)) | {"index": "9001", "answer": "Q"}
    picture = dict(zip(columns, cells, strict=True)) | {"index": "9002", "image": "iVBORw0KGgo" + "A" * 89}
    more = ["\t".join(row[c] for c in columns) + "\n" for row in (unknown, picture)]
    star.write_text(head + "".join(lines) + lines[0] + "".join(more) + "9003\tcut off", "utf-8")
    (house.folder / "OCRBench.tsv").unlink()
    done = house.run("--benchmarks", "MMStar,OCRBench,AI2D_TEST")
    assert done.exit_code == 1
    for reason in ("duplicate_index", "truncated_row", "missing_file", f"OCRBench.tsv is not in {house.folder}"):
        assert reason in done.output, reason
    assert "MMStar:9002: image_" in done.output
    assert "MMStar:9001: unknown_option: the gold 'Q' is none of the options A, B" in done.output
    rows = {r["benchmark"]: r for r in house.sql("SELECT benchmark, n, n_set, n_failed, name FROM scores WHERE main")}
    assert (
        rows["MMStar"]["n"] == len(lines)
        and rows["MMStar"]["n_set"] == len(lines) + 4
        and rows["MMStar"]["n_failed"] == 4
    )
    assert rows["MMStar"]["name"].startswith(f"strict_accuracy over {len(lines)} of {len(lines) + 4} items")
    assert rows["AI2D_TEST"]["n"] == rows["AI2D_TEST"]["n_set"] > 0
    house.endpoint.close()


@pytest.mark.long
def test_the_sets_may_lie_in_a_bucket(installation, bucket, tmp_path):
    bucket.put("lmu/MMStar.tsv", (installation.folder / "MMStar.tsv").read_bytes())
    env = {**installation.env, "WETHINK_BENCHMARKS_ROOT": f"{bucket.url}/lmu", "WETHINK_HOME": str(tmp_path)}
    refused = CliRunner().invoke(main, installation.arguments("--benchmarks", "MMStar"), env=env)
    assert refused.exit_code == 1 and "`wethink setup` makes one" in refused.output
    assert CliRunner().invoke(main, ["setup"], env=env).exit_code == 0
    done = CliRunner().invoke(main, installation.arguments("--benchmarks", "MMStar"), env=env)
    assert done.exit_code == 0 and "100.0" in done.output, done.output
    nowhere = CliRunner().invoke(
        main, installation.arguments("--benchmarks", "MMStar"), env={**env, "WETHINK_BENCHMARKS_ROOT": "s3://none/x"}
    )
    assert nowhere.exit_code == 1 and "MMStar.tsv: no files below s3://none/x" in nowhere.output


def test_settings_of_the_example_are_read():
    import tomllib

    text = (PROJECT_ROOT / "docs" / "wethink.example.toml").read_text("utf-8")
    settings = Settings.model_validate(tomllib.loads(text))
    assert {b.name for b in scored_sets(settings.evaluation)} >= {"RealWorldQA", "ChartQA_TEST"}
    assert settings.evaluation.profile == "wethink"
