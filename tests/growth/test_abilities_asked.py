"""What a plan's abilities change: the questions of a small batch by the sample teacher, against the same batch by fixed
quotas, with a real lake and ledger.
"""

from __future__ import annotations

import json

import pytest

from resources.lake.resource import Commit, Write
from tests.synthesis.finished import finished_house
from tests.synthesis.house import ASSETS, House
from wethink_assets.growth.assets import growth_assets
from wethink_assets.memoisation import DETAIL
from wethink_assets.settings import GrowthSettings

PLAN = [asset for asset in growth_assets() if asset.key.path == ["growth_plan"]]
TO_QUESTIONS = [*PLAN, *ASSETS[:3]]
ANY, FOR = "generate_questions", "generate_questions_for"


@pytest.fixture
def house(tmp_path, tmp_path_factory):
    house = House(tmp_path / "house", copy_of=finished_house(tmp_path_factory))
    yield house
    house.lake.store.close()


def planned_anew(house: House, **growth):
    """The images of `g2` to their questions, by a plan that was made before the batch took them."""
    own = house.settings.model_copy(update={"growth": GrowthSettings(**growth)})
    images = house.lake.store.sql("SELECT * FROM source_images WHERE batch = 'g2'").to_dicts()
    house.lake.write(Commit("test"), [Write("source_images", [], replace={"batch": "g2"})])
    house.run("g2", settings=own, selection=PLAN)
    house.lake.write(Commit("test"), [Write("source_images", images, replace={"batch": "g2"})])
    house.run("g2", settings=own, selection=TO_QUESTIONS)
    return house.rows("questions", "g2")


def asked_of(house: House) -> dict[str, int]:
    """Calls of the ledger of the batch `g2`, by prompt."""
    rows = house.sql("SELECT prompt, count(*) AS n FROM calls WHERE batch = 'g2' GROUP BY prompt")
    return {row["prompt"]: row["n"] for row in rows}


def made_of(house: House) -> dict[str, str]:
    """What the questions of `g2` are made of, by which a run that goes on knows whether to make them again."""
    (row,) = house.sql("SELECT details FROM materializations WHERE asset = 'questions' AND batch = 'g2'")
    return json.loads(row["details"])[DETAIL]["inputs"]


def share(questions, abilities) -> float:
    return sum(not {*abilities}.isdisjoint(q["abilities"]) for q in questions) / len(questions)


@pytest.mark.long
def test_what_is_lacking_is_asked_for_and_only_that_is_paid_for(house):
    before = planned_anew(house)
    paid, first = asked_of(house), made_of(house)
    assert paid[ANY] == len({q["image_id"] for q in before}) and FOR not in paid

    after = planned_anew(house, policy="targets", images=20)
    plan = house.lake.rows("growth/select_abilities", batch="g2")
    lacking = [row["ability"] for row in plan if row["asked"]]
    assert lacking and all(row["share"] < row["aim"] for row in plan if row["asked"])
    assert share(after, lacking) > share(before, lacking) + 0.1
    assert asked_of(house) == paid | {FOR: paid[ANY]}, "each image is asked once more, the descriptions are the same"
    assert made_of(house) == first | {"growth_plan g2": made_of(house)["growth_plan g2"]} != first

    again = planned_anew(house, policy="fixed")
    assert again == before and asked_of(house) == paid | {FOR: paid[ANY]}, "what was paid is not paid again"
    assert made_of(house) == first
