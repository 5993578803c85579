"""All evaluation assets through Dagster: sample pack, real lake and ledger, teacher as judge, policies over HTTP."""

from __future__ import annotations

import json
import re
import shutil
import urllib.request
from datetime import UTC, datetime

import dagster as dg
import pytest
from click.testing import CliRunner

from resources.calls.resource import ModelCalls
from resources.lake.resource import Commit, Lake, Write
from resources.settings import SettingsResource
from resources.workers import sample_teacher
from resources.workers.vllm_server import PolicyServer
from tests import secrets_left
from tests.benchmark_sets.packed_sets import copy_sets
from tests.evaluation.policy_endpoint import PolicyEndpoint
from tests.fresh_lakes import fresh_lake_of
from tests.resources.calls.stub_endpoint import Act, Call, StubEndpoint
from wethink_assets.benchmark_sets.assets import benchmark_set_assets
from wethink_assets.benchmark_sets.cells import strings_in
from wethink_assets.benchmark_sets.registry import BENCHMARKS, BY_NAME
from wethink_assets.benchmark_sets.tsv import read_set
from wethink_assets.cli.main import main
from wethink_assets.decoding.hashing import sha256_of
from wethink_assets.evaluation import policy_assets
from wethink_assets.evaluation.assets import evaluation_assets
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.prompts import text_of
from wethink_assets.picture_files import PictureFiles
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import Settings

BASE, RL = "base-000000000000", "rl-000000000000"
RELEASE = "r" * 16


def gold_of(item: Item) -> str:
    golds = strings_in(item.answer or "")
    return str(item.extra.get("answer_option") or (golds[0] if golds else item.answer).split("<OR>")[0])


class KeyedJudge:
    """The sample teacher behind an endpoint that wants a key, and remembers what it was sent."""

    def __init__(self, settings: Settings) -> None:
        self._folders = (settings.truth_dir, settings.logs_dir)
        self._teacher = ""  # until it is asked
        self.stub = StubEndpoint(self._asked)
        self.stub.__enter__()
        told = {"base_url": self.stub.base_url, "api_key_env": secrets_left.KEY}
        self.endpoint = settings.endpoint("judge").model_copy(update=told)

    def _asked(self, call: Call) -> Act:
        if call.headers.get("Authorization") != f"Bearer {secrets_left.ENVIRONMENT[secrets_left.KEY]}":
            return Act({"error": {"message": "no such key"}}, 401)
        self._teacher = self._teacher or sample_teacher.acquire(*self._folders)
        url, body = f"{self._teacher}/chat/completions", json.dumps(call.body).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - our own server
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - our own server
            return Act(json.load(reply))

    def close(self) -> None:
        self.stub.__exit__()
        if self._teacher:
            sample_teacher.release(self._folders[0])


