"""`wethink explore` says in one line why it cannot serve."""

from __future__ import annotations

import socket

from click.testing import CliRunner

from tests.fresh_lakes import fresh_lake
from wethink_assets.cli.main import main


def test_a_taken_port_and_a_missing_lake_are_one_line(tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.setenv("WETHINK_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    told = CliRunner().invoke(main, ["explore"])
    assert told.exit_code == 1 and told.output.count("\n") == 1 and "there is nothing to open" in told.output
    (home / "lake").mkdir(parents=True)
    told = CliRunner().invoke(main, ["explore", "--port", "1"])
    assert told.exit_code == 1 and told.output.count("\n") == 1 and "catalog" in told.output
    fresh_lake(home / "lake")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = CliRunner().invoke(main, ["explore", "--port", str(port)])
    assert told.exit_code == 1 and told.output.count("\n") == 1
    assert f"port {port} cannot be used" in told.output and "make explore PORT=" in told.output
