"""The ranks of a training run find each other and talk where no other machine reaches them."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec

import pytest

from resources.workers.launcher import worker_command, worker_environment
from tests.resources.workers.listening import listening_now, listening_sockets, not_loopback
from wethink_assets.settings import PROJECT_ROOT

pytestmark = pytest.mark.long


@pytest.mark.skipif(not find_spec("torch"), reason="ranks need the cpu or gpu dependencies: make setup")
def test_two_ranks_listen_on_loopback_only(tmp_path, monkeypatch):
    """Started by the launcher's command in its environment: two is what a CPU's training takes by default."""
    for name in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "ranks").mkdir()
    with (
        listening_sockets() as on_the_way,
        subprocess.Popen(
            worker_command("tests.training.two_ranks", [], 2),
            env=worker_environment(tmp_path, tmp_path / "ranks", processes=2),
            cwd=PROJECT_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as ranks,
    ):
        assert ranks.stdin and ranks.stdout
        said = [ranks.stdout.readline() for _ in range(2)]
        joined = listening_now()
        ranks.stdin.close()
    assert ranks.returncode == 0 and said == ["sum 3\n"] * 2
    assert any("two_ranks" in name for name, _ in joined), "the ranks' own connections are seen"
    assert not not_loopback(on_the_way | joined)
