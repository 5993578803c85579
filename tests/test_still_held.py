"""What the crash matrix looks for after a kill: it sees a port and a lock that are held, and that they are not."""

from __future__ import annotations

import subprocess
import sys

import psutil

from benchmarks.parts.still_held import held_advisory_locks, held_locks, ports_of, still_listening
from resources.lake.commit_lock import step_lock
from tests.resources.lake.postgres import postgres_server

HOLDER = """
import fcntl, socket, sys
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
server = socket.create_server(("127.0.0.1", 0))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_port_and_a_lock_are_seen_until_their_holder_is_killed(tmp_path):
    (tmp_path / "lake/locks").mkdir(parents=True)
    lock = tmp_path / "lake/locks/step.lock"
    pipe = subprocess.PIPE
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(lock)], stdin=pipe, stdout=pipe, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        ports = ports_of([psutil.Process(holder.pid)])
        assert len(ports) == 1 and still_listening(ports) == list(ports)
        assert held_locks(tmp_path) == ["lake/locks/step.lock"]
    finally:
        holder.kill()
        holder.communicate()
    assert still_listening(ports) == [] and held_locks(tmp_path) == []


def test_a_lock_of_a_database_is_seen_while_it_is_held():
    with postgres_server() as server:
        server.create("lake")
        with step_lock(server.catalog(), "a step"):
            (held,) = held_advisory_locks(server.catalog())
        assert held.startswith("advisory ") and held_advisory_locks(server.catalog()) == []
