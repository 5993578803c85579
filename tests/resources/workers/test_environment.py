"""What children get of the environment: what they need, and no key that they do not."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest
from PIL import Image

from resources.settings import SettingsResource
from resources.workers import sample_teacher, vllm_server
from resources.workers.environment import child_environment, keys_for
from resources.workers.launcher import worker_environment
from wethink_assets.decoding.process import Decoder, Request
from wethink_assets.rewards.math_pool import MathPool
from wethink_assets.settings import EndpointSettings, LakeSettings, Settings

MARK = "m4rk3d"
KEYS = ("AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "HF_TOKEN", "JUDGE_KEY", "VLLM_API_KEY", "WETHINK_LAKE_CATALOG", "OTHER")


@pytest.fixture
def marked(monkeypatch):
    for name in KEYS:
        monkeypatch.setenv(name, MARK)


def seen_in(pid: int) -> list[str]:
    """Marked variables in the environment of a process and all below it."""
    processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [n for p in processes for n, v in p.environ().items() if MARK in v]


def test_what_is_no_secret_and_needed_passes():
    needed = {"PATH": "/bin", "LC_ALL": "C.UTF-8", "OMP_NUM_THREADS": "2"}
    torch = {"CUDA_VISIBLE_DEVICES": "1", "NCCL_DEBUG": "INFO", "TOKENIZERS_PARALLELISM": "false", "VLLM_USE_V1": "1"}
    assert child_environment({**needed, **torch}) == needed
    assert child_environment({**needed, **torch}, libraries=True) == needed | torch
    assert (
        child_environment({"HF_TOKEN": "x", "VLLM_API_KEY": "x", "https_proxy": "http://me:x@p"}, libraries=True) == {}
    )
    online = {"HF_TOKEN": "x", "HF_HUB_OFFLINE": "0", "https_proxy": "http://p"}
    assert child_environment(online, libraries=True) == online
    assert child_environment({"FI_A": "1", "B": "2", "BC": "3"}, also=["FI_*", "B"]) == {"FI_A": "1", "B": "2"}


def test_a_worker_gets_the_keys_of_the_judge_and_of_the_lake_alone(tmp_path):
    endpoints = {
        role: EndpointSettings(base_url="http://h/v1", model="m", api_key_env=f"{role.upper()}_KEY")
        for role in ("judge", "vlm")
    }
    there = {"JUDGE_KEY": "j", "VLM_KEY": "v", "PGPASSWORD": "p", "AWS_SECRET_ACCESS_KEY": "a", "OTHER_SECRET": "o"}
    own = Settings(home=tmp_path, endpoints=endpoints)
    shared = Settings(
        home=tmp_path, endpoints=endpoints, lake=LakeSettings(catalog="postgres:host=h", data_path="s3://b")
    )

    def got(settings: Settings, *asks: str) -> set[str]:
        env = worker_environment(tmp_path, tmp_path, base=there, also=keys_for(settings, asks) if asks else ())
        return set(env) & set(there)

    assert got(own) == got(shared) == set()
    assert got(own, "judge") == {"JUDGE_KEY"}
    assert got(shared, "judge") == {"JUDGE_KEY", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"}


def test_a_decoder_has_no_keys(marked, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    decoder = Decoder(hashes=False)
    try:
        assert decoder.inspect(Request("a", tmp_path / "a.png")).ok
        assert decoder.pid is not None and seen_in(decoder.pid) == []
    finally:
        decoder.close(kill=True)


def test_the_teacher_has_no_keys(marked, tiny_settings):
    sample_teacher.acquire(tiny_settings.truth_dir, tiny_settings.logs_dir)
    try:
        (process, _port) = sample_teacher._running[tiny_settings.truth_dir]
        assert len(psutil.Process(process.pid).children()) == 1 and seen_in(process.pid) == []
    finally:
        sample_teacher.release(tiny_settings.truth_dir)


def test_math_verify_has_no_keys(marked):
    pool = MathPool(workers=1)
    try:
        assert pool.check("$1$", "$1$") == "equal"
        assert [seen_in(worker.process.pid) for worker in pool._all] == [[]]
    finally:
        pool.close()


def test_a_server_has_no_keys_but_what_the_settings_name(marked, tmp_path, monkeypatch):
    told = tmp_path / "environment"
    code = (
        "import http.server, pathlib, sys\n"
        f"pathlib.Path({str(told)!r}).write_bytes(pathlib.Path('/proc/self/environ').read_bytes())\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        "    do_POST = do_GET\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )

    def fake(model, served_name, port, settings, *, cpu, env):
        return [vllm_server.Launch([sys.executable, "-c", code, str(port)], dict(env), 30.0, "a stand-in")]

    monkeypatch.setattr(vllm_server, "launches", fake)
    for settings, passed in (
        (Settings(home=tmp_path), b""),
        (Settings(home=tmp_path, worker_environment=("OTH*",)), b"OTHER="),
    ):
        with vllm_server.PolicyServer(settings=SettingsResource.of(settings)).start(Path("/m"), "p"):
            there = [line for line in told.read_bytes().split(b"\0") if MARK.encode() in line]
            assert [line.removesuffix(MARK.encode()) for line in there] == ([passed] if passed else [])
