"""The embedded sample teacher as a child process: the endpoint of every role that has none configured.

Belongs here: starting it when the first paid call needs it, sharing it within the process, ending it.
Does not belong here: what it answers (wethink_assets/demo/teacher).
"""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path

from resources.calls.messages import CallsError
from resources.workers.environment import child_environment
from resources.workers.processes import end_process_group, start_process
from wethink_assets.settings import PROJECT_ROOT, TeacherSettings

START_TIMEOUT_S = 90.0

_lock = threading.Lock()
_running: dict[Path, tuple[subprocess.Popen[bytes], int]] = {}
_users: dict[Path, int] = {}


def acquire(truth_dir: Path | None, logs_dir: Path, temper: TeacherSettings | None = None) -> str:
    """Base URL of this process's teacher for `truth_dir`; starts it for the first user. Pair it with `release`.

    Raises:
        CallsError: there is no sample pack, or the teacher did not start.
    """
    if truth_dir is None or not truth_dir.is_dir():
        raise CallsError(
            f"the embedded sample teacher knows only the sample pack, and there is none at {truth_dir}: draw it with "
            "`make demo`, or set base_url and model of the roles' [endpoints.<role>] in the file that WETHINK_CONFIG "
            "names"
        )
    with _lock:
        teacher = _running.get(truth_dir)
        if teacher is None or teacher[0].poll() is not None:
            teacher = _running[truth_dir] = _start(truth_dir, logs_dir, temper or TeacherSettings())
        _users[truth_dir] = _users.get(truth_dir, 0) + 1
        return f"http://127.0.0.1:{teacher[1]}/v1"


def release(truth_dir: Path) -> None:
    """The last user's release ends the teacher."""
    with _lock:
        _users[truth_dir] = _users.get(truth_dir, 0) - 1
        if _users[truth_dir] <= 0 and truth_dir in _running:
            process, _ = _running.pop(truth_dir)
            end_process_group(process, 3.0)


def _start(truth_dir: Path, logs_dir: Path, temper: TeacherSettings) -> tuple[subprocess.Popen[bytes], int]:
    log_path = logs_dir / "sample_teacher.log"
    argv = [sys.executable, "-m", "wethink_assets.demo.teacher", "--truth", str(truth_dir), "--port", "0"]
    argv += ["--thinking", str(temper.thinking_tokens), "--quirks", str(temper.quirks)]
    argv += ["--hard"] if temper.hard else []
    process = start_process(argv, child_environment(), log_path, PROJECT_ROOT, stdout=subprocess.PIPE)
    port = _wait_ready(process)
    if port is None:
        end_process_group(process, 1.0)
        tail = log_path.read_text("utf-8", "replace").strip().splitlines()[-1:] or ["nothing"]
        raise CallsError(f"the embedded sample teacher did not start: {tail[0][:300]} (log: {log_path})")
    threading.Thread(target=_drain, args=(process, log_path), name="sample-teacher-log", daemon=True).start()
    return process, port


def _wait_ready(process: subprocess.Popen[bytes]) -> int | None:
    """The port from the line `READY <port>`; None when it ended or took too long."""
    assert process.stdout is not None
    descriptor = process.stdout.fileno()
    deadline = time.monotonic() + START_TIMEOUT_S
    seen = b""
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return None
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return None
        seen += chunk
        for line in seen.split(b"\n")[:-1]:
            word, _, port = line.partition(b" ")
            if word == b"READY" and port.strip().isdigit():
                return int(port)
    return None


def _drain(process: subprocess.Popen[bytes], log_path: Path) -> None:
    """Copy the teacher's output to its log: a full pipe would stop the teacher."""
    assert isinstance(process.stdout, io.BufferedReader)
    read = process.stdout.read1
    with log_path.open("ab") as log:
        for chunk in iter(lambda: read(65536), b""):
            log.write(chunk)
            log.flush()