class House:
    """A lake with two policies and a release; evaluation reads the first rows of the sample pack's sets."""

    def __init__(self, root, pack, sets=tuple(BY_NAME)) -> None:
        self.folder = root / "benchmarks"
        copy_sets(pack, self.folder, sets)
        shutil.copytree(pack / "truth", root / "truth")  # the teacher writes into it
        items = [
            Item.of(i)
            for b in BENCHMARKS
            if b.name in sets
            for i in read_set(self.folder / b.file_name, b.name, sha256_of).items
        ]
        self.golds = {(text_of(BY_NAME[i.benchmark], i), i.image_ids[-1]): gold_of(i) for i in items}
        self.samples = {"What colour is it?": "red", "Describe the car.": "A red car stands on the left."}
        self.refuse: set[str] = set()
        self.endpoint = PolicyEndpoint(self.answer)
        self.settings = Settings(
            home=root / "home",
            sources_root=pack / "sources",
            benchmarks_root=self.folder,
            truth_root=root / "truth",
            evaluation={"policy_url": self.endpoint.url, "resamples": 500},
        )
        self.judge = KeyedJudge(self.settings)
        self.settings = self.settings.model_copy(update={"endpoints": {"judge": self.judge.endpoint}})
        fresh_lake_of(self.settings)
        self.lake = Lake.at(self.settings.lake_catalog, self.settings.lake_data_path)
        self.instance = dg.DagsterInstance.ephemeral()
        self._rows()

    def page(self, board) -> str:
        """The page that a materialization of the scoreboard names, below the home."""
        place = str(board.metadata["page"].value)
        assert place.startswith("home/reports/")
        return (self.settings.home / place.removeprefix("home/")).read_text("utf-8")

    def answer(self, model: str, text: str, image: bytes) -> str | None:
        if text in self.refuse:
            return None
        right = self.samples.get(text) or self.golds[text, sha256_of(image)]
        reply = right if model == RL else "nothing of the kind"
        return f"<think>I look.</think><answer>{reply}</answer>"

    def _rows(self) -> None:
        def written(asset, details):
            return {
                "asset": asset,
                "batch": "",
                "run_id": "t",
                "rows_in": 1,
                "continued": 1,
                "dropped": 0,
                "failed": 0,
                "rows_written": 1,
                "seconds": 0.0,
                "committed_at": datetime.now(UTC),
                "details": details,
            }

        policies = [
            {"policy_id": p, "kind": k, "path": "nowhere", "config": {}, "seconds": 0.0, "run_id": "t"}
            for p, k in ((BASE, "base"), ("base-older", "base"), (RL, "rl"))
        ]
        image = json.loads((self.settings.truth_dir / "scenes.jsonl").open(encoding="utf-8").readline())
        sample = {
            "batch": "b",
            "image_id": image["image_id"],
            "question_id": "q",
            "answer_id": "a",
            "path_id": "p",
            "source": "coco",
            "licence": "x",
            "abilities": ["reasoning"],
            "refined_cot": "c",
            "image_path": image["image_uri"],
            "run_id": "t",
        }
        samples = [
            {
                **sample,
                "sample_id": s,
                "problem": q,
                "answer": a,
                "category": c,
                "answer_type": "text",
                "reward": r,
                "answer_typed": type_answer(a, category=c).to_json(),
            }
            for s, q, a, c, r in (
                ("s1", "What colour is it?", "red", "FIB", "rule"),
                ("s2", "Describe the car.", "A red car stands on the left.", "DES", "model"),
            )
        ]
        rows = [
            {
                "release_id": RELEASE,
                "sample_id": s["sample_id"],
                "image_id": s["image_id"],
                "split": "heldout",
                "position": i,
                "run_id": "t",
            }
            for i, s in enumerate(samples)
        ]
        release = {
            "release_id": RELEASE,
            "batches": ["b"],
            "target": 2,
            "rows": 2,
            "train_rows": 0,
            "heldout_rows": 2,
            "config": {},
            "snapshot_id": 0,
            "path": "x",
            "run_id": "t",
        }
        source = {
            "batch": "b",
            "source": "coco",
            "image_uri": image["image_uri"],
            "image_id": image["image_id"],
            "licence": "x",
            "file_bytes": 1,
            "position": 0,
            "context": {},
            "run_id": "t",
        }
        accounting = [
            written("base_policy", {"policy_id": BASE}),
            written("rl_policy", {"policy_id": RL}),
            written("release", {"release_id": RELEASE}),
        ]
        self.lake.write(
            Commit("test"),
            [
                Write("policies", policies, replace={}),
                Write("samples", samples, replace={}),
                Write("releases", [release], replace={}),
                Write("release_rows", rows, replace={}),
                Write("source_images", [source], replace={}),
                Write("materializations", accounting, mode="upsert"),
            ],
        )

    def run(self, **options):
        own = SettingsResource.of(self.settings)
        files = PictureFiles(lake=self.lake, settings=own)
        calls = ModelCalls(lake=self.lake, settings=own, images=files)
        resources = {
            "lake": self.lake,
            "settings": own,
            "images": files,
            "calls": calls,
            "server": PolicyServer(settings=own),
        }
        return dg.materialize(
            [*benchmark_set_assets(), *evaluation_assets(self.settings.evaluation)],
            resources=resources,
            instance=self.instance,
            **options,
        )

    def close(self) -> None:
        self.judge.close()
        self.lake.store.close()

    def board(self):
        return {row["benchmark"]: row for row in self.lake.store.sql("SELECT * FROM scoreboard").to_dicts()}

    def sql(self, text, **parameters):
        return self.lake.store.sql(text, **parameters).to_dicts()


