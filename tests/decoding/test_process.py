"""Worker processes may die or hang; the batch does not."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from wethink_assets.decoding import inspect
from wethink_assets.decoding.hashing import sha256_of_file
from wethink_assets.decoding.inspect import inspect_files
from wethink_assets.decoding.process import PROJECT_ROOT, Decoder, Inspected, Request, _Worker


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for number in range(6):
        path = tmp_path / f"{number}.png"
        Image.effect_noise((40 + number, 30), 90).convert("RGB").save(path)
        paths.append(path)
    return paths


def test_dying_and_hanging_files_cost_only_themselves(tmp_path, pictures):
    for name in ("die.png", "hang.png", "exit.png"):
        (tmp_path / name).write_bytes(b"x")
    paths = [tmp_path / "die.png", *pictures[:3], tmp_path / "hang.png", tmp_path / "exit.png", *pictures[3:]]
    requests = [Request(path.name, path) for path in paths]
    results = inspect_files(requests, workers=2, limit_s=3, hashes=False, module="tests.decoding.dangerous_worker")
    by_name = {r.key: r for r in results}
    assert len(by_name) == 9
    assert by_name["die.png"].reason == "decoder_died" and "signal 11" in by_name["die.png"].detail
    assert by_name["exit.png"].reason == "decoder_died" and "code 3" in by_name["exit.png"].detail
    assert by_name["hang.png"].reason == "decoding_timed_out"
    assert all(by_name[path.name].ok and by_name[path.name].format == "PNG" for path in pictures)


def test_bytes_must_be_those_that_were_taken(tmp_path, pictures):
    right, _ = sha256_of_file(pictures[0])
    requests = [Request("right", pictures[0], right), Request("changed", pictures[1], right)]
    requests.append(Request("gone", tmp_path / "no.png"))
    results = {r.key: r for r in inspect_files(requests)}
    assert results["right"].ok and len(results["right"].phash) == 16 and len(results["right"].phash256) == 64
    assert results["changed"].reason == "changed_since_taken" and results["gone"].reason == "unreadable"


def test_a_raster_of_bounded_size(tmp_path):
    """The upright pixels of a file, from the worker, as many as were asked for at most."""
    path = tmp_path / "wide.png"
    picture = Image.new("RGB", (60, 20), "navy")
    picture.paste("white", (0, 0, 30, 20))
    picture.save(path)
    (whole,) = inspect_files([Request("w", path)], hashes=False, raster=1200)
    assert whole.raster_size == (60, 20) and whole.raster == picture.tobytes()
    (small,) = inspect_files([Request("s", path)], hashes=False, raster=300)
    width, height = small.raster_size
    assert (width, height) == (30, 10) and len(small.raster) == 900
    assert small.raster[:3] == b"\xff\xff\xff" and small.raster[-3:] == bytes((0, 0, 128))
    (none,) = inspect_files([Request("n", path)], hashes=False)
    assert not none.raster


def test_bytes_without_a_local_file(tmp_path, pictures):
    """As archives and buckets hand them over; a `read` that fails costs that file."""
    right, _ = sha256_of_file(pictures[0])
    requests = [
        Request("bytes", None, right, pictures[0].read_bytes),
        Request("gone", read=(tmp_path / "no.png").read_bytes),
        Request("empty", read=bytes),
        Request("file", pictures[0], right),
    ]
    results = {r.key: r for r in inspect_files(requests, workers=1)}
    assert results["bytes"].ok and results["bytes"].phash256 == results["file"].phash256
    assert (results["gone"].reason, results["empty"].reason) == ("unreadable", "empty_file")


MOST = 512 * 1024  # KiB of memory that a worker may ever have, whatever the image


def peak(pid: int) -> int:
    """KiB of memory that a process had at its largest."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


@pytest.fixture
def decoder():
    decoder = Decoder()
    yield decoder
    decoder.close()


def test_all_nasty_files_through_one_worker(realdata, decoder):
    paths = sorted((realdata / "nasty_images").iterdir())
    results = [decoder.inspect(Request(path.name, path)) for path in paths]
    assert all(r.ok or (r.reason and r.detail) for r in results)
    assert not any(r.reason in ("decoder_died", "decoding_timed_out", "out_of_memory") for r in results)
    assert peak(decoder.pid) < MOST


def test_a_worker_killed_from_outside_costs_no_file(decoder, pictures):
    before = decoder.inspect(Request("a", pictures[0]))
    os.kill(decoder.pid, signal.SIGKILL)
    after = decoder.inspect(Request("a", pictures[0]))
    assert before.ok and after == before


def largest(mode: str, path: Path, **how) -> Path:
    """A picture just within the pixel limit."""
    Image.new(mode, (6400, 6200), {"F": 0.5}.get(mode, (1, 2, 3, 128))).save(path, **how)
    return path


