"""`wethink ui` opens the graph, or says in one line why it cannot."""

from __future__ import annotations

import os
import socket

import pytest
from click.testing import CliRunner

from wethink_assets.cli.main import main


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """Command lines that would have replaced this process, in a home with a lake."""
    home = tmp_path / "home"
    monkeypatch.setenv("WETHINK_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    monkeypatch.chdir(tmp_path)
    (home / "lake").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    seen: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda command, arguments: seen.append(arguments))
    return seen


def test_on_a_taken_port_it_ends_with_one_line_and_starts_nothing(opened):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["ui", "--port", str(port)])
    assert result.exit_code == 1 and opened == []
    assert f"port {port} cannot be used" in result.output and "make ui PORT=" in result.output
    assert result.output.count("\n") == 1
    assert CliRunner().invoke(main, ["ui", "--port", str(port)]).exit_code == 0 and len(opened) == 1


def test_it_makes_the_lake_of_a_home_without_one_and_a_read_only_one_does_not(opened, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    catalog = tmp_path / "home/lake/catalog.sqlite"
    assert CliRunner().invoke(main, ["ui", "--read-only", "--port", port]).exit_code == 0 and not catalog.exists()
    assert CliRunner().invoke(main, ["ui", "--port", port]).exit_code == 0 and catalog.exists()
    assert len(opened) == 2


def test_before_the_demo_it_says_what_to_do(opened, tmp_path, monkeypatch):
    monkeypatch.setenv("WETHINK_HOME", str(tmp_path / "new"))
    result = CliRunner().invoke(main, ["ui", "--port", "1"])
    assert result.exit_code == 1 and opened == [] and result.output.count("\n") == 1
    assert "run `make demo` first" in result.output and not (tmp_path / "new").exists()


def test_a_home_that_is_open_to_others_is_told(opened, tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert "chmod" not in CliRunner().invoke(main, ["ui", "--port", port]).output
    (tmp_path / "home").chmod(0o755)
    assert f"chmod 700 {tmp_path / 'home'}" in CliRunner().invoke(main, ["ui", "--port", port]).output
    assert len(opened) == 2


def test_read_only_starts_a_webserver_in_which_nothing_can_be_changed_and_no_daemon(opened):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    assert CliRunner().invoke(main, ["ui", "--read-only", "--port", port]).exit_code == 0
    (arguments,) = opened
    assert arguments[0].endswith("/dagster-webserver") and "--read-only" in arguments and "dev" not in arguments
    assert port in arguments and "127.0.0.1" in arguments