@pytest.fixture(scope="module")
def house(tiny_pack, tmp_path_factory):
    """Its environment is full of marked secrets, one of which the judge wants."""
    with secrets_left.marked_environment():
        house = House(tmp_path_factory.mktemp("evaluation"), tiny_pack)
        yield house
        house.endpoint.close()
        house.close()


def failed_checks(result) -> set[str]:
    return {f"{e.asset_key.path[-1]}:{e.check_name}" for e in result.get_asset_check_evaluations() if not e.passed}


@pytest.fixture(scope="module")
def first(house):
    (house.settings.home / "dagster").mkdir()
    watch, later = secrets_left.Watch(every_s=0.3), house.instance  # of the later runs nobody searches the storage
    with dg.DagsterInstance.local_temp(str(house.settings.home / "dagster")) as house.instance:
        result = house.run()
    watch.close()
    house.instance, house.watch = later, watch
    return result


def test_every_set_is_scored_for_both_policies(house, first):
    board = house.board()
    assert set(board) == set(BY_NAME)
    for name, row in board.items():
        assert row["n"] > 0 and row["base"] is not None, name
        assert row["base"] < 40 * BY_NAME[name].scale / 100, (name, row["base"])
        assert row["rl"] > 95 * BY_NAME[name].scale / 100, (name, row["rl"])
        assert row["delta"] == pytest.approx(row["rl"] - row["base"]) and row["significant"] in (True, None)
    assert board["OCRBench"]["rl"] == 1000.0 and board["OCRBench"]["paper_rl"] == 890.0
    # The sample pack's files are not the published ones; nothing else may be wrong.
    assert failed_checks(first) == {"benchmark_items:published_files"}


def test_prompts_follow_the_rules_of_the_sets(house, first):
    by_text = {b["messages"][-1]["content"][-1]["text"]: b for b in house.endpoint.asked}
    systems = {
        row["benchmark"]: {m["role"] for m in by_text[row["prompt"]]["messages"]}
        for row in house.sql("SELECT benchmark, prompt FROM predictions")
    }
    assert systems["OCRBench"] == systems["AI2D_TEST"] == {"user"}
    assert systems["MMStar"] == systems["heldout"] == {"system", "user"}
    assert all(b["temperature"] == 0.0 and b["model"] in (BASE, RL) for b in house.endpoint.asked)
    splits = house.sql(
        "SELECT DISTINCT i.split FROM predictions p JOIN benchmark_items i USING (benchmark, item) "
        "WHERE p.benchmark = 'MMMU_DEV_VAL'"
    )
    assert splits == [{"split": "validation"}]


def test_every_number_leads_to_items_calls_and_judge_calls(house, first):
    lost = house.sql("SELECT count(*) AS n FROM predictions p ANTI JOIN calls c USING (call_id)")
    judged = house.sql(
        "SELECT count(*) AS n, count(c.call_id) AS known FROM item_scores s "
        "LEFT JOIN calls c ON c.call_id = s.judge_call_id WHERE s.method = 'judge'"
    )
    assert lost[0]["n"] == 0 and judged[0]["n"] == judged[0]["known"] > 0
    means = house.sql(
        "SELECT s.value, (SELECT 100 * avg(i.score) FROM item_scores i "
        "WHERE i.benchmark = 'MMStar' AND i.policy_id = s.policy_id) AS mean "
        "FROM scores s WHERE s.benchmark = 'MMStar' AND s.main"
    )
    assert all(row["value"] == pytest.approx(row["mean"]) for row in means)


def test_no_child_has_the_key_of_the_judge_and_it_is_left_nowhere(house, first):
    asked = house.sql("SELECT count(*) AS n FROM calls WHERE role = 'judge'")[0]["n"]
    sent = {call.headers["Authorization"] for call in house.judge.stub.calls}
    assert asked > 0 and sent == {f"Bearer {secrets_left.ENVIRONMENT[secrets_left.KEY]}"}
    seen = " ".join(house.watch.seen)
    assert "wethink_assets.decoding.worker" in seen and "wethink_assets.demo.teacher" in seen
    assert not house.watch.marked
    assert not secrets_left.left_in_files(house.folder.parent)
    assert not secrets_left.left_in_lake(house.lake.store)


