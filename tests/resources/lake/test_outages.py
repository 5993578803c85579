"""What a lake stands on goes away and comes back: PostgreSQL in mid-commit, a bucket, a disk for writing."""

from __future__ import annotations

import os
import socket
import sys
import threading
import urllib.error
import urllib.request
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from resources.lake import catalog, connection, frozen, store
from resources.lake.catalog import HTTP_RETRIES
from resources.lake.store import Commit, LakeError, LakeStore, Write
from tests.fresh_lakes import fresh_lake
from tests.resources.lake.postgres import postgres_server
from tests.small_disk import run_on_small_disk


def verdicts(first: int, count: int) -> Write:
    rows = [
        {"asset": "a", "batch": "b", "subject_id": str(n), "verdict": "dropped", "reason": "why", "run_id": "r"}
        for n in range(first, first + count)
    ]
    return Write("verdicts", rows, mode="add_missing")


def there(lake: LakeStore) -> tuple[int, int]:
    return lake.sql("SELECT count(*) AS n, count(DISTINCT subject_id) AS d FROM verdicts").row(0)


@pytest.fixture(scope="module")
def server():
    """One of its own: it is killed."""
    with postgres_server() as one:
        one.create("lake")
        yield one


@pytest.mark.long
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_survives_a_database_that_is_restarted_within_it(server, tmp_path, monkeypatch, when):
    """Killed before the rows are committed, and after, when nobody hears that they are."""
    lake = LakeStore(server.catalog(), f"{tmp_path.parent}/data-of-outages")
    known = there(lake)[0]
    apply, killed = store.apply_write, []

    def cut(con, *given):
        done = apply(con, *given)
        if not killed:
            killed.append(True)
            if when == "after":
                con.commit()
            server.kill()
            server.start()
        return done

    monkeypatch.setattr(store, "apply_write", cut)
    lake.write(Commit("a", "b", "r"), [verdicts(known, 50)])
    assert killed and there(lake) == (known + 50, known + 50)
    lake.close()


def test_a_database_that_stays_away_is_one_line(server, tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "MAX_ATTEMPTS", 3)
    lake = LakeStore(server.catalog(), f"{tmp_path.parent}/data-of-outages")
    known = there(lake)[0]
    server.kill()
    try:
        with pytest.raises(LakeError) as error:
            lake.write(Commit("a", "b", "r"), [verdicts(known, 50)])
        assert "\n" not in str(error.value) and "that the database is running" in str(error.value)
    finally:
        server.start()
    assert there(lake) == (known, known)
    lake.close()


def test_a_lake_whose_database_is_restarted_within_the_first_look_at_it_goes_on(server, tmp_path):
    """As where a database is killed in the first seconds of a lake: it was opened by what is being done then."""
    lake = LakeStore(server.catalog(), f"{tmp_path.parent}/data-of-outages")
    cut = []

    def look(snapshot):
        counted = snapshot.connection.execute("SELECT count(*) FROM verdicts").fetchone()
        if not cut:
            cut.append(True)
            server.kill()
            server.start()
            return look(snapshot)
        return counted

    assert lake.in_snapshot(look)[0] == there(lake)[0] and cut
    lake.close()


def test_a_lake_that_cannot_be_opened_is_tried_so_many_times_and_not_that_many_times_as_often(
    server, tmp_path, monkeypatch
):
    """Its name is one of those words by which conflicts are known, which pass."""
    monkeypatch.setattr(connection, "MAX_ATTEMPTS", 3)
    tried, whole = [], connection.open_catalog
    monkeypatch.setattr(connection, "open_catalog", lambda *given, **more: tried.append(given) or whole(*given, **more))
    lake = LakeStore(server.catalog("conflict"), f"{tmp_path}/data")
    with pytest.raises(LakeError, match='database "conflict" does not exist') as error:
        lake.snapshot_id()
    assert "\n" not in str(error.value) and len(tried) == 3
    monkeypatch.setattr(connection, "GIVE_UP_S", 0.0)
    with pytest.raises(LakeError):
        lake.snapshot_id()
    assert len(tried) == 4


def test_a_database_that_takes_a_connection_and_says_nothing_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "")
    monkeypatch.delenv("PGCONNECT_TIMEOUT")  # what is set meanwhile goes with the test
    monkeypatch.setattr(catalog, "CONNECT_S", 2)  # libpq's least
    with socket.create_server(("127.0.0.1", 0)) as silent:
        lake = LakeStore(
            f"postgres:host=127.0.0.1 port={silent.getsockname()[1]} dbname=lake user=w", f"{tmp_path}/data"
        )
        with pytest.raises(LakeError, match=r"timeout expired.*that the database is running") as error:
            lake.snapshot_id()
    assert "\n" not in str(error.value)


@pytest.fixture
def impatient(monkeypatch):
    for name, seconds in {"FIRST_LOOK_S": 0.2, "PAUSE_S": 0.1, "ANSWER_S": 0.5, "LONGEST_S": 1.0}.items():
        monkeypatch.setattr(frozen, name, seconds)


def test_a_database_that_freezes_in_mid_query_ends_it_in_bounded_time_and_one_line(
    server, tmp_path, monkeypatch, caplog, impatient
):
    monkeypatch.setattr(connection, "GIVE_UP_S", 1.0)
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "2")
    lake = LakeStore(server.catalog(), f"{tmp_path.parent}/data-of-outages")
    known = there(lake)[0]
    with server.frozen(), pytest.raises(LakeError, match=r"Check .*that the database is running") as error:
        lake.write(Commit("t"), [verdicts(known, 5)])
    assert "\n" not in str(error.value)
    assert caplog.messages.count(f"waiting for PostgreSQL at 127.0.0.1:{server.port}, which takes connections and does "
                                 "not answer: 1 s at most") >= 1  # fmt: skip
    lake.write(Commit("t"), [verdicts(known, 5)])
    assert there(lake) == (known + 5, known + 5), "it answers again, and nothing is lost or doubled"
    lake.close()


