"""Loading extensions by the setting: what a broken module, folder or part becomes is one line that names it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner

from resources.lake import sql_files
from wethink_assets import extensions, gates
from wethink_assets.cli.main import main
from wethink_assets.extensions import Extension, ExtensionError, load_extensions
from wethink_assets.gates import Gate, Outcome
from wethink_assets.graph import build_definitions
from wethink_assets.lineage.lineage import walk
from wethink_assets.settings import Settings

TALLIES = """\
-- Counts per batch.
-- key: tally
CREATE TABLE tallies (
  tally VARCHAR NOT NULL, -- what is counted
  batch VARCHAR NOT NULL, -- growth batch
  run_id VARCHAR NOT NULL -- run that wrote the row
);
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Writes a module that `extensions` may name, and gives its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(text: str) -> str:
        name = f"added_{abs(hash((text, str(tmp_path))))}"
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(text), "utf-8")
        return name

    return write


@pytest.fixture
def added(tmp_path):
    """Registers an extension with these table files, and takes it away again."""
    registered = []

    def add(**tables: str) -> Path:
        folder = tmp_path / "sql"
        (folder / "tables").mkdir(parents=True)
        for name, text in tables.items():
            (folder / "tables" / f"{name}.sql").write_text(text, "utf-8")
        registered.append(Extension("added", sql=folder))
        extensions.register(registered[0])
        return folder

    yield add
    for extension in registered:
        extensions.unregister(extension)


BROKEN = {
    "def (": "SyntaxError",
    "x = unknown": "NameError: name 'unknown'",
    "from wethink_assets.extensions import Extension\nEXTENSION = Extension('x', srces=())": "srces",
    "import no_such_package": "No module named 'no_such_package'",
    "x = 1": "holds no EXTENSION",
    "from pathlib import Path\nfrom wethink_assets.extensions import Extension\n"
    "EXTENSION = Extension('x', sql=Path('/nowhere/sql'))": "/nowhere/sql is no folder",
    "from wethink_assets.extensions import Extension\nEXTENSION = Extension('x', gates={'samples': 1})": "not iterable",
}


@pytest.mark.parametrize("text", BROKEN, ids=BROKEN.values())
def test_a_broken_module_is_one_line_that_names_it(module, tmp_path, monkeypatch, text):
    name = module(text)
    with pytest.raises(ExtensionError, match=name):
        load_extensions([name])
    config = tmp_path / "wethink.toml"
    config.write_text(f'extensions = ["{name}"]\n', "utf-8")
    monkeypatch.setenv("WETHINK_CONFIG", str(config))
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "home"))
    result = CliRunner().invoke(main, ["lineage", "0123456789"])
    (line,) = result.output.strip().splitlines()
    assert result.exit_code == 1 and line.startswith("Error: extensions: ")
    assert name in line and BROKEN[text] in line


def test_a_gate_of_an_asset_that_is_not_there_is_refused(tmp_path):
    gate = Gate("kept", "Nothing: no asset of this name would ask it.", lambda scope: Outcome(True))
    gates.register("questionz", gate)
    try:
        with pytest.raises(ExtensionError, match="questionz"):
            build_definitions(Settings(home=tmp_path))
    finally:
        gates.unregister("questionz", gate.name)
    build_definitions(Settings(home=tmp_path))


def test_lineage_walks_beside_an_added_table_of_no_image(lake, added):
    added(tallies=TALLIES)
    lake.store.sql(
        "INSERT INTO source_images BY NAME SELECT 'g1' AS batch, 'coco' AS source, 'coco/x.png' AS image_uri, "
        "'abcdef0123' AS image_id, 'CC' AS licence, 1 AS file_bytes, 0 AS position, '{}' AS context, 't' AS run_id"
    )
    assert "image abcdef0123" in walk(lake.store, "abcdef0123").text


def test_an_added_table_whose_rows_have_a_kind_needs_their_image(added):
    added(tallies=TALLIES.replace("-- key", "-- kind: tally\n-- key"))
    with pytest.raises(ValueError, match=r"tables/tallies.sql: table tallies: .* no column image_id"):
        sql_files.tables()