def test_the_ui_shows_table_plot_and_examples(house, first):
    (board,) = first.asset_materializations_for_node("scoreboard")
    assert "| MMStar | strict_accuracy |" in board.metadata["scoreboard"].value
    assert board.metadata["plot"].value.startswith("![plot](data:image/png;base64,")
    assert len(board.metadata["plot"].value) < 100_000 and len(board.metadata["radar"].value) < 150_000
    page = house.page(board)
    assert "http" not in page.replace("http://", "").split("<h2")[0] and "<script" not in page and 'src="data:' in page
    for row in house.sql("SELECT benchmark, item, call_id FROM predictions"):
        assert row["call_id"] in page
        assert f'id="{row["benchmark"]}-rl-{row["item"]}"' in page
    for name in BY_NAME:
        assert f'href="#{name}-base"' in page and f'id="{name}-base"' in page
    places = set(re.findall(r' id="([^"]+)"', page))
    assert not set(re.findall(r'href="#([^"]+)"', page)) - places  # no number leads nowhere
    star = house.sql("SELECT item FROM benchmark_items WHERE benchmark = 'MMStar'")
    assert all(page.count(f'href="#MMStar-rl-{row["item"]}"') >= 1 for row in star)  # categories lead to their items
    sure = house.sql("SELECT count(*) AS n FROM scoreboard WHERE p_holm < 0.05 AND delta > 0")[0]["n"]
    assert (
        sure < len(BENCHMARKS)
        and f"better on {len(BENCHMARKS)} of {len(BY_NAME)} sets, on {sure} after Holm's correction; worse on none"
        in page
    )
    sets = {m.asset_key.path[-1]: m for m in first.asset_materializations_for_node("scores")}
    assert sets.keys() == BY_NAME.keys() and f"| {BASE} |" in sets["MMStar"].metadata["examples"].value
    assert "](http://127.0.0.1:3200/row/MMStar%3A" in sets["MMStar"].metadata["examples"].value


def test_held_out_items_are_compared_too(house, first):
    env = {"WETHINK_HOME": str(house.settings.home), "WETHINK_SOURCES_ROOT": str(house.settings.sources_root)}
    done = CliRunner().invoke(main, ["compare", "base", "rl", "--benchmarks", "heldout"], env=env)
    assert done.exit_code == 0, done.output
    page = (house.settings.home / "reports" / f"compare_{BASE}_{RL}.html").read_text("utf-8")
    assert "fixed: 2" in page and "What colour is it?" in page and "Describe the car." in page
    assert page.count('src="data:image/jpeg;base64,') == 2  # the samples' images lie with their sources


def test_the_policy_is_promoted_by_the_held_out_rows_and_shown_with_its_scores(house, first):
    (row,) = house.sql("SELECT policy_id, release_id, promoted, n, delta FROM promotions")
    assert row == {"policy_id": RL, "release_id": RELEASE, "promoted": True, "n": 2, "delta": 100.0}
    env = {"WETHINK_HOME": str(house.settings.home), "WETHINK_SOURCES_ROOT": str(house.settings.sources_root)}
    listed, shown = (CliRunner().invoke(main, ["policies", *which], env=env) for which in (["list"], ["show", RL]))
    assert listed.exit_code == shown.exit_code == 0, listed.output + shown.output
    assert RL in listed.output and "yes: +100.0" in listed.output and BASE in listed.output
    assert "MMStar" in shown.output and "Recipe" in shown.output
    refused = CliRunner().invoke(main, ["policies", "show", "nobody"], env=env)
    assert refused.exit_code == 1 and "0 policies are called 'nobody'" in refused.output


def test_a_second_run_asks_nothing_and_writes_nothing(house, first):
    text = " UNION ALL ".join(f"SELECT run_id FROM {t}" for t in ("predictions", "item_scores", "scoreboard"))
    asked, paid, rows = len(house.endpoint.asked), house.sql("SELECT count(*) AS n FROM calls"), house.sql(text)
    again = house.run()
    assert len(house.endpoint.asked) == asked
    assert house.sql("SELECT count(*) AS n FROM calls") == paid and house.sql(text) == rows
    assert failed_checks(again) == {"benchmark_items:published_files"}


