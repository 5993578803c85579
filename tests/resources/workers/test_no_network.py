"""A process without network: no socket, none in what it starts, and it works all the same."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from resources.workers import no_network
from tests.conftest import PROJECT_ROOT
from wethink_assets.decoding.process import _Worker

TRIES = """
import json, socket, subprocess, sys
def tried(action):
    try:
        action()
        return "done"
    except OSError as error:
        return type(error).__name__
child = "import socket; socket.socket()"
print(json.dumps({
    "tcp": tried(lambda: socket.create_connection(("127.0.0.1", PORT))),
    "udp": tried(lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)),
    "unix": tried(lambda: socket.socket(socket.AF_UNIX)),
    "child": subprocess.run([sys.executable, "-c", child], capture_output=True).returncode,
    "file": tried(lambda: open(__file__)),
    "arguments": sys.argv[1:],
    "name": __name__,
}))
"""


@pytest.fixture
def told(tmp_path):
    """What a module could do that tries everything, started in one way or the other."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        (tmp_path / "tries.py").write_text(TRIES.replace("PORT", str(listening.getsockname()[1])))
        path = os.pathsep.join([str(PROJECT_ROOT), str(tmp_path)])

        def run(*how: str) -> dict:
            argv = [sys.executable, "-m", *how, "tries", "one", "--two"]
            environment = {**os.environ, "PYTHONPATH": path}
            return json.loads(subprocess.run(argv, env=environment, capture_output=True, check=True).stdout)

        yield run


def test_no_socket_can_be_made_or_reached(told):
    free = told()
    assert (free["tcp"], free["udp"], free["child"]) == ("done", "done", 0), "without it"
    shut = told("resources.workers.no_network")
    assert (shut["tcp"], shut["udp"], shut["unix"], shut["child"]) == ("PermissionError",) * 3 + (1,)
    assert (shut["file"], shut["arguments"], shut["name"]) == ("done", ["one", "--two"], "__main__")


def test_the_decoder_of_foreign_files_has_none(tmp_path):
    worker = _Worker(False, "wethink_assets.decoding.worker")
    try:
        status = Path(f"/proc/{worker.pid}/status").read_text("utf-8").splitlines()
        assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status
        assert worker.ask({"path": str(tmp_path / "none.jpg")}, 10)["reason"] == "unreadable"
    finally:
        worker.end()


def test_a_machine_without_a_filter_says_so(monkeypatch):
    monkeypatch.setattr(no_network.platform, "machine", lambda: "m68k")
    assert no_network.shut() == "no filter is known for m68k"