def test_a_database_that_thaws_is_waited_for(server, tmp_path, monkeypatch, caplog, impatient):
    monkeypatch.setattr(frozen, "LONGEST_S", 60.0)
    lake = LakeStore(server.catalog(), f"{tmp_path.parent}/data-of-outages")
    known, said, freeze = there(lake)[0], threading.Event(), ExitStack()
    monkeypatch.setattr(frozen._log, "warning", lambda line: said.set())
    freeze.enter_context(server.frozen())
    thaw = threading.Thread(target=lambda: said.wait(60) and freeze.close())
    thaw.start()
    lake.write(Commit("t"), [verdicts(known, 5)])
    thaw.join()
    assert said.is_set() and there(lake) == (known + 5, known + 5)
    lake.close()


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("host=db port=6432 dbname=x", ("db", 6432)),
        ("host='db one' hostaddr=10.0.0.1", ("10.0.0.1", 5432)),
        ("postgresql://u@db:7/x", ("db", 7)),
        ("host=/run/postgresql", None),
        ("service=lake", None),
        ("host=a,b", None),
        ("dbname=x", None),
    ],
)
def test_where_a_server_is_looked_for(text, at, monkeypatch):
    monkeypatch.delenv("PGHOST", raising=False)
    monkeypatch.delenv("PGPORT", raising=False)
    assert frozen.address_of(text) == at


class Unavailable(BaseHTTPRequestHandler):
    """Stands before a bucket, and answers 503 as long as `left` says."""

    left = 0
    behind = ""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if type(self).left > 0:
            type(self).left -= 1
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        headers = {k: v for k, v in self.headers.items() if k.lower() != "host"}
        url = f"{self.behind}{self.path}"
        asked = urllib.request.Request(url, data=body or None, headers=headers, method=self.command)  # noqa: S310 - ours
        try:
            answer = urllib.request.urlopen(asked, timeout=30)  # noqa: S310 - our own server
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            if "content-length" not in answer.headers:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    def do_GET(self):
        self._any()

    def do_PUT(self):
        self._any()

    def do_POST(self):
        self._any()

    def do_HEAD(self):
        self._any()

    def log_message(self, *arguments):
        pass


def test_a_bucket_that_is_away_for_a_while_is_asked_again(bucket, tmp_path, monkeypatch):
    Unavailable.behind = os.environ["AWS_ENDPOINT_URL"]
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), Unavailable)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.server_port}")
    waits, growth, retries = (HTTP_RETRIES[f"http_{n}"] for n in ("retry_wait_ms", "retry_backoff", "retries"))
    assert sum(waits * growth**n for n in range(retries - 1)) > 60_000, "before every retry but the first"
    monkeypatch.setitem(HTTP_RETRIES, "http_retry_wait_ms", 1)
    lake = LakeStore(fresh_lake(tmp_path)[0], f"{bucket.url}/data")
    lake.write(Commit("a"), [verdicts(0, 1_100)])
    try:
        Unavailable.left = 7
        lake.write(Commit("a"), [verdicts(1_100, 1_100)])
        assert Unavailable.left == 0 and there(lake) == (2_200, 2_200)
        Unavailable.left = 1_000
        with pytest.raises(LakeError, match=r"Nothing of it was committed.*s3://"):
            lake.write(Commit("a"), [verdicts(2_200, 1_100)])
        assert Unavailable.left == 1_000 - 1 - retries
        Unavailable.left = 0
        assert there(lake) == (2_200, 2_200)
        lake.write(Commit("a"), [verdicts(2_200, 1_100)])
        assert there(lake) == (3_300, 3_300)
    finally:
        proxy.shutdown()
        proxy.server_close()
        lake.close()


READ_ONLY = """
import subprocess, sys
from resources.lake.store import LakeError, LakeStore
from tests.resources.lake.test_outages import Commit, there, verdicts

home = sys.argv[1]
def opened():
    return LakeStore(f"sqlite:{home}/lake/catalog.sqlite", f"{home}/lake/data")
def told(name, action):
    try:
        print(f"{name}: did", action())
    except LakeError as error:
        print(f"{name}:", error)
lake = opened()
lake.write(Commit("a"), [verdicts(0, 1_100)])
subprocess.run(["mount", "-o", "remount,ro", home], check=True)
told("write", lambda: lake.write(Commit("a"), [verdicts(1_100, 10)]))
told("read", lambda: there(lake))
other = opened()
told("open", other.snapshot_id)
subprocess.run(["mount", "-o", "remount,rw", home], check=True)
told("kept", lambda: there(lake))
told("again", lambda: lake.write(Commit("a"), [verdicts(1_100, 10)]))
told("after", lambda: there(lake))
told("other", lambda: there(other))
"""


@pytest.mark.long
def test_a_disk_that_is_remounted_read_only_is_one_line_and_goes_on_afterwards(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(READ_ONLY)
    done = run_on_small_disk(tmp_path / "disk", 64, [sys.executable, str(script), str(tmp_path / "disk")], {})
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout
    report = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert "the lake could not write a" in report["write"] and "restore access" in report["write"], report
    assert report["read"] == "did (1100, 1100)" or "restore access" in report["read"], report
    assert "restore access" in report["open"], report
    assert report["kept"] == "did (1100, 1100)"
    assert (report["again"], report["after"], report["other"]) == ("did 10", "did (1110, 1110)", "did (1110, 1110)")