def test_every_check_can_be_run_again_alone(house, first):
    rows = house.sql("SELECT asset, run_id, committed_at FROM materializations ORDER BY asset")
    again = house.run(selection=dg.AssetSelection.all_asset_checks())
    checks = {(e.asset_key, e.check_name): e.passed for e in first.get_asset_check_evaluations()}
    assert {(e.asset_key, e.check_name): e.passed for e in again.get_asset_check_evaluations()} == checks
    assert not again.get_asset_materialization_events()
    assert house.sql("SELECT asset, run_id, committed_at FROM materializations ORDER BY asset") == rows


@pytest.mark.long
def test_missing_files_lost_rows_and_failed_calls_are_named_and_the_rest_is_scored(house, first):
    (house.folder / "MMVet.tsv").unlink()
    star = house.folder / "MMStar.tsv"
    star.write_bytes(star.read_bytes()[:-40])  # cut off within the last row
    prompt = house.sql("SELECT prompt FROM predictions WHERE benchmark = 'AI2D_TEST' ORDER BY item LIMIT 1")[0][
        "prompt"
    ]
    house.refuse.add(prompt)
    house.lake.write(Commit("t"), [Write("calls", [], replace={"role": "policy", "model": RL})])
    result = house.run()
    assert failed_checks(result) == {
        "benchmark_items:published_files",
        "benchmark_items:all_sets_present",
        "predictions_rl:all_answered",
        "scoreboard:scores_complete",
    }
    board = house.board()
    assert board["MMVet"]["base"] is None and board["OCRBench"]["rl"] == 1000.0
    (star_,) = house.sql(
        "SELECT n, n_set, n_failed FROM scores WHERE benchmark = 'MMStar' AND main AND policy_id = $p", p=RL
    )
    assert star_["n"] == star_["n_set"] - 1 and star_["n_failed"] == 1
    reasons = {r["reason"] for r in house.sql("SELECT reason FROM verdicts WHERE asset = 'benchmark_items'")}
    assert reasons == {"missing_file", "truncated_row"}
    rows = house.sql("SELECT policy_kind, n, n_set FROM scores WHERE benchmark = 'AI2D_TEST' AND main ORDER BY 1")
    assert [r["n_set"] - r["n"] for r in rows] == [0, 1]
    assert board["AI2D_TEST"]["n"] == rows[0]["n"] - 1


def test_a_set_that_got_worse_raises_though_the_mean_rose(house, first):
    rows = house.sql("SELECT * FROM item_scores WHERE benchmark IN ('MMStar', 'heldout')")
    turned = [r | {"score": float(r["policy_id"] == BASE), "verdict": "turned"} for r in rows]
    house.lake.write(Commit("t"), [Write("item_scores", turned, mode="upsert")])
    result = house.run(selection=["scoreboard"])
    (check,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "no_significant_regression"]
    assert not check.passed and check.severity == dg.AssetCheckSeverity.ERROR and "MMStar" in check.description
    (check,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "policy_promoted"]
    assert not check.passed and "below its base" in check.description
    assert house.sql("SELECT promoted FROM promotions") == [{"promoted": False}]
    assert sum(r["delta"] for r in house.board().values() if r["delta"]) > 0
    page = house.page(result.asset_materializations_for_node("scoreboard")[0])
    assert 'worse after Holm\'s correction: <a href="#MMStar-rl">MMStar</a>' in page
    house.lake.write(Commit("t"), [Write("item_scores", rows, mode="upsert")])


def failure_of(result, step: str) -> str:
    (event,) = [e for e in result.get_step_failure_events() if e.step_key == step]
    return event.step_failure_data.user_failure_data.description


def test_without_a_policy_or_its_server_the_cure_is_said(tmp_path, tiny_pack, monkeypatch):
    real = policy_assets.policy_endpoint
    monkeypatch.setattr(
        policy_assets, "policy_endpoint", lambda *given: real(*given).model_copy(update={"max_attempts": 1})
    )  # no waiting
    house = House(tmp_path, tiny_pack, ("MMStar",))
    house.endpoint.close()
    result = house.run(selection=["predictions_base"], raise_on_error=False)
    message = failure_of(result, "predictions_base")
    assert house.endpoint.url in message and "\n" not in message
    house.lake.write(Commit("t"), [Write("policies", [], replace={})])
    result = house.run(selection=["predictions_base"], raise_on_error=False)
    assert "materialise base_policy" in failure_of(result, "predictions_base")
    house.close()
