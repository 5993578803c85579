"""`wethink init`: what it recognises, what it writes, and what no folder may do to it."""

from __future__ import annotations

import os
import tomllib

import pytest
from click.testing import CliRunner

from tests.sources.test_check import put
from wethink_assets.benchmark_sets.recognise import recognise_sets
from wethink_assets.benchmark_sets.registry import BENCHMARKS
from wethink_assets.cli.main import main
from wethink_assets.settings import Settings, load_settings
from wethink_assets.sources import survey as survey_module
from wethink_assets.sources.catalog import SOURCES
from wethink_assets.sources.recognise import GENERAL, recognise
from wethink_assets.sources.survey import survey

JPEG = bytes.fromhex("ffd8ffe0")


def init(*arguments, **environment):
    return CliRunner().invoke(main, ["init", *map(str, arguments)], env={"COLUMNS": "300", **environment})


@pytest.mark.long
def test_the_pack_is_recognised_whole_and_the_file_it_writes_can_be_used(tmp_path, tiny_pack, monkeypatch):
    output = tmp_path / "new/wethink.toml"
    result = init(tiny_pack / "sources", tiny_pack / "benchmarks", "--output", output)
    assert result.exit_code == 0, result.output
    assert [p.name for p in output.parent.iterdir()] == ["wethink.toml"], "nothing else is made, no home either"
    written = output.read_text("utf-8")
    settings = load_settings({"WETHINK_CONFIG": str(output)})
    assert settings.sources_root == tiny_pack / "sources" and settings.benchmarks_root == tiny_pack / "benchmarks"
    assert settings.sources.paused == () and settings.sources.places == {} and settings.endpoints == {}
    assert all(f"{benchmark.name}: " in written for benchmark in BENCHMARKS) and "coco: 4 images, 4 of 4" in written
    assert f"{len(SOURCES)} of {len(SOURCES)} sources are on" in result.output
    assert f"export WETHINK_CONFIG={output}" in result.output and "fill in [endpoints.*]" in result.output
    assert all(" # " in line for line in written.splitlines() if "root = " in line), "a comment is apart"
    again = init(tiny_pack / "sources", tiny_pack / "benchmarks", "--output", output)
    assert again.exit_code == 2 and "--force overwrites it" in again.output
    assert init(tiny_pack / "sources", tiny_pack / "benchmarks", "--output", output, "--force").exit_code == 0
    assert output.read_text("utf-8") == written


def test_folders_are_recognised_by_what_is_in_them_where_their_names_say_nothing(tmp_path, tiny_pack):
    for number, source in enumerate(SOURCES):
        (tmp_path / f"d{number:02}").symlink_to(tiny_pack / "sources" / source.key)
    found = recognise([survey(tmp_path)], SOURCES)
    for number, source in enumerate(SOURCES):
        match = found.matches.get(source.key)
        if source.reader not in GENERAL:
            assert match is not None and match.path.is_relative_to(tmp_path / f"d{number:02}"), source.key
    shared = [why for _, _, why in found.others]
    assert shared and all("name the folder after the one that it is" in why for why in shared)


def test_what_is_missing_is_paused_with_the_reason_and_what_is_no_source_is_offered(tmp_path, tiny_pack):
    root = tmp_path / "root"
    put(
        root,
        {"llava/blip_laion_cc_sbu_558k.json": b"[]", "holiday/1.jpg": JPEG, "sqa/train/7/image.png": b"no picture"},
    )
    put(root, {"MMStar/images/1.jpg": JPEG, "MMStar/dataset.json": b"{}"})
    (root / "pictures").symlink_to(tiny_pack / "sources/coco")
    result = init(root, "--output", tmp_path / "w.toml", "--endpoint", "http://127.0.0.1:9/v1", "--model", "m",
                  "--api-key-env", "MY_KEY", "--thinking")  # fmt: skip
    assert result.exit_code == 0, result.output
    settings = load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})
    assert set(settings.sources.paused) == {s.key for s in SOURCES} - {"coco"}
    assert settings.sources.places == {"coco": str(root / "pictures")} and settings.sources_root == root
    assert {e.api_key_env for e in settings.endpoints.values()} == {"MY_KEY"} and len(settings.endpoints) == 5
    text = (tmp_path / "w.toml").read_text()
    paused = {line.split('"')[1]: line for line in text.splitlines() if line.startswith('    "')}
    assert "no picture in" in paused["llava"] and "0 of 1 opened files are pictures" in paused["sqa"]
    assert "no folder was recognised as OCR-VQA" in paused["ocr_vqa"]
    assert f"{root / 'holiday'}: 1 image:" in text and "authors' own form" in text and "[[sources.extra]]" in text
    checked = CliRunner().invoke(main, ["sources", "check"], env={"WETHINK_CONFIG": str(tmp_path / "w.toml")})
    assert checked.exit_code == 0 and "1 of 18 sources can be taken from, 17 are paused" in checked.output


