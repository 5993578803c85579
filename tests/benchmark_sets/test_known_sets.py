"""What gates compare with as sets come, go, break and return: the asset, its lake and the gates, on small files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from resources.lake.resource import Commit, Write
from resources.settings import SettingsResource
from tests.benchmark_sets.tsv_files import b64, png, row, write
from wethink_assets.accounting import StageResult, Stopped
from wethink_assets.benchmark_sets import assets
from wethink_assets.benchmark_sets.known_sets import KnownSets, known_sets
from wethink_assets.benchmark_sets.registry import BY_NAME
from wethink_assets.gates import Scope
from wethink_assets.images.gates import POOL_GATES
from wethink_assets.settings import EvaluationSettings, Settings

GATES = {gate.name: gate for gate in POOL_GATES}


class House:
    """A folder of sets, and a lake into which their asset reads them."""

    def __init__(self, lake, root):
        self.lake = lake
        self.settings = Settings(home=root / "home", benchmarks_root=root / "sets")
        self.settings.benchmarks_dir.mkdir()

    def put(self, name: str, *rows) -> None:
        write(self.settings.benchmarks_dir / f"{name}.tsv", list(rows))

    def read(self, *dismissed: str) -> dict[str, bool]:
        """Read the sets as they are now; how each check ended."""
        evaluation = EvaluationSettings(dismissed=dismissed)
        self.settings = self.settings.model_copy(update={"evaluation": evaluation})
        result = dg.materialize(
            assets.benchmark_set_assets(), resources={"lake": self.lake, "settings": SettingsResource.of(self.settings)}
        )
        return {check.check_name: check.passed for check in result.get_asset_check_evaluations()}

    def held(self) -> tuple[list[str], list[str]]:
        """Questions and images that gates compare with, as SET:item."""
        rows = (self.lake.rows(f"images/select_benchmark_{what}") for what in ("questions", "images"))
        questions, images = ([f"{r['benchmark']}:{r['item']}" for r in some] for some in rows)
        return questions, images

    def growth(self):
        return GATES["known_sets_present"].judge(Scope(self.lake, self.settings, "image_pool", "b1"))


@pytest.fixture
def house(lake, tmp_path, monkeypatch):
    two = (BY_NAME["MMStar"], BY_NAME["OCRBench"])  # with which the files are all there, and not read again
    monkeypatch.setattr(assets, "sets_of", lambda settings: two)
    house = House(lake, tmp_path)
    house.put("MMStar", row(1), row(2, image=b64(png("green"))))
    house.put("OCRBench", row(1, image=b64(png("blue"))))
    house.read()
    return house


@pytest.mark.long
def test_a_set_that_is_gone_is_held_on_and_stops_growth_until_it_returns_or_is_dismissed(house):
    everything = (["MMStar:1", "MMStar:2", "OCRBench:1"], ["MMStar:1", "MMStar:2", "OCRBench:1"])
    assert (house.held()[0], sorted(house.held()[1])) == everything and house.growth().passed
    before = house.lake.rows("benchmark_sets/select_known_sets")

    (house.settings.benchmarks_dir / "OCRBench.tsv").rename(house.settings.home / "aside.tsv")
    house.read()
    assert (house.held()[0], sorted(house.held()[1])) == everything
    outcome = house.growth()
    assert not outcome.passed and "OCRBench" in outcome.description and "dismissed" in outcome.description
    assert GATES["known_sets_present"].blocking
    after = house.lake.rows("benchmark_sets/select_known_sets")
    assert [r["version"] for r in after] == [r["version"] for r in before]
    house.read()
    assert house.lake.rows("benchmark_sets/select_known_sets") == after  # missing since the first time

    (house.settings.home / "aside.tsv").rename(house.settings.benchmarks_dir / "OCRBench.tsv")
    house.read()
    assert house.growth().passed and house.lake.rows("benchmark_sets/select_known_sets") == before

    (house.settings.benchmarks_dir / "OCRBench.tsv").unlink()
    house.read("OCRBench")
    assert house.growth().passed and house.held()[0] == ["MMStar:1", "MMStar:2"]
    house.read("MMStar")  # a set that is there is held whatever the setting says
    assert house.held()[0] == ["MMStar:1", "MMStar:2"]


def test_a_set_that_is_read_in_part_keeps_what_its_file_no_longer_gives(house):
    version = house.lake.rows("benchmark_sets/select_known_sets")[0]["version"]
    house.put("MMStar", row(1), row(2, image=b64(png("green")[:-30])))
    house.read()
    assert house.held()[0] == ["MMStar:1", "MMStar:2", "OCRBench:1"] and house.growth().passed
    assert house.lake.rows("benchmark_sets/select_known_sets")[0]["version"] == version
    house.put("MMStar", row(3, question="Who?"))  # read whole: another version of the set
    house.read()
    assert house.held()[0] == ["MMStar:3", "OCRBench:1"]
    assert house.lake.rows("benchmark_sets/select_known_sets")[0]["version"] != version


def test_items_of_another_folder_are_not_taken_for_those_of_this_one(house):
    """`wethink evaluate` writes what it asks; the asset does not say afterwards that nothing has changed."""
    items = house.lake.store.sql("SELECT * FROM benchmark_items").to_dicts()
    other = {**items[0], "question": "Another?", "run_id": "evaluate-1"}
    house.lake.write(Commit("evaluate"), [Write("benchmark_items", [other], replace={"benchmark": "MMStar"})])
    assert house.held()[0] == ["MMStar:1", "MMStar:2", "OCRBench:1"]
    house.read()
    again = house.lake.store.sql("SELECT * EXCLUDE (run_id) FROM benchmark_items ORDER BY benchmark, item").to_dicts()
    assert again == [{k: v for k, v in item.items() if k != "run_id"} for item in items]


def test_an_image_of_two_sets_is_held_for_each():
    """So that one of them can go without taking the other's image along."""
    image = {"image_id": "a", "phash": "0" * 16, "phash256": "0" * 64}
    items = [
        {"benchmark": name, "item": "1", "position": 0, "question": "", "image_ids": ["a"]}
        for name in ("MMStar", "OCRBench")
    ]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    both = StageResult(2, 2, {"benchmark_items": items, "benchmark_images": [image]})
    known = known_sets(both, KnownSets(), dismissed=(), now=now)
    assert [row["benchmark"] for row in known.images] == ["MMStar", "OCRBench"]
    gone = [Stopped("MMStar.tsv", "missing_file", "no such file")]
    one = StageResult(2, 1, {"benchmark_items": items[1:], "benchmark_images": [image]}, failed=gone)
    later = known_sets(one, known, dismissed=(), now=now + timedelta(days=1))
    assert [row["missing_since"] for row in later.sets] == [now + timedelta(days=1), None]
    left = known_sets(one, later, dismissed=("MMStar",), now=now + timedelta(days=2))
    assert [row["benchmark"] for row in left.images] == ["OCRBench"]
