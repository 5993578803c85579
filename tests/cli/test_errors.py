"""Error messages of the command line: what the user can cure is one line."""

from __future__ import annotations

import errno
import sqlite3
import sys

import pytest

from resources.lake.catalog import LakeError
from tests.small_disk import run_on_small_disk
from wethink_assets.cli.errors import in_one_line


def caused(outer: Exception, inner: Exception) -> Exception:
    try:
        try:
            raise inner
        except Exception as error:
            raise outer from error
    except Exception as error:  # noqa: BLE001 - any error, with the chain that it was raised in
        return error


def test_a_full_disk_is_found_wherever_it_lies_in_the_chain():
    full = OSError(errno.ENOSPC, "No space left on device", "pack/a.png")
    line = in_one_line(caused(RuntimeError("step failed"), full), "data")
    assert line.startswith("the disk is full at pack/a.png. Free space below data")
    history = caused(RuntimeError("event log"), sqlite3.OperationalError("database or disk is full"))
    assert in_one_line(history, "data").startswith("the disk is full. ")
    assert (
        in_one_line(caused(ValueError("x"), LakeError("the lake is gone: do this")), "data")
        == "the lake is gone: do this"
    )


def test_what_the_user_cannot_cure_keeps_its_traceback():
    assert in_one_line(caused(RuntimeError("a"), KeyError("b")), "data") is None
    assert in_one_line(FileNotFoundError(errno.ENOENT, "No such file", "x"), "data") is None


@pytest.mark.long
def test_the_demo_on_a_full_disk_says_so_and_leaves_nothing_behind(tmp_path):
    disk = tmp_path / "disk"
    command = [sys.executable, "-m", "wethink_assets.cli.main", "demo"]
    done = run_on_small_disk(disk, 3, command, {"WETHINK_HOME": str(disk), "DAGSTER_HOME": str(disk / "dagster")})
    assert done.returncode == 1
    assert "the disk is full" in done.stderr and str(disk) in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