def test_no_folder_stops_the_look(tmp_path, monkeypatch):
    monkeypatch.setattr(survey_module, "NAMES", 40)
    root = tmp_path / "root"
    put(root, {f"many/{n}.jpg": JPEG for n in range(50)})
    put(root, {"/".join(["deep"] * 12) + "/1.jpg": JPEG, "closed/1.jpg": JPEG, "\x1b[31m\n/1.jpg": JPEG})
    os.mkfifo(root / "many/pipe.jpg")
    os.mkfifo(root / "coco.json")
    os.mkdir(os.fsencode(root) + b"/\xff")  # noqa: PTH102 - no path of text names it
    (root / "circle").symlink_to(root)
    (root / "many/up").symlink_to(tmp_path)
    (root / "gone.jpg").symlink_to(root / "nowhere")
    (root / "[bold]").mkdir()
    (root / "[bold]/2.jpg").write_bytes(JPEG)
    looked = survey(root)
    notes = "\n".join(looked.notes)
    assert "many" not in survey(root, without=root / "many").folders, "an installation's own data is no source"
    assert looked.images("many") <= 40 and not looked.counted_all("many") and "more than 40 files" in notes
    assert "deep/deep/deep" in notes and "lie deeper than 8 folders" in notes
    assert (
        "coco.json" in notes
        and "are no files (pipes" in notes
        and "no UTF-8" in notes
        and "circle" in notes
        and "not followed" in notes
    )
    result = init(root, "--output", tmp_path / "w.toml")
    assert result.exit_code == 0, result.output
    assert "[bold]: 1 image:" in result.output and "\x1b" not in result.output
    assert "\x1b" not in (tmp_path / "w.toml").read_text()
    assert all(line.startswith(("#", '"')) or "=" in line or line in ("", "]") or line[0] in "[ "
               for line in (tmp_path / "w.toml").read_text().splitlines())  # fmt: skip
    Settings.model_validate(tomllib.loads((tmp_path / "w.toml").read_text()))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nowhere"], "is not there"), (["--output", "."], "is a folder"), (["--model", "m"], "go together"),
     (["--endpoint", "ftp://x", "--model", "m"], "no http or https URL"), (["--thinking"], "go with --endpoint"),
     (["--endpoint", "http://me:secret@x/v1", "--model", "m"], "holds a user")],
)  # fmt: skip
def test_what_cannot_be_written_is_one_line(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    result = init(*arguments)
    assert result.exit_code == 2 and message in result.output and "secret" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_set_is_known_by_its_columns_and_its_name(tmp_path):
    put(tmp_path, {"MMStar.tsv": b"index\tquestion\tanswer\tA\tB\n1\t?\tA\tx\ty\n", "OCRBench.tsv": b"a\tb\n",
                   "mine.tsv": b"index\tquestion\n"})  # fmt: skip
    found = recognise_sets({tmp_path: sorted(p.name for p in tmp_path.iterdir())}, [])
    assert (found.folder, found.rows) == (tmp_path, {"MMStar": "1"})
    assert (
        "OCRBench.tsv: is no file of OCRBench" in found.notes[0] and "mine.tsv: has a set's columns" in found.notes[1]
    )


def test_real_samples(tmp_path, realdata):
    result = init(realdata, "--output", tmp_path / "w.toml")
    settings = load_settings({"WETHINK_CONFIG": str(tmp_path / "w.toml")})
    assert set(settings.sources.paused) == {"llava", "pisc", "web-celebrity", "web-landmark", "wikiart",
                                            "share_textvqa", "ocr_vqa", "geoqa+"}  # fmt: skip
    assert settings.sources.places == {} and result.exit_code == 0
    assert "nasty_images: 65 images" in result.output and "MathVision, MathVista" in result.output
