"""`wethink audit` as a person uses it: draw, fill in, record, report."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from wethink_assets.cli.main import main


def wethink(house, monkeypatch, *arguments, code=0):
    for key, value in {
        "WETHINK_HOME": house.settings.home,
        "WETHINK_SOURCES_ROOT": house.settings.sources_root,
        "WETHINK_LAKE_CATALOG": house.lake.catalog,
        "WETHINK_LAKE_DATA": house.lake.data_path,
    }.items():
        monkeypatch.setenv(key, str(value))
    done = CliRunner().invoke(main, ["audit", *map(str, arguments)])
    assert done.exit_code == code, done.output
    return done.output


def filled(table, verdict_of):
    head, *lines = table.read_text().splitlines()
    rows = [line.split("\t") for line in lines]
    table.write_text("\n".join([head, *("\t".join([r[0], verdict_of(n), "", *r[3:]]) for n, r in enumerate(rows))]))
    return [row[0] for row in rows]


@pytest.mark.long
def test_rows_are_drawn_judged_by_two_and_reported(released, tmp_path, monkeypatch):
    assert "was judged" in wethink(released, monkeypatch, "report", code=1)
    out = tmp_path / "first"
    assert "12 rows of release" in wethink(released, monkeypatch, "draw", "--rows", 12, "--output", out)
    assert (out / "audit.html").stat().st_size > 5_000
    assert "is there already" in wethink(released, monkeypatch, "draw", "--output", out, code=1)
    ids = filled(out / "audit.tsv", lambda n: "wrong" if n < 3 else "right")
    wethink(released, monkeypatch, "record", out / "audit.tsv", "--person", "ann")
    report = json.loads(wethink(released, monkeypatch, "report", "--json"))
    (release,) = released.lake.rows("dataset/select_releases")
    assert report["by_verdict"] == {"right": 9, "wrong": 3} and report["error"]["of"] == release["rows"]
    assert report["error"]["low"] < report["error"]["share"] < report["error"]["high"]

    again = tmp_path / "second"
    assert (
        "6 of them judged before"
        in wethink(released, monkeypatch, "draw", "--rows", 12, "--again", 0.5, "--output", again)
        or (again / "audit.tsv").exists()
    )
    seconds = filled(again / "audit.tsv", lambda n: "right")
    wethink(released, monkeypatch, "record", again / "audit.tsv", "--person", "bob")
    both = json.loads(wethink(released, monkeypatch, "report", "--json"))
    assert both["judged_twice"] == len(set(ids) & set(seconds)) > 0 and both["persons"] == {"ann": 12, "bob": 12}
    shown = wethink(released, monkeypatch, "report")
    assert shown == wethink(released, monkeypatch)
    assert "not right:" in shown and "kappa" in shown and "chartqa" in shown


def test_verdicts_on_rows_of_no_such_release_are_refused(released, tmp_path, monkeypatch):
    file = tmp_path / "v.tsv"
    file.write_text("sample_id\tverdict\nnothing\tright\n")
    assert "are not in release" in wethink(released, monkeypatch, "record", file, code=1)
    file.write_text("sample_id\tverdict\n")
    assert "holds no verdict" in wethink(released, monkeypatch, "record", file, code=1)
    assert not released.lake.store.rows("auditing/select_verdicts", release_id="x")
