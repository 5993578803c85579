"""A real PostgreSQL on a free port, for tests and benchmarks of a team's lake: started, killed, and started again.

It is Debian's package `postgresql`, run by an unprivileged user where the caller is root.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest


def postgres_bin() -> Path | None:
    """The folder of the server's programs; None where it is not installed."""
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return installed[-1].parent if installed else None


class Postgres:
    """One server in a folder of its own."""

    def __init__(self, binaries: Path) -> None:
        self._bin = binaries
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="wethink-postgres-"))  # pytest's own are closed to other users
        self._as: dict = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres" if _has_user("postgres") else "nobody")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self._run("initdb", "-D", self._folder / "db", "-A", "trust", "-U", "wethink", "--no-sync")
        self._server = self._started()

    def catalog(self, name: str = "lake") -> str:
        """The setting `lake.catalog` of a database of this server."""
        return f"postgres:host=127.0.0.1 port={self.port} dbname={name} user=wethink"

    def url(self, name: str) -> str:
        """What SQLAlchemy, and so Dagster, takes; its own driver is another one."""
        return f"postgresql+psycopg2://wethink@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> None:
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "wethink", name)

    def kill(self) -> None:
        """kill -9 of the server; its backends end by themselves, and no memory of theirs may be left in use."""
        self._server.kill()
        self._server.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """A block in which all of its processes are stopped, as on a machine that is suspended."""
        processes = [psutil.Process(self._server.pid), *psutil.Process(self._server.pid).children(recursive=True)]
        for one in processes:
            one.suspend()
        try:
            yield
        finally:
            for one in processes:
                one.resume()

    def start(self) -> None:
        """Start it again, with what was committed."""
        self._server = self._started()

    def stop(self) -> None:
        self._server.send_signal(signal.SIGINT)
        self._server.wait(timeout=30)

    def remove(self) -> None:
        if self._server.poll() is None:
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _started(self) -> subprocess.Popen[bytes]:
        options = ("listen_addresses=127.0.0.1", f"unix_socket_directories={self._folder}", "fsync=off")
        argv = [self._bin / "postgres", "-D", self._folder / "db", "-p", str(self.port)]
        argv += [part for option in options for part in ("-c", option)]
        quiet = subprocess.DEVNULL
        ready = [self._bin / "pg_isready", "-h", "127.0.0.1", "-p", str(self.port), "-t", "30"]
        while True:
            server = subprocess.Popen(argv, stdout=quiet, stderr=quiet, cwd=self._folder, **self._as)
            while subprocess.run(ready, stdout=quiet).returncode != 0 and server.poll() is None:
                pass
            if server.poll() is None:
                return server
            # After a kill the memory of the old one is in use until its last backend has ended.
            assert (self._folder / "db/postmaster.pid").exists(), "PostgreSQL did not start"

    def _run(self, program: str, *arguments: object) -> None:
        argv = [str(self._bin / program), *map(str, arguments)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        subprocess.run(argv, check=True, cwd=self._folder, **quiet, **self._as)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A server for the block; the test is skipped where PostgreSQL is not installed."""
    binaries = postgres_bin()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed: Debian's package `postgresql` brings it")
    server = Postgres(binaries)
    try:
        yield server
    finally:
        server.remove()


def _has_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
