"""Child processes end whole: on request, and when their starter is killed -9. Real processes only."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest

from resources.workers.processes import end_process_group, start_process
from tests.conftest import PROJECT_ROOT

# A child that ignores TERM, with a grandchild in a session of its own (as torch's launcher makes them).
STUBBORN = textwrap.dedent(
    """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    deaf = ("import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            "print('up', flush=True); signal.pause()")
    grandchild = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, start_new_session=True)
    grandchild.stdout.readline()
    print("PIDS", os.getpid(), grandchild.pid, flush=True)
    signal.pause()
    """
)


def wait_gone(pids: list[int], seconds: float) -> list[int]:
    """Pids that are still alive after at most `seconds`."""
    left = []
    for process in [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]:
        try:
            process.wait(seconds)
        except psutil.TimeoutExpired:
            left.append(process.pid)
        except psutil.NoSuchProcess:
            pass
    return left


def read_pids(stream) -> list[int]:
    line = stream.readline()
    text = line.decode() if isinstance(line, bytes) else line
    assert text.startswith("PIDS"), text
    return [int(part) for part in text.split()[1:]]


def test_exit_status_and_log(tmp_path):
    log = tmp_path / "logs" / "child.log"
    process = start_process([sys.executable, "-c", "import sys; print('hello'); sys.exit(7)"], dict(os.environ), log)
    assert process.wait(20) == 7
    assert log.read_text() == "hello\n"
    assert end_process_group(process) == 7


def test_environment_and_folder_reach_the_child(tmp_path):
    log = tmp_path / "child.log"
    code = "import os; print(os.environ['MARK'], os.getcwd())"
    process = start_process([sys.executable, "-c", code], {**os.environ, "MARK": "x1"}, log, tmp_path)
    assert process.wait(20) == 0
    assert log.read_text().split() == ["x1", str(tmp_path)]


def test_a_missing_program_is_one_line_in_the_log(tmp_path):
    process = start_process([str(tmp_path / "nothing")], None, tmp_path / "log")
    assert process.wait(20) == 127
    assert (tmp_path / "log").read_text().startswith("cannot start")


def test_a_polite_child_gets_term_and_its_grace(tmp_path):
    code = (
        "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(3)); "
        "print('up', flush=True); signal.pause()"
    )
    process = start_process([sys.executable, "-c", code], None, tmp_path / "log", stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"
    assert end_process_group(process, 20) == 3


def test_a_stubborn_tree_is_killed_whole(tmp_path):
    process = start_process([sys.executable, "-c", STUBBORN], None, tmp_path / "log", stdout=subprocess.PIPE)
    pids = read_pids(process.stdout)
    end_process_group(process, 0.3)
    assert process.returncode is not None
    assert wait_gone(pids, 5) == []


def test_what_the_child_leaves_behind_ends_with_it(tmp_path):
    code = (
        "import subprocess, sys, os; p = subprocess.Popen(['sleep', '600'], start_new_session=True); "
        "print('PIDS', p.pid, flush=True)"
    )
    process = start_process([sys.executable, "-c", code], None, tmp_path / "log", stdout=subprocess.PIPE)
    pids = read_pids(process.stdout)
    assert process.wait(20) == 0
    assert wait_gone(pids, 5) == []


@pytest.mark.parametrize("thread", [False, True], ids=["from the main thread", "from a thread that has ended"])
def test_kill_9_of_the_starter_ends_the_whole_tree(tmp_path, thread):
    starter = textwrap.dedent(
        f"""
        import signal, subprocess, sys, threading
        from pathlib import Path
        from resources.workers.processes import start_process
        def go():
            log = Path({str(tmp_path)!r}) / "log"
            process = start_process([sys.executable, "-c", {STUBBORN!r}], None, log, stdout=subprocess.PIPE)
            sys.stdout.write(process.stdout.readline().decode())
            print("GROUP", process.pid, flush=True)
            globals()["kept"] = process
        if {thread}:
            worker = threading.Thread(target=go); worker.start(); worker.join()
        else:
            go()
        signal.pause()
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", starter], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True)
    pids = read_pids(parent.stdout)
    group = int(parent.stdout.readline().split()[1])
    assert all(psutil.pid_exists(pid) for pid in [*pids, group])
    parent.kill()
    assert parent.wait(10) == -signal.SIGKILL
    assert wait_gone([*pids, group], 12) == []


def test_kill_9_of_the_supervisor_ends_the_child(tmp_path):
    code = "import os, signal; print('PIDS', os.getpid(), flush=True); signal.pause()"
    process = start_process([sys.executable, "-c", code], None, tmp_path / "log", stdout=subprocess.PIPE)
    pids = read_pids(process.stdout)
    os.kill(process.pid, signal.SIGKILL)
    assert wait_gone(pids, 5) == []
    assert end_process_group(process) == -signal.SIGKILL


def test_the_supervisor_sleeps(tmp_path):
    process = start_process(["sleep", "600"], None, Path(tmp_path / "log"))
    supervisor = psutil.Process(process.pid)
    while not supervisor.children():
        select.select([], [], [], 0.02)
    before = supervisor.cpu_times().user + supervisor.cpu_times().system
    select.select([], [], [], 0.5)
    assert supervisor.cpu_times().user + supervisor.cpu_times().system - before <= 0.02
    end_process_group(process, 1)
