"""Ray gives the rows that the process pool gives, and its workers may be killed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import psutil
import pytest
from PIL import Image

from tests.resources.workers.listening import listening_now, not_loopback
from wethink_assets.decoding.inspect import inspect_files, inspector
from wethink_assets.decoding.process import PROJECT_ROOT, Request
from wethink_assets.settings import ImageSettings

DANGEROUS = "tests.decoding.dangerous_worker"


@pytest.fixture(scope="module")
def ray():
    """A local cluster of two workers, once for all tests here."""
    ray = pytest.importorskip("ray")
    from wethink_assets.decoding import on_ray

    with on_ray._cluster("", 2):
        yield ray


@pytest.fixture
def pictures(tmp_path):
    paths = []
    for number in range(40):
        path = tmp_path / f"{number}.png"
        Image.effect_noise((40 + number, 30), 90).convert("RGB").save(path)
        paths.append(path)
    return paths


class Bytes:
    """What an archive or a bucket gives."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __call__(self) -> bytes:
        return self.data


def decode_workers() -> list[psutil.Process]:
    workers = []
    for process in psutil.Process().children(recursive=True):
        try:
            if "wethink_assets.decoding.worker" in " ".join(process.cmdline()):
                workers.append(process)
        except psutil.NoSuchProcess:
            pass
    return workers


def test_rows_equal_those_of_the_process_pool(ray, pictures, tmp_path):
    (tmp_path / "text.png").write_text("no picture")
    requests = [Request(p.name, p) for p in [*pictures, tmp_path / "text.png", tmp_path / "gone.png"]]
    requests.append(Request("bytes", None, read=Bytes(pictures[0].read_bytes())))
    requests.append(Request("changed", pictures[0], "0" * 64))
    settings = ImageSettings(workers=2)
    here = sorted(inspector(settings)(requests), key=lambda r: r.key)
    reading = inspector(settings.model_copy(update={"engine": "ray"}))(requests)
    waiting = decode_workers()  # of this process, for the next files
    there = [next(reading)]
    workers = [w for w in decode_workers() if w not in waiting]
    assert workers, "the files are decoded in processes below the Ray workers"
    there = sorted([*there, *reading], key=lambda r: r.key)
    assert not psutil.wait_procs(workers, timeout=60)[1], "nothing is left behind"
    assert here == there and len(here) == len(requests)
    assert {r.key: r.reason for r in here if not r.ok} == {
        "text.png": "not_an_image",
        "gone.png": "unreadable",
        "changed": "changed_since_taken",
    }


def test_a_killed_ray_worker_loses_no_file(ray, pictures, tmp_path):
    """kill -9 of the Ray worker while it holds a piece of the batch; and a file that kills every worker it meets."""
    from wethink_assets.decoding.on_ray import inspect_on_ray

    for name in ("parent-once.png", "parent.png", "hang.png"):
        (tmp_path / name).write_bytes(pictures[0].read_bytes())
    paths = [
        *pictures[:10],
        tmp_path / "parent-once.png",
        tmp_path / "parent.png",
        tmp_path / "hang.png",
        *pictures[10:],
    ]
    results = {
        r.key: r
        for r in inspect_on_ray(
            [Request(p.name, p) for p in paths], hashes=False, workers=2, limit_s=2, module=DANGEROUS
        )
    }
    assert len(results) == len(paths)
    assert results["parent.png"].reason == "decoder_died" and "died 2 times" in results["parent.png"].detail
    assert results["hang.png"].reason == "decoding_timed_out"
    alone = next(inspect_files([Request("0.png", pictures[0])], hashes=False))
    assert results["parent-once.png"] == replace(alone, key="parent-once.png")
    assert all(results[p.name].ok for p in pictures)


def test_nobody_on_the_network_reaches_a_cluster_of_ones_own(ray, pictures):
    """The whole tree while a worker holds files: Ray's own processes, its workers, and this process, a part of it."""
    from wethink_assets.decoding.on_ray import inspect_on_ray, ray_constants

    reading = inspect_on_ray([Request(p.name, p) for p in pictures], hashes=False, workers=1)
    next(reading)
    seen = listening_now(itself=True)
    assert len(list(reading)) == len(pictures) - 1
    names = " ".join(name for name, _ in seen)
    assert all(part in names for part in ("gcs_server", "raylet", "ray::DecodingActor", "this process")), names
    assert not not_loopback(seen)
    assert ray_constants.ENABLE_RAY_CLUSTER, "a cluster that the user names is met as Ray does it"


@pytest.mark.long
def test_ray_is_imported_only_where_it_is_chosen():
    script = (
        "import sys\nfrom wethink_assets.decoding.inspect import inspector\n"
        "from wethink_assets.settings import ImageSettings\ninspector(ImageSettings())\nprint('ray' in sys.modules)\n"
        "inspector(ImageSettings(engine='ray'))\nimport os\n"
        "print('ray' in sys.modules, os.environ['RAY_USAGE_STATS_ENABLED'])\n"
    )
    out = subprocess.run([sys.executable, "-c", script], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert out.stdout.split() == ["False", "True", "0"], out.stderr
