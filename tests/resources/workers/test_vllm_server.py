"""The vLLM server: what is started, and every way in which a start can fail.

The real engine serves a policy in tests/training/test_policies.py.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest
from pydantic import ValidationError

from resources.settings import SettingsResource
from resources.workers import vllm_server
from resources.workers.vllm_server import (
    CPU_QUICK,
    HOOKS,
    Launch,
    PolicyServer,
    PolicyServerError,
    launches,
    visible_gpus,
)
from wethink_assets.settings import EvaluationSettings, Settings


def server_in(home, **evaluation) -> PolicyServer:
    return PolicyServer(settings=SettingsResource.of(Settings(home=home, evaluation=EvaluationSettings(**evaluation))))


# -- what is started -----------------------------------------------------------------------------


def test_on_a_cpu_the_quick_start_comes_first_and_the_plain_server_after_it():
    quick, plain = launches(
        "/m", "p", 1, EvaluationSettings(), cpu=True, env={"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/x"}
    )
    assert quick.argv[:2] == [sys.executable, str(CPU_QUICK)] and plain.argv[1] == "-m"
    assert quick.argv[2:] == plain.argv[3:]
    for launch in (quick, plain):
        assert launch.env["PYTHONPATH"] == f"{HOOKS}{os.pathsep}/x"
        assert launch.env["HF_HUB_OFFLINE"] == "1" and "PYTHONDONTWRITEBYTECODE" not in launch.env
    assert quick.env["OMP_NUM_THREADS"] == "1"


def test_on_gpus_it_is_vllm_with_the_installations_settings():
    settings = EvaluationSettings(tensor_parallel=4, gpu_memory=0.8, max_model_len=8192)
    (launch,) = launches("Qwen/Qwen2.5-VL-7B-Instruct", "base-1", 8000, settings, cpu=False, env={})
    given = dict(zip(launch.argv[3::2], launch.argv[4::2], strict=False))
    assert given["--tensor-parallel-size"] == "4" and given["--gpu-memory-utilization"] == "0.8"
    assert given["--max-model-len"] == "8192" and given["--dtype"] == "auto"
    assert launch.env["PYTHONPATH"] == str(HOOKS) and launch.env["NCCL_SOCKET_IFNAME"] == "lo"


def test_a_policy_may_lie_across_gpus_and_be_served_several_times():
    sizes = {"tensor_parallel": 2, "pipeline_parallel": 2, "data_parallel": 4}
    (launch,) = launches("/m", "p", 8000, EvaluationSettings(**sizes), cpu=False, env={})
    given = dict(zip(launch.argv[3::2], launch.argv[4::2], strict=True))
    assert [given[f"--{k.replace('_', '-')}-size"] for k in sizes] == ["2", "2", "4"]
    (plain,) = launches("/m", "p", 8000, EvaluationSettings(), cpu=False, env={})
    assert not any(flag.startswith(("--data", "--pipeline")) for flag in plain.argv)
    one = launches("/m", "p", 1, EvaluationSettings(), cpu=True, env={})
    assert launches("/m", "p", 1, EvaluationSettings(data_parallel=4, pipeline_parallel=2), cpu=True, env={}) == one


def test_more_gpus_than_there_are_is_one_line_before_anything_starts(monkeypatch, tmp_path):
    monkeypatch.setattr(vllm_server, "torch_is_cpu_build", lambda: False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2,3")
    with (
        pytest.raises(PolicyServerError) as failed,
        server_in(tmp_path, tensor_parallel=2, data_parallel=4).start("/m", "p"),
    ):
        raise AssertionError("it cannot start")
    message = str(failed.value)
    assert "2 × 1 × 4 = 8 GPUs, but 4 can be used here" in message and "\n" not in message
    assert not (tmp_path / "logs").exists()
    with pytest.raises(ValidationError, match="data_parallel"):
        EvaluationSettings(data_parallel=0)


def test_gpus_are_counted_as_a_child_process_would_see_them(monkeypatch, tmp_path):
    assert [visible_gpus({"CUDA_VISIBLE_DEVICES": v}) for v in ("", "-1", "0", "0, 3", "GPU-abc,MIG-def")] == [
        0,
        0,
        1,
        2,
        2,
    ]
    monkeypatch.setenv("PATH", str(tmp_path))
    assert visible_gpus({}) is None
    tool = tmp_path / "nvidia-smi"
    tool.write_text(
        "#!/bin/sh\nprintf 'GPU 0: NVIDIA H100 (UUID: GPU-1)\\n"
        "  MIG 1g (UUID: GPU 7)\\nGPU 1: NVIDIA H100 (UUID: GPU-2)\\n'\n"
    )
    tool.chmod(0o755)
    assert visible_gpus({}) == 2
    tool.write_text("#!/bin/sh\nexit 9\n")
    assert visible_gpus({}) is None


@pytest.mark.skipif(not vllm_server.find_spec("vllm"), reason="needs vLLM (make setup)")
def test_the_installed_vllm_knows_every_argument():
    settings = EvaluationSettings(tensor_parallel=2, pipeline_parallel=2, data_parallel=2)
    ways = [
        *launches("/m", "p", 1, settings, cpu=False, env={}),
        *launches("/m", "p", 1, EvaluationSettings(), cpu=True, env={}),
    ]
    root = Path(vllm_server.find_spec("vllm").origin).parent
    known = "".join(p.read_text("utf-8") for p in (root / "engine/arg_utils.py", *root.rglob("cli_args.py")))
    for launch in ways:
        for flag in (a for a in launch.argv if a.startswith("--")):
            assert f'"{flag}"' in known or f"{flag.removeprefix('--').replace('-', '_')}:" in known, flag


def test_on_a_cpu_the_precision_is_the_checkpoints(tmp_path):
    assert vllm_server.checkpoint_dtype("some/hub-name") == "bfloat16"
    for written, served_as in (
        ({"dtype": "float32"}, "float32"),
        ({"torch_dtype": "bfloat16"}, "bfloat16"),
        ({}, "bfloat16"),
    ):
        (tmp_path / "config.json").write_text(json.dumps(written))
        assert vllm_server.checkpoint_dtype(str(tmp_path)) == served_as


# -- what can fail -------------------------------------------------------------------------------


def only(monkeypatch, code: str, limit_s: float = 30.0):
    def fake(model, served_name, port, settings, *, cpu, env):
        return [Launch([sys.executable, "-c", code, str(port)], dict(env), limit_s, "a stand-in")]

    monkeypatch.setattr(vllm_server, "launches", fake)


def test_a_server_that_dies_says_why_with_the_cure_and_the_end_of_its_log(monkeypatch, tmp_path):
    only(monkeypatch, "print('loading'); raise ModuleNotFoundError(\"No module named 'vllm'\")")
    with pytest.raises(PolicyServerError) as failed, server_in(tmp_path).start("/m", "p"):
        raise AssertionError("it cannot start")
    assert "make setup" in str(failed.value) and "ended with status 1" in str(failed.value)
    assert "No module named 'vllm'" in str(failed.value)


def test_only_the_log_of_this_start_is_quoted(monkeypatch, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "vllm-p.log").write_text("an old error\n")
    only(monkeypatch, "print('a new error'); raise SystemExit(3)")
    with pytest.raises(PolicyServerError, match="a new error") as failed, server_in(tmp_path).start("/m", "p"):
        pass
    assert "an old error" not in str(failed.value)


def test_a_server_that_never_gets_ready_is_ended(monkeypatch, tmp_path):
    only(monkeypatch, "import os, time; print('pid', os.getpid(), flush=True); time.sleep(600)", limit_s=1.0)
    with pytest.raises(PolicyServerError, match="not ready within 1 s"), server_in(tmp_path).start("/m", "p"):
        pass
    pid = int((tmp_path / "logs" / "vllm-p.log").read_text().split()[1])
    assert not psutil.pid_exists(pid)


def test_when_the_quick_start_fails_the_plain_one_is_tried(monkeypatch, tmp_path):
    serve = (
        "import sys, http.server\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "    def do_GET(self): self.send_response(200); self.end_headers()\n"
        "    def do_POST(self): self.send_response(200); self.end_headers(); self.wfile.write(b'{}')\n"
        "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), H).serve_forever()\n"
    )

    def fake(model, served_name, port, settings, *, cpu, env):
        ways = ("raise SystemExit(1)", serve)
        return [
            Launch([sys.executable, "-c", code, str(port)], dict(env), 30.0, f"way {i}") for i, code in enumerate(ways)
        ]

    monkeypatch.setattr(vllm_server, "launches", fake)
    lines: list[str] = []
    with server_in(tmp_path).start("/m", "p", log=lines.append) as url:
        assert urllib.request.urlopen(url.removesuffix("/v1") + "/health").status == 200  # noqa: S310 - our own server
    assert any("way 0 did not start" in line for line in lines)
