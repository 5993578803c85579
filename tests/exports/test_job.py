"""What all exports share: filters, rows set aside, the manifest, a folder that appears whole or not at all."""

from __future__ import annotations

import hashlib
import html
import json
import os
import re
import subprocess
import sys
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from wethink_assets.cli.main import main
from wethink_assets.cli.release_commands import FORMAT_NAMES
from wethink_assets.dataset.card import MIX_PLOT
from wethink_assets.dataset.card_examples import section
from wethink_assets.dataset.export import ExportError
from wethink_assets.exports.about import About
from wethink_assets.exports.choice import Choice
from wethink_assets.exports.formats import FORMATS
from wethink_assets.exports.job import MANIFEST, SET_ASIDE, export
from wethink_assets.exports.permissions import permits
from wethink_assets.sources.catalog import SOURCES


def write(nasty, folder, name="hub", **options):
    rows, pictures = nasty
    return export(FORMATS[name], [rows], folder, pictures.__getitem__, about=About("r"), **options)


def test_the_command_offers_every_format():
    assert tuple(FORMATS) == FORMAT_NAMES


@pytest.mark.parametrize("name", FORMATS)
def test_rows_in_are_rows_written_left_out_and_failed(nasty, tmp_path, name):
    rows, pictures = nasty
    gone = rows[1]["image_id"]

    def find(image_id):
        if image_id == gone:
            raise FileNotFoundError("the image is gone")
        return pictures[image_id]

    choice = Choice(splits=("train",), permission="share")
    done = export(FORMATS[name], [rows], tmp_path / "out", find, about=About("r"), choice=choice)
    assert done.written + done.left_out.total() + len(done.failed) == len(rows)
    assert done.failed and set(done.left_out) == {"other_split", "licence_without_share"}
    aside = [json.loads(line) for line in (tmp_path / "out" / SET_ASIDE).read_text().splitlines()]
    assert {line["sample_id"] for line in aside} == set(done.failed)
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    assert manifest["rows"] == {"train": done.written} and manifest["failed"] == len(done.failed)
    for path, entry in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "out" / path).read_bytes()).hexdigest() == entry["sha256"]


@pytest.mark.parametrize("name", FORMATS)
def test_equal_rows_are_equal_bytes(nasty, tmp_path, name):
    write(nasty, tmp_path / "a", name)
    write(nasty, tmp_path / "b", name)
    assert (tmp_path / "a" / MANIFEST).read_bytes() == (tmp_path / "b" / MANIFEST).read_bytes()


def test_nothing_is_left_of_an_export_that_fails(nasty, tmp_path):
    with pytest.raises(ExportError, match="no row is left to export: 230 other_source"):
        write(nasty, tmp_path / "out", choice=Choice(sources=("sam",)))
    (tmp_path / "there").mkdir()
    with pytest.raises(ExportError, match="there already"):
        write(nasty, tmp_path / "there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_parts_of_killed_exports_go_and_those_of_living_ones_stay(nasty, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, living = tmp_path / f".out.{ended.pid}.part", tmp_path / f".out.{os.getppid()}.part"
    dead.mkdir()
    living.mkdir()
    write(nasty, tmp_path / "out", "llama-factory")
    assert not dead.exists() and living.exists()


@pytest.mark.parametrize(
    ("licence", "share", "commercial"),
    [
        ("CC BY 4.0", True, True),
        ("CC BY 4.0; images (Open Images) CC BY 2.0", True, True),
        ("CC BY 4.0; images (Open Images) CC BY 2.0; captions CC BY-NC 4.0", True, False),
        ("CC BY-NC-SA 4.0", True, False),
        ("GPL-3.0", True, True),
        ("CC BY-SA 4.0", True, True),
        ("CC BY 4.0 (annotations); images under their Flickr licences", False, False),
        ("CC BY-ND 4.0", False, False),
        ("CC BY 4.0 for research only", False, False),
        ("research use; images under their Flickr licences", False, False),
        ("no licence stated; research use", False, False),
        ("MIT; ", False, False),
        ("", False, False),
    ],
)
def test_a_permission_is_what_every_clause_says(licence, share, commercial):
    assert (permits(licence, "share"), permits(licence, "commercial")) == (share, commercial)


def test_no_source_of_the_catalogue_permits_more_commercially_than_sharing():
    told = [(permits(source.licence, "share"), permits(source.licence, "commercial")) for source in SOURCES]
    assert any(commercial for _, commercial in told) and all(share for share, commercial in told if commercial)


@pytest.mark.long
@pytest.mark.parametrize("name", ["hub", "llama-factory"])
def test_the_command_writes_a_release_with_pictures_of_its_export_or_their_sources(made, tmp_path, monkeypatch, name):
    for key, value in {
        "WETHINK_HOME": made.settings.home,
        "WETHINK_SOURCES_ROOT": made.settings.sources_root,
        "WETHINK_LAKE_CATALOG": made.lake.catalog,
        "WETHINK_LAKE_DATA": made.lake.data_path,
    }.items():
        monkeypatch.setenv(key, str(value))
    arguments = ["release", "export", "latest", str(tmp_path / "out"), "--format", name, "--split", "train"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text())
    (release,) = made.lake.rows("dataset/select_releases")
    assert manifest["rows"] == {"train": release["train_rows"]}
    assert manifest["left_out"] == {"other_split": release["heldout_rows"]}
    assert f"{release['train_rows']} rows ({release['train_rows']} train)" in done.output
    again = CliRunner().invoke(main, arguments)
    assert again.exit_code == 1 and "there already" in again.output


def test_the_hubs_card_shows_examples_of_its_own_rows_alone(nasty, tmp_path):
    rows, pictures = nasty
    inside = rows[0]
    outside = inside | {"image_path": "elsewhere/1.png", "problem": "A row that the choice left out."}
    card = f"# Card\n\n{MIX_PLOT}{section([inside, outside])}\n\n## Known limits\n\nnone\n"
    about = About("r", card.encode("utf-8", "replace").decode())
    folder = tmp_path / "out"
    export(FORMATS["hub"], [rows], folder, pictures.__getitem__, about=about)
    text = (folder / "README.md").read_text("utf-8")
    assert text.startswith("---\n") and text.endswith("\n\n## Known limits\n\nnone\n") and "mix.png" not in text
    assert "left out" not in text
    (shown,) = re.findall(r'<img src="([^"]+)"', text)
    picture = folder / unquote(html.unescape(shown))
    assert picture.read_bytes() == pictures[inside["image_id"]].read_bytes()
    listed = json.loads((folder / MANIFEST).read_text())["files"]
    assert picture.relative_to(folder).as_posix() in listed and sum(path.startswith("images/") for path in listed) == 1
