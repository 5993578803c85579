"""A source that no file of the project knows: named in the settings, ingested by its asset, and part of the pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

import dagster as dg
import pytest
from click.testing import CliRunner
from PIL import Image, ImageDraw

from tests.extending.source_extension import EXTENSION, SHELVES, annotate
from tests.sources.running import materialize
from wethink_assets import extensions
from wethink_assets.cli.main import main
from wethink_assets.dataset.assets import target_shares
from wethink_assets.graph import build_definitions
from wethink_assets.settings import Settings
from wethink_assets.sources import catalog
from wethink_assets.sources.annotations import ImageAnnotations
from wethink_assets.sources.readers import registry as readers

MODULE = "tests.extending.source_extension"
KEY = dg.AssetKey(["sources", SHELVES.asset])
BOXES = {"cup": (12, 20, 40, 44), "jar": (70, 10, 60, 90)}
COLOURS = {"cup": "red", "jar": "blue"}


@pytest.fixture
def registered() -> Iterator[None]:
    extensions.register(EXTENSION)
    yield
    extensions.unregister(EXTENSION)


@pytest.fixture
def shelves(tmp_path) -> Path:
    """Three drawn shelves, a file that is no picture, and what is listed of them."""
    root = tmp_path / "shelves"
    (root / "photos").mkdir(parents=True)
    lines = ["# image\tthing\tbox\twords"]
    dice = Random(5)
    for number in range(3):
        photo = Image.frombytes("RGB", (20, 15), dice.randbytes(900)).resize((160, 120))
        for thing, (x, y, w, h) in BOXES.items():
            ImageDraw.Draw(photo).rectangle((x, y, x + w, y + h), COLOURS[thing])
            lines.append(f"shelf_{number}.png\t{thing}\t{x} {y} {w} {h}\t{COLOURS[thing]}, on the shelf")
        photo.save(root / f"photos/shelf_{number}.png")
    (root / "photos/shelf_9.png").write_bytes(b"no picture")
    lines += ["shelf_0.png\tlid\tno box\tround", "../coco/train2017/1.jpg\tlid\t1 1 1 1\tround"]
    (root / "goods.txt").write_text("\n".join(lines), "utf-8")
    return root


@pytest.fixture
def settings(tiny_settings, shelves) -> Iterator[Settings]:
    """Settings that name the extension and say where its files lie; what they load goes again with them."""
    sources = tiny_settings.sources.model_copy(update={"places": {SHELVES.key: str(shelves)}})
    yield tiny_settings.model_copy(update={"extensions": (MODULE,), "sources": sources})
    extensions.unregister(EXTENSION)


def assets_of(settings: Settings, *keys: dg.AssetKey) -> list[dg.AssetsDefinition]:
    definitions = build_definitions(settings)
    return [definitions.get_assets_def(key) for key in keys]


def test_it_stands_in_the_graph_behind_the_built_in_ones(settings):
    definitions = build_definitions(settings)
    graph = definitions.resolve_asset_graph()
    assert KEY in graph.get_all_asset_keys() and KEY in graph.get(dg.AssetKey("image_pool")).parent_keys
    assert definitions.resolve_job_def("grow_data").graph.node_dict.keys() >= {"sources__shelves", "image_pool"}
    built_in = len(catalog.SOURCES)
    assert catalog.sources_of(settings.sources)[built_in:] == (SHELVES,) and catalog.source("shelves") is SHELVES
    assert target_shares(settings)["shelves"] == 1_500.0
    extra = {"extra": [{"key": "more", "title": "More", "licence": "CC0", "reader": "goods"}]}
    added = catalog.sources_of(settings.model_copy().sources.model_validate(extra))
    assert [source.key for source in added[built_in:]] == ["shelves", "more"]


def test_its_images_reach_the_pool_with_their_boxes(settings, lake):
    coco = dg.AssetKey(["sources", "coco"])
    run = materialize(assets_of(settings, coco, KEY, dg.AssetKey("image_pool")), "b1", lake, settings)
    assert run.success
    rows = lake.store.sql("FROM source_images WHERE source = 'shelves' ORDER BY image_uri").to_dicts()
    assert [(row["image_uri"], row["licence"]) for row in rows[:1]] == [("shelves/photos/shelf_0.png", "CC BY 4.0")]
    for row in rows[:3]:
        things = {thing.name: thing for thing in ImageAnnotations.from_json(row["context"]).objects}
        assert {name: thing.box for name, thing in things.items()} == BOXES
        assert things["cup"].attributes == ("red", "on the shelf")
    assert rows[3]["context"] == "{}"
    held = lake.store.sql("SELECT image_uri FROM images WHERE source = 'shelves' ORDER BY 1")["image_uri"].to_list()
    assert held == [f"shelves/photos/shelf_{number}.png" for number in range(3)]
    stopped = lake.store.sql("FROM verdicts WHERE asset = 'image_pool' AND reason = 'not_an_image'").to_dicts()
    assert [verdict["subject_id"] for verdict in stopped] == ["shelves/photos/shelf_9.png"]
    assert lake.store.sql("SELECT count(*) AS n FROM images WHERE source = 'coco'")["n"][0] > 0
    checks = {check.check_name: check for check in run.get_asset_check_evaluations() if check.asset_key == KEY}
    assert checks["rows_conserved"].passed and not checks["annotations_readable"].passed
    problems = checks["annotations_readable"].description
    assert "shelves/goods.txt: broken_line: 'shelf_0.png' has no box" in problems and "unsafe_path" in problems


def test_the_command_checks_it(settings, shelves, tmp_path):
    (shelves / "photos/shelf_9.png").unlink()
    places = f'[sources.places]\nshelves = "{shelves}"'
    (tmp_path / "wethink.toml").write_text(f'home = "{tmp_path}/home"\nextensions = ["{MODULE}"]\n{places}\n', "utf-8")
    environment = {"WETHINK_CONFIG": str(tmp_path / "wethink.toml"), "COLUMNS": "200"}
    run = CliRunner().invoke(main, ["sources", "check", "shelves"], env=environment)
    assert run.exit_code == 0, run.output
    row = next(line for line in run.output.splitlines() if line.startswith("│ shelves"))
    assert row.count("3 of 3") == 2 and "goods.txt" in row


def test_names_are_taken_once(registered):
    readers.register("goods", annotate)
    catalog.register(replace(SHELVES))  # equal: as a module that is loaded twice hands it over
    with pytest.raises(
        ValueError, match=r"reader 'goods' \(.*test_source.*\).*: tests\.extending\.source_extension\.annotate"
    ):
        readers.register("goods", lambda tree, collector: None)
    with pytest.raises(ValueError, match=r"reader 'coco' .*readers\.coco"):
        readers.register("coco", annotate)
    with pytest.raises(ValueError, match=r"'shelves' .Other shelves.: .*'shelves' .Photographed shelves."):
        catalog.register(replace(SHELVES, title="Other shelves"))
    with pytest.raises(ValueError, match=r"'shelves' .Photographed"):
        catalog.register(replace(SHELVES, key="Shelves", asset=""))  # its asset would have the same name
    with pytest.raises(ValueError, match=r"'coco' .MS-COCO"):
        catalog.register(replace(SHELVES, key="coco", asset=""))
    with pytest.raises(ValueError, match="no reader 'os'"):
        catalog.register(replace(SHELVES, key="other", asset="", reader="os"))
    for helper in ("registry", "files", "../coco"):
        with pytest.raises(KeyError, match="no reader"):
            readers.reader(helper)


def test_nothing_is_left_of_it(tiny_settings):
    assert [source.key for source in catalog.sources_of(tiny_settings.sources)] == list(catalog.BY_KEY)
    assert "goods" not in readers.names()
    with pytest.raises(KeyError, match="no source 'shelves'"):
        catalog.source("shelves")


def test_rows_that_cannot_be_sources():
    with pytest.raises(ValueError, match="the key names a folder"):
        replace(SHELVES, key="../shelves")
    with pytest.raises(ValueError, match="say the licence"):
        replace(SHELVES, licence=" ")
