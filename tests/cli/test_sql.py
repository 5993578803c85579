"""`wethink sql`: the lake and its lineage in SQL, and no way to change either."""

from __future__ import annotations

import io
from pathlib import Path

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


REFUSED = [
    "DELETE FROM samples",
    "CREATE TABLE lake.t (a INT)",
    "UPDATE samples SET answer = ''",
    "CALL lake.set_option('x', 1)",
    "CALL ducklake_delete_orphaned_files('lake', cleanup_all => true)",
    "FROM ducklake_cleanup_old_files('lake', cleanup_all => true)",
    "SELECT 1 WHERE 1 IN (FROM \"DuckLake_Cleanup_Old_Files\"('lake', cleanup_all => true) SELECT 1)",
    "FROM query('SELECT ' || '1')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "FROM enable_logging()",
    "ATTACH 'ducklake:{catalog}' AS again (DATA_PATH '{data}')",
    "ATTACH '{data}/new.duckdb' AS new",
    "CREATE TEMP TABLE t AS SELECT 1",
    "COPY (SELECT 1) TO '{data}/new.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{data}/new.csv'",
    "EXPLAIN (ANALYZE, FORMAT json) COPY (SELECT 1) TO '{data}/new.csv'",
    "EXPLAIN ANALYZE /* /* */ SELECT 1 -- */ COPY (SELECT 1) TO '{data}/new.csv'",
    "EXPLAIN (ANALYZE /*) SELECT 1 --*/) COPY (SELECT 1) TO '{data}/new.csv'",
    "EXPORT DATABASE '{data}/new'",
    "IMPORT DATABASE '{data}'",
    "PREPARE one AS COPY (SELECT 1) TO '{data}/new.csv'",
    "CREATE SECRET a (TYPE s3, KEY_ID 'k', SECRET 's')",
    "SET allow_unredacted_secrets = true",
    "INSTALL spatial",
    "USE memory",
    "DETACH lake",
    "BEGIN",
]


def test_what_does_more_than_read_is_refused_in_a_line_that_names_it(settings):
    data, catalog = settings.lake_data_path, settings.lake_catalog
    before = sorted(Path(data).rglob("*"))
    with read_only(settings) as con:
        for text in REFUSED:
            failed = run(con, text.format(data=data, catalog=catalog), False, out := io.StringIO())
            assert ("refused" in failed or "IMPORT" in text) and "\n" not in failed and not out.getvalue(), text
        answers = con.execute("SELECT count(*) FROM samples WHERE answer <> ''").fetchone()
    assert failed.startswith("TRANSACTION is refused") and "SHOW" in failed
    assert answers == (len(ROWS["samples"]),) and sorted(Path(data).rglob("*")) == before


def test_what_reads_is_run(settings):
    reading = (
        "SHOW TABLES; DESCRIBE samples; SUMMARIZE samples; VALUES (1); FROM samples; PRAGMA table_info('samples');"
        "WITH a AS (SELECT 1 AS b) FROM a; FROM lake.snapshots(); FROM range(3), unnest([1]); EXPLAIN FROM samples;"
        "-- why\nEXPLAIN ANALYZE SELECT * FROM sample_lineage; EXPLAIN (FORMAT json) FROM samples;"
        "PIVOT samples ON answer IN ('a') USING count(*) GROUP BY answer;"
    )
    with read_only(settings) as con:
        assert not run(con, reading, False, io.StringIO())


def test_no_file_is_opened_but_those_of_the_lake(settings, tmp_path):
    (other := tmp_path / "other.csv").write_text("a\n1\n")
    (own := Path(settings.lake_data_path) / "own.csv").write_text("a\n1\n")
    try:
        with read_only(settings) as con:
            for read in (f"SELECT * FROM read_text('{other}')", f"FROM '{other}'", "FROM glob('/etc/*')"):
                assert "Permission Error" in run(con, read, False, io.StringIO())
            assert not run(con, f"FROM '{own}'", False, io.StringIO())
            with pytest.raises(duckdb.Error, match="locked"):
                con.execute("SET enable_external_access = true")
            with pytest.raises(duckdb.PermissionException):
                con.execute(f"COPY (SELECT 1) TO '{tmp_path}/new.csv'")
    finally:
        own.unlink()


def test_an_error_shows_no_password(settings):
    with read_only(settings) as con:
        failed = run(con, "SELECT error('host=x password=hush')", False, io.StringIO())
    assert "password=***" in failed and "hush" not in failed


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
