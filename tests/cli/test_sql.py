"""`wethink sql`: the lake and its lineage in SQL, and no way to change either."""

from __future__ import annotations

import io

import duckdb
import pytest
from click.testing import CliRunner

from resources.lake.catalog import extension
from resources.lake.shell import VIEWS, read_only, statements
from resources.lake.store import Commit, LakeStore, Write
from tests.fresh_lakes import fresh_lake_of
from tests.lineage.every_kind import IMAGE, ROWS, key
from wethink_assets.cli.main import main
from wethink_assets.cli.sql_commands import run
from wethink_assets.settings import Settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("sql") / "home")
    store = LakeStore(*fresh_lake_of(settings))
    store.write(Commit("test"), [Write(table, rows) for table, rows in ROWS.items()])
    store.close()
    return settings


def wethink(settings, monkeypatch, *arguments, stdin=""):
    monkeypatch.setenv("WETHINK_HOME", str(settings.home))
    return CliRunner().invoke(main, ["sql", *arguments], input=stdin)


def test_a_statement_is_answered_as_a_table_and_as_csv(settings, monkeypatch):
    shown = wethink(settings, monkeypatch, f"SELECT path_id FROM sample_lineage WHERE sample_id = '{key('sample')}'")
    assert shown.exit_code == 0 and key("path")[:40] in shown.output and "1 row" in shown.output
    piped = wethink(settings, monkeypatch, "--csv", stdin="SELECT count(*) > 0 AS n FROM samples; SELECT 2 AS m;")
    assert piped.output == "n\ntrue\nm\n2\n"
    wrong = wethink(settings, monkeypatch, "SELECT nothing FROM samples")
    assert wrong.exit_code == 1 and wrong.output.startswith("Error: Binder Error") and wrong.output.count("\n") == 1


def test_views_lead_from_a_sample_to_its_file_and_from_a_call_to_its_rows(settings):
    with read_only(settings) as con:
        one = "SELECT image_id, answer_id, path_id FROM sample_lineage WHERE sample_id = ?"
        (row,) = con.execute(one, [key("sample")]).fetchall()
        assert row == (IMAGE, key("answer"), key("path"))
        kinds = con.execute("SELECT kind FROM call_lineage WHERE call_id = ?", [key("call of path")]).fetchall()
        assert kinds == [("reasoning path",)]
        stops, stopped = (con.execute(f"SELECT count(*) FROM {t}").fetchone() for t in ("verdicts", "stop_lineage"))
        assert stops == stopped


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM samples",
        "CREATE TABLE lake.t (a INT)",
        "UPDATE samples SET answer = ''",
        "CALL lake.set_option('x', 1)",
    ],
)
def test_nothing_can_be_changed(settings, text):
    with read_only(settings) as con:
        assert run(con, text, False, io.StringIO())
        answers = con.execute("SELECT count(*) FROM samples WHERE answer <> ''").fetchone()
    assert answers == (len(ROWS["samples"]),)


def test_another_shell_is_told_the_same(settings):
    loads = [line for line in statements(settings) if line.startswith("INSTALL")]
    with duckdb.connect() as con:
        for name in ("ducklake", "sqlite_scanner"):  # from packages instead, since nothing is downloaded here
            con.execute(f"LOAD '{extension(name)}'")
        for told in statements(settings)[len(loads) :]:
            con.execute(told)
        counted = [con.execute(f"SELECT count(*) FROM {view}").fetchone() for view in VIEWS]
        with pytest.raises(duckdb.Error, match="read-only"):
            con.execute("DELETE FROM samples")
    with read_only(settings) as own:
        assert counted == [own.execute(f"SELECT count(*) FROM {view}").fetchone() for view in VIEWS]


def test_a_missing_lake_is_one_line(tmp_path, monkeypatch):
    done = wethink(Settings(home=tmp_path), monkeypatch, "SELECT 1")
    assert done.exit_code == 1 and "there is no lake" in done.output and done.output.count("\n") == 1
