"""`wethink sources check`, and sources that the configuration adds, pauses or places."""

from __future__ import annotations

import json

import dagster as dg
import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from tests.resources.storage.conftest import coco, picture, tarred
from tests.sources.running import materialize
from wethink_assets.cli.main import main
from wethink_assets.dataset.assets import target_shares
from wethink_assets.graph import build_definitions
from wethink_assets.settings import Settings
from wethink_assets.sources import check as check_module
from wethink_assets.sources.assets import source_assets
from wethink_assets.sources.catalog import source, sources_of
from wethink_assets.sources.check import check_source


def put(root, files):
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def run(tmp_path, *arguments, config=""):
    (tmp_path / "wethink.toml").write_text(
        f'home = "{tmp_path}/home"\nsources_root = "{tmp_path}/root"\n{config}', "utf-8"
    )
    environment = {"WETHINK_CONFIG": str(tmp_path / "wethink.toml"), "COLUMNS": "200"}
    return CliRunner().invoke(main, ["sources", "check", *arguments], env=environment)


def test_the_table_says_what_is_there_and_what_to_do(tmp_path):
    put(tmp_path / "root/coco", coco())
    put(tmp_path / "root/vg", {"VG_100K/2.jpg": b"no picture"})
    put(tmp_path / "root/sam", {"images/readme.txt": b"x"})
    put(tmp_path / "root", {"gqa.tar": tarred({"images/1.jpg": picture(3)})})
    result = run(tmp_path, "coco", "vg", "sam", "gqa", "llava", "pisc", config='[sources]\npaused = ["pisc"]')
    assert result.exit_code == 1
    rows = {
        cells[1].strip(): [c.strip() for c in cells[2:-1]]
        for line in result.output.splitlines()
        if (cells := line.split("│"))[2:]
    }
    assert rows["coco"][:5] == ["ok", "8", "8 of 8", "6 of 8", "annotations/captions_train2017.json"]
    assert rows["vg"][:4] == ["unreadable", "1", "0 of 1", "0 of 1"]
    assert rows["sam"][:2] == ["empty", "0"] and rows["gqa"][:3] == ["ok", "1", "1 of 1"]
    assert rows["llava"][0] == "missing" and rows["pisc"][0] == "paused"
    output = result.output
    assert "vg: vg/VG_100K/2.jpg: not_an_image" in output and "sam: no image in" in output
    assert "vg: annotations (none found) are optional: objects.json" in output and "homes.cs.washington.edu" in output
    assert "llava: source llava (LLaVA-Pretrain 558K): no folder" in output and "pisc:" not in output
    assert "2 of 6 sources can be taken from, 1 is paused; not vg, sam, llava" in output
    assert run(tmp_path, "coco", "gqa").exit_code == 0


def test_one_bad_picture_costs_itself_and_a_lost_place_costs_the_source(tmp_path):
    good = {f"VG_100K/{n}.jpg": picture(n) for n in range(5)}
    put(tmp_path / "root/vg", good | {"VG_100K/9.jpg": b"no picture", "more/7.jpg": picture(7)})
    settings = Settings(home=tmp_path / "home", sources_root=tmp_path / "root")
    report = check_source(source("vg"), settings)
    assert (report.ok, report.readable, report.sampled) == (True, 5, 6)
    advice = "\n".join(report.advice())
    assert "1 of 6 opened files give no picture: each is set aside" in advice and "9.jpg: not_an_image" in advice
    assert "1 image lies outside VG_100K and is not taken: more/ (1)" in advice
    for name in good:
        (tmp_path / "root/vg" / name).unlink()
        (tmp_path / "root/vg" / name).symlink_to(tmp_path / "gone.jpg")  # as on a share that is away
    lost = check_source(source("vg"), settings)
    assert not lost.ok


FOREIGN = {  # key: name, content that is sound but no file of this source
    "CLEVR_v1.0": ("from_mathvista_CLEVR-Math.json", b'{"1": {"question": "?"}}'),
    "coco": ("annotations/captions_mine.json", b'{"notes": []}'),
    "llava": ("package.json", b'{"name": "x"}'),
    "geoqa+": ("prompts.jsonl", b'{"prompt": "?"}\n{"prompt": "!"}\n'),
    "chartqa": ("train/notes_human.json", b'[{"who": "me"}]'),
    "textvqa": ("TextVQA_mine.json", b'{"rows": [1]}'),
    "docvqa": ("mine_v1.0.json", b"[1, 2]"),
    "gqa": ("my_questions.json", b'["a"]'),
    "ocr_vqa": ("book-listing.csv", b"a,b\nc,d\n"),
    "sqa": ("problems.json", b"[]"),
}