@pytest.mark.long
def test_memory_of_the_largest_allowed_pictures_is_limited(tmp_path, decoder, pictures):
    """The worst cases of memory that come out, and one that cannot; all modes and formats are in benchmarks/."""
    turned = Image.Exif()
    turned[0x0112] = 6
    alpha = largest("RGBA", tmp_path / "alpha.png", compress_level=1, exif=turned)
    floats = largest("F", tmp_path / "floats.tif", compression="tiff_deflate")
    cmyk = largest("CMYK", tmp_path / "cmyk.jpg", progressive=True)  # its coefficients alone take 320 MB
    for path in (alpha, floats):
        result = decoder.inspect(Request("large", path))
        assert result.ok and {result.width, result.height} == {6400, 6200}
    assert decoder.inspect(Request("large", cmyk)).reason == "out_of_memory"
    broken = tmp_path / "broken.png"
    broken.write_bytes(pictures[0].read_bytes()[:60] + b"x" * 40 + pictures[0].read_bytes()[100:])
    assert decoder.inspect(Request("small", broken)).reason == "corrupt"  # not taken for a lack of memory
    assert decoder.inspect(Request("small", pictures[0])).ok
    assert peak(decoder.pid) < MOST


def test_the_kernel_holds_the_worker_to_its_limit():
    """What is not foreseen, such as a decoder that wants any amount, ends in MemoryError."""
    script = (
        "from wethink_assets.decoding import worker as w\n"
        "w.limit_memory()\n"
        "held = bytearray(w.MEMORY // 2)\n"
        "try:\n    bytearray(w.MEMORY // 2 + (1 << 20))\nexcept MemoryError:\n    print('refused')\n"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert out.stdout == "refused\n"


def workers_now() -> set[int]:
    return {p.pid for p in psutil.Process().children(recursive=True) if "wethink_assets.decoding.worker" in p.cmdline()}


@pytest.mark.parametrize(("files", "workers", "expected"), [(48, 0, 1), (49, 0, 2), (500, 0, 4), (6, 3, 3), (2, 3, 2)])
def test_a_few_files_start_no_second_worker_that_nobody_asked_for(monkeypatch, files, workers, expected):
    made = []

    class Counted:
        def __init__(self, **_):
            made.append(self)

        def inspect(self, request):
            return Inspected(request.key)

        def close(self):
            pass

    monkeypatch.setattr(inspect, "Decoder", Counted)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(4)))
    assert len(list(inspect_files([Request(str(n)) for n in range(files)], workers=workers))) == files
    assert len(made) == expected


def test_one_worker_of_a_kind_waits_and_serves_the_next(pictures):
    """Also when the reader stops early; one that died while it waited is not asked."""
    requests = [Request(str(p), p) for p in pictures]
    reading = inspect_files(requests, hashes=False, workers=2)
    next(reading)
    reading.close()
    assert all(r.ok for r in inspect_files(requests, hashes=False, workers=2))
    _Worker.end_all()
    assert not workers_now()
    assert all(r.ok for r in inspect_files(requests, hashes=False, workers=2))
    (waiting,) = workers_now()
    assert all(r.ok for r in inspect_files(requests, hashes=False, workers=1))
    assert workers_now() == {waiting}
    os.kill(waiting, signal.SIGKILL)
    assert all(r.ok for r in inspect_files(requests, hashes=False, workers=1))
    assert len(workers_now() - {waiting}) == 1


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "sys.exit()"])
def test_a_waiting_worker_ends_with_its_parent(end, pictures):
    """Though a forked child, which has the parent's pipes, lives on; the child starts a worker of its own."""
    script = (
        "import os, sys\nfrom pathlib import Path\n"
        "from wethink_assets.decoding.process import Decoder, Request, _Worker\n"
        f"request = Request('a', Path({str(pictures[0])!r}))\n"
        "def ask():\n    d = Decoder(hashes=False)\n    assert d.inspect(request).ok\n"
        "    pid = d.pid\n    d.close()\n    return pid\n"
        "mine = ask()\nassert ask() == mine\nread_end, write_end = os.pipe()\n"
        "if not os.fork():\n"
        "    other = ask()\n    _Worker.end_all()\n    os.write(write_end, b'%d' % other)\n"
        "    os.close(1)\n    sys.stdin.read()\n    os._exit(0)\n"
        "assert int(os.read(read_end, 20)) != mine\nprint(mine, flush=True)\n" + end
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdin is not None and parent.stdout is not None
    pid = int(parent.stdout.readline())
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=20)
    parent.stdin.close()  # the forked child's sign to end
    parent.wait()
    parent.stdout.close()
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_worker_ends_with_its_parent(tmp_path, pictures):
    """The parent is killed with a request in flight; the worker's stdin closes and it ends."""
    script = (
        "import os\nfrom pathlib import Path\n"
        "from wethink_assets.decoding.process import _Worker\n"
        "w = _Worker(False, 'wethink_assets.decoding.worker')\n"
        f"w.ask({{'path': {str(pictures[0])!r}, 'sha256': '', 'hash': False, 'thumbnail': 0}}, 30)\n"
        "print(w._process.pid, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True)
    pid = int(out.stdout)
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(timeout=20)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
