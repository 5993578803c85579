"""Pass rates through Dagster: real lake and ledger, a policy over HTTP whose answers depend on the seed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dagster as dg
import pytest

from resources.calls.resource import ModelCalls
from resources.lake.resource import Commit, Lake, Write
from resources.settings import SettingsResource
from resources.workers.vllm_server import PolicyServer
from tests.evaluation.policy_endpoint import PolicyEndpoint
from tests.fresh_lakes import fresh_lake_of
from wethink_assets.evaluation import policy_assets
from wethink_assets.pass_rates import assets
from wethink_assets.pass_rates.assets import pass_rate_assets
from wethink_assets.picture_files import PictureFiles
from wethink_assets.rewards.gold_types import type_answer
from wethink_assets.settings import Settings
from wethink_assets.training.release_rows import learned_rows
from wethink_assets.training.row_file import read_windows

BASE, RL, RELEASE = "base-000000000000", "rl-000000000000", "r" * 16
ANSWERS = 4
# Right answers of four by question: of the base policy, and of the RL policy.
RIGHT = {"never": (0, 0), "once": (1, 0), "twice": (2, 4), "thrice": (3, 4), "always": (4, 4), "held": (1, 4)}


class SeededPolicy(PolicyEndpoint):
    """Right about a question as often as `RIGHT` says: the seeds from 0 on are."""

    def __init__(self) -> None:
        super().__init__(lambda *_: None)
        self.left = 10**9  # requests until the server is gone

    def reply(self, body: dict, text: str, image: bytes) -> str | None:
        self.left -= 1
        if self.left < 0:
            raise ConnectionAbortedError("gone")
        name = text.split()[0]
        right = body["seed"] < RIGHT[name][body["model"] == RL]
        return f"<think>I look.</think><answer>{'red' if right else 'blue'}</answer>"


class House:
    """A lake with two policies and a release of six rows that a rule scores and one that a judge would."""

    def __init__(self, home, pack) -> None:
        self.endpoint = SeededPolicy()
        self.settings = Settings(
            home=home,
            sources_root=pack / "sources",
            evaluation={"policy_url": self.endpoint.url, "resamples": 200, "concurrency": 2},
            pass_rates={"rows": 100, "answers": ANSWERS},
        )
        fresh_lake_of(self.settings)
        self.lake = Lake.at(self.settings.lake_catalog, self.settings.lake_data_path)
        scenes = [json.loads(line) for line in (pack / "truth" / "scenes.jsonl").open(encoding="utf-8")][: len(RIGHT)]
        rows = [
            self._row(number, name, scene, "DES" if name == "describe" else "FIB")
            for number, (name, scene) in enumerate(zip([*RIGHT, "describe"], [*scenes, scenes[0]], strict=True))
        ]
        sources = [
            {
                "batch": "b",
                "source": "coco",
                "image_uri": scene["image_uri"],
                "image_id": scene["image_id"],
                "licence": "x",
                "file_bytes": 1,
                "position": 0,
                "context": {},
                "run_id": "t",
            }
            for scene in scenes
        ]
        policies = [
            {"policy_id": p, "kind": k, "path": "nowhere", "config": {}, "seconds": 0.0, "run_id": "t"}
            for p, k in ((BASE, "base"), (RL, "rl"))
        ]
        release = {
            "release_id": RELEASE,
            "batches": ["b"],
            "target": len(rows),
            "rows": len(rows),
            "train_rows": len(rows) - 1,
            "heldout_rows": 1,
            "config": {},
            "snapshot_id": 0,
            "path": "x",
            "run_id": "t",
        }
        done = [
            ("base_policy", {"policy_id": BASE}),
            ("rl_policy", {"policy_id": RL}),
            ("release", {"release_id": RELEASE}),
        ]
        self.lake.write(
            Commit("test"),
            [
                Write("policies", policies, replace={}),
                Write("releases", [release], replace={}),
                Write("release_rows", rows, replace={}),
                Write("source_images", sources, replace={}),
                Write("materializations", [self._done(*one) for one in done], mode="upsert"),
            ],
        )

    def _row(self, number: int, name: str, scene: dict, category: str) -> dict:
        return {
            "release_id": RELEASE,
            "sample_id": f"s-{name}",
            "image_id": scene["image_id"],
            "split": "heldout" if name == "held" else "train",
            "position": 0 if name == "held" else number,
            "run_id": "t",
            "batch": "b",
            "source": "coco",
            "licence": "x",
            "problem": f"{name} – what colour is it?",
            "answer": "red",
            "answer_typed": type_answer("red", category=category).to_json(),
            "answer_type": "text",
            "category": category,
            "abilities": ["reasoning"],
            "refined_cot": "c",
            "image_path": scene["image_uri"],
            "reward": "model" if category == "DES" else "rule",
        }

    def _done(self, asset: str, details: dict) -> dict:
        numbers = dict.fromkeys(("rows_in", "continued", "dropped", "failed", "rows_written"), 0)
        return {"asset": asset, "batch": "", "run_id": "t", "seconds": 0.0, "committed_at": datetime.now(UTC)} | (
            numbers | {"details": details}
        )

    def run(self, *kinds: str, settings: Settings | None = None, **options):
        options.setdefault("selection", [f"pass_rates_{kind}" for kind in kinds])
        own = SettingsResource.of(settings or self.settings)
        files = PictureFiles(lake=self.lake, settings=own)
        resources = {
            "lake": self.lake,
            "settings": own,
            "images": files,
            "calls": ModelCalls(lake=self.lake, settings=own, images=files),
            "server": PolicyServer(settings=own),
        }
        return dg.materialize(
            pass_rate_assets(),
            resources=resources,
            instance=dg.DagsterInstance.ephemeral(),
            **options,
        )

    def rates(self, policy: str) -> dict[str, tuple[int, int]]:
        rows = self.lake.store.sql("FROM pass_rates WHERE policy_id = $p", p=policy).to_dicts()
        return {row["sample_id"].removeprefix("s-"): (row["correct"], row["scored"]) for row in rows}

    def with_(self, **pass_rates) -> Settings:
        own = self.settings.pass_rates.model_copy(update=pass_rates)
        return self.settings.model_copy(update={"pass_rates": own})


@pytest.fixture(scope="module")
def house(tiny_pack, tmp_path_factory):
    house = House(tmp_path_factory.mktemp("rates"), tiny_pack)
    yield house
    house.endpoint.close()
    house.lake.store.close()


@pytest.fixture(scope="module")
def both(house):
    return house.run("base", "rl")


def failed_checks(result) -> set[str]:
    return {e.check_name for e in result.get_asset_check_evaluations() if not e.passed}


def test_every_row_gets_the_rate_of_its_sampled_answers(house, both):
    assert house.rates(BASE) == {name: (base, ANSWERS) for name, (base, _) in RIGHT.items()}
    assert house.rates(RL) == {name: (rl, ANSWERS) for name, (_, rl) in RIGHT.items()}
    row = house.lake.store.sql("FROM pass_rates WHERE sample_id = 's-never' AND policy_id = $p", p=BASE).to_dicts()[0]
    assert (row["low"], row["release_id"], row["answers"]) == (0.0, RELEASE, ANSWERS) and 0.6 < row["high"] < 0.61
    assert json.loads(row["sampling"])["temperature"] == 1.0 and len(row["verifier"]) == 16
    asked = [body for body in house.endpoint.asked if body["model"] == BASE]
    assert {body["seed"] for body in asked} == set(range(ANSWERS)) and len(asked) == ANSWERS * len(RIGHT)
    assert all(body["temperature"] == 1.0 for body in asked)
    lost = house.lake.store.sql("SELECT count(*) AS n FROM pass_rate_answers ANTI JOIN calls USING (call_id)")
    assert lost["n"][0] == 0


def test_what_only_a_judge_can_score_is_left_out_with_its_reason(house, both):
    rows = house.lake.store.sql("SELECT subject_id, reason FROM verdicts WHERE asset = 'pass_rates_base'").rows()
    assert rows == [("s-describe", "needs_judge")]
    assert not [body for body in house.endpoint.asked if "describe" in json.dumps(body["messages"])]


def test_pass_at_k_is_shown_and_a_policy_that_got_surer_and_no_better_is_warned_of(house, both):
    points = house.lake.store.sql("FROM pass_at_k WHERE part = 'all' ORDER BY policy_id, k").to_dicts()
    base, rl = ([p["value"] for p in points if p["policy_id"] == policy] for policy in (BASE, RL))
    assert base[0] == pytest.approx(11 / 24) and base[-1] == pytest.approx(5 / 6)
    assert rl[0] == pytest.approx(4 / 6) == rl[-1]
    (event,) = both.asset_materializations_for_node("pass_rates_rl")
    assert event.metadata["plot"].value.startswith("![pass rates](data:image/png")
    assert "| all |  | 4 | 6 | 66.7 |" in event.metadata["parts"].value
    (kept,) = [e for e in both.get_asset_check_evaluations() if e.check_name == "pass_at_k_kept"]
    assert kept.metadata["rows"].value == 6 and kept.metadata["value"].value == pytest.approx(-1 / 6)
    assert kept.passed  # one row of six: the interval reaches 0


def test_a_fall_that_is_no_accident_fails_the_check(house, both):
    rows = house.lake.store.sql("FROM pass_rates").to_dicts()
    worse = [r | {"correct": 0 if r["policy_id"] == RL else ANSWERS} for r in rows]
    house.lake.write(Commit("t"), [Write("pass_rates", worse, mode="upsert")])
    assert failed_checks(house.run(selection=dg.AssetSelection.all_asset_checks())) == {"pass_at_k_kept"}
    house.lake.write(Commit("t"), [Write("pass_rates", rows, mode="upsert")])


def test_a_second_run_asks_nothing_and_writes_nothing(house, both):
    asked = len(house.endpoint.asked)
    before = house.lake.store.sql("SELECT asset, run_id FROM materializations ORDER BY ALL").rows()
    result = house.run("base", "rl")
    assert result.success and len(house.endpoint.asked) == asked
    assert house.lake.store.sql("SELECT asset, run_id FROM materializations ORDER BY ALL").rows() == before


def test_a_policy_learns_from_rows_within_the_band(house, both, tmp_path):
    files = PictureFiles(lake=house.lake, settings=SettingsResource.of(house.settings))

    def learned(name: str, **pass_rates) -> tuple[set[str], dict[str, str]]:
        bands = house.with_(**pass_rates).pass_rates
        (tmp_path / name).mkdir()
        rows, failed, aside, count = learned_rows(house.lake, files, RELEASE, tmp_path / name, BASE, bands)
        assert not failed and count == 6
        names = {s.subject_id.removeprefix("s-"): s.reason for s in aside}
        assert rows.rows + len(names) == count
        return {*RIGHT, "describe"} - {"held"} - names.keys(), names

    kept, aside = learned("default")
    assert kept == {"once", "twice", "thrice", "describe"}
    assert aside == {"never": "pass_rate_below_band", "always": "pass_rate_above_band"}
    assert learned("of its source", bands={"coco": (0.0, 0.3)})[0] == {"never", "once", "describe"}
    assert learned("off", rows=0)[1] == {}


def test_rows_keep_their_rate_only_where_it_puts_them_in_order(house, both, tmp_path):
    files = PictureFiles(lake=house.lake, settings=SettingsResource.of(house.settings))

    def rates(by_rate: bool) -> tuple[dict[str, float | None], str]:
        bands = house.with_(band=(0.0, 1.0)).pass_rates
        rows, *_ = learned_rows(house.lake, files, RELEASE, tmp_path, BASE, bands, by_rate=by_rate)
        told = {row.sample_id.removeprefix("s-"): row.pass_rate for w in read_windows(rows.path) for row in w}
        assert rows.rated == sum(rate is not None for rate in told.values())
        return told, rows.digest

    (ordered, digest), (plain, other) = rates(True), rates(False)
    assert ordered["never"] == 0.0 < ordered["once"] < ordered["twice"] < ordered["always"] == 1.0
    assert ordered["describe"] is None and set(plain.values()) == {None}
    assert digest != other, "another order is another policy"


def test_without_rows_to_learn_from_training_does_not_start(house, both):
    narrow = house.with_(band=(0.4, 0.45))
    assert "learnable_rows" in failed_checks(house.run("base", settings=narrow))  # some have no rate: a warning
    rated = house.lake.store.sql("FROM release_rows WHERE sample_id = 's-describe'").to_dicts()
    house.lake.write(Commit("t"), [Write("release_rows", [], replace={"sample_id": "s-describe"})])
    result = house.run("base", settings=narrow, raise_on_error=False)
    (check,) = [e for e in result.get_asset_check_evaluations() if e.check_name == "learnable_rows"]
    assert not check.passed and check.severity == dg.AssetCheckSeverity.ERROR
    assert "0 of 5 measured training rows" in check.description
    house.lake.write(Commit("t"), [Write("release_rows", rated, mode="add_missing")])


def test_off_it_asks_nobody_and_leaves_what_was_measured(house, both):
    asked, rates = len(house.endpoint.asked), house.rates(BASE)
    result = house.run("base", "rl", settings=house.with_(rows=0))
    assert result.success and not failed_checks(result)
    assert len(house.endpoint.asked) == asked and house.rates(BASE) == rates


@pytest.mark.long
def test_a_server_that_dies_costs_only_what_it_had_not_answered(tiny_pack, tmp_path, monkeypatch):
    real = policy_assets.policy_endpoint
    monkeypatch.setattr(assets, "policy_endpoint", lambda *given: real(*given).model_copy(update={"max_attempts": 1}))
    house = House(tmp_path, tiny_pack)
    house.endpoint.left = 9
    first = house.run("base")
    assert "answers_complete" in failed_checks(first)
    known = set(house.lake.store.sql("SELECT call_id FROM calls WHERE status = 'ok'")["call_id"])
    assert len(known) == 9
    house.endpoint.left, house.endpoint.asked = 10**9, []
    second = house.run("base")
    assert not failed_checks(second) and len(house.endpoint.asked) == ANSWERS * len(RIGHT) - 9
    assert house.rates(BASE) == {name: (base, ANSWERS) for name, (base, _) in RIGHT.items()}
    house.endpoint.close()
    house.lake.store.close()