@pytest.mark.parametrize("key", FOREIGN)
def test_a_sound_file_of_another_format_is_one_line_and_no_fault(tmp_path, key):
    entry = source(key)
    name, content = FOREIGN[key]
    folder = entry.folders[0] + "/7" if entry.only else entry.folders[0]
    put(tmp_path / "root" / key, {f"{folder}/{entry.only or '1.png'}": picture(1), name: content})
    report = check_source(entry, Settings(home=tmp_path / "home", sources_root=tmp_path / "root"))
    assert report.ok and report.problems == [] and report.files == []
    assert len(report.notes) == 1 and f"{key}/{name}: not of this source's format (" in report.notes[0]
    put(tmp_path / "root" / key, {name: content[: len(content) // 2].rstrip(b"\n}")})
    broken = check_source(entry, Settings(home=tmp_path / "home", sources_root=tmp_path / "root"))
    if not name.endswith(".csv"):
        assert broken.ok and len(broken.problems) == 1 and "not of this source's format" not in broken.problems[0]


def test_an_unknown_source_is_one_line(tmp_path):
    result = run(tmp_path, "cocoo")
    assert result.exit_code == 1 and "no source 'cocoo'; the sources are coco, sam" in result.output


def test_large_sources_are_looked_at_in_part_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(check_module, "COUNTED", 5)
    monkeypatch.setattr(check_module, "READ", 2_000)
    captions = {"images": [{"id": n, "file_name": f"{n:012d}.jpg"} for n in range(200)], "annotations": []}
    put(tmp_path / "root/coco", coco() | {"annotations/captions_train2017.json": json.dumps(captions).encode()})
    settings = Settings(home=tmp_path / "home", sources_root=tmp_path / "root")
    report = check_source(source("coco"), settings, sample=3)
    assert (report.images, report.counted_all, report.sampled, report.readable) == (5, False, 3, 3)
    assert report.in_part == ["annotations/captions_train2017.json"] and report.ok
    result = run(tmp_path, "coco")
    assert (
        "5+" in result.output
        and "captions_train2017.json~" in result.output
        and "--full counts and reads all" in result.output
    )
    whole = check_source(source("coco"), settings, full=True)
    assert (whole.images, whole.counted_all, whole.in_part) == (8, True, [])


EXTRA = {
    "extra": [
        {
            "key": "my-cats",
            "title": "My cats",
            "licence": "CC0",
            "reader": "conversations",
            "folders": ["img"],
            "share": 500,
        }
    ]
}


def test_a_source_is_added_by_configuration(tmp_path, lake):
    put(
        tmp_path / "root/my-cats",
        {
            "img/1.jpg": picture(1),
            "img/2.jpg": picture(2),
            "other/3.jpg": picture(3),
            "cats.json": json.dumps(
                [{"image": "1.jpg", "conversations": [{"from": "gpt", "value": "a cat"}]}]
            ).encode(),
        },
    )
    settings = Settings(home=tmp_path / "home", sources_root=tmp_path / "root", sources=EXTRA)
    definitions = build_definitions(settings)
    graph = definitions.resolve_asset_graph()
    key = dg.AssetKey(["sources", "my_cats"])
    assert key in graph.get_all_asset_keys() and key in graph.get(dg.AssetKey("image_pool")).parent_keys
    assert definitions.resolve_job_def("grow_data").graph.node_dict.keys() >= {"sources__my_cats", "image_pool"}
    assert materialize(source_assets(settings.sources)[-1:], "b1", lake, settings).success
    rows = lake.store.sql("FROM source_images ORDER BY image_uri").to_dicts()
    assert [(r["source"], r["image_uri"], r["licence"]) for r in rows] == [
        ("my-cats", "my-cats/img/1.jpg", "CC0"),
        ("my-cats", "my-cats/img/2.jpg", "CC0"),
    ]
    assert rows[0]["context"] == '{"captions":["a cat"]}'
    assert target_shares(settings)["my-cats"] == 500.0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "../x"}, "key"),
        ({"key": "coco"}, "there already"),
        ({"key": "geoqa_plus"}, "there already"),
        ({"reader": "pickle"}, "no reader 'pickle'"),
        ({"licence": ""}, "licence"),
    ],
)
def test_added_sources_that_cannot_be(tmp_path, change, message):
    with pytest.raises((ValueError, ValidationError), match=message):
        sources_of(Settings(home=tmp_path, sources={"extra": [EXTRA["extra"][0] | change]}).sources)


def test_a_paused_source_keeps_its_rows(tmp_path, lake):
    put(tmp_path / "root/coco", coco())
    settings = Settings(home=tmp_path / "home", sources_root=tmp_path / "root", sources={"quota": 2})
    asset = source_assets(settings.sources)[:1]
    assert materialize(asset, "b1", lake, settings).success
    paused = settings.model_copy(update={"sources": settings.sources.model_copy(update={"paused": ("coco",)})})
    for batch in ("b1", "b2"):
        assert materialize(asset, batch, lake, paused).success
    assert materialize(asset, "b3", lake, settings).success
    counts = lake.store.sql("SELECT batch, count(*) AS n FROM source_images GROUP BY batch ORDER BY batch").rows()
    assert counts == [("b1", 2), ("b3", 2)]
