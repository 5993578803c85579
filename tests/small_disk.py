"""A disk of a few megabytes, mounted for one command only."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.conftest import PROJECT_ROOT


def run_on_small_disk(
    folder: Path, megabytes: int, command: Sequence[str], env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command with a tmpfs of this size at `folder`; the test is skipped where none can be mounted."""
    folder.mkdir()
    mount = f'mount -t tmpfs -o size={megabytes}m none "$1"'
    try:
        probe = subprocess.run(["unshare", "--mount", "sh", "-c", mount, "sh", str(folder)], capture_output=True)
    except FileNotFoundError:
        pytest.skip("the command unshare is not there: no small disk can be mounted")
    if probe.returncode:
        pytest.skip("no right to mount a small disk here: needs root")
    wrapped = ["unshare", "--mount", "sh", "-c", mount + ' && shift && exec "$@"', "sh", str(folder), *command]
    return subprocess.run(
        wrapped,
        cwd=PROJECT_ROOT,
        env={"PYTHONPATH": str(PROJECT_ROOT), "PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        timeout=240,
    )
