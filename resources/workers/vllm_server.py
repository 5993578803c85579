"""The vLLM server: a policy behind an OpenAI-compatible URL, started, warmed up and ended.

Belongs here: command line, environment, health, log, end. Does not belong here: questions (evaluation/), how a child
process ends with its parent (processes.py).

On a CPU vLLM starts several times faster through vllm_cpu/serve.py; should that fail, the plain server is tried. On
GPUs it is vLLM's own command with the settings of the installation. The cures in hooks/ go with all of them.
"""

from __future__ import annotations

import base64
import io
import json
import math
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dagster import ConfigurableResource

from resources.scratch import scratch_folder
from resources.settings import SettingsResource
from resources.workers.environment import child_environment
from resources.workers.processes import end_process_group, start_process
from wethink_assets.settings import EvaluationSettings

HERE = Path(__file__).resolve().parent
HOOKS = HERE / "hooks"
CPU_QUICK = HERE / "vllm_cpu" / "serve.py"
POLL_S = 0.2
PROGRESS_S = 15.0
QUICK_LIMIT_S = 240.0  # a quick start that takes longer hangs: the plain one is tried
TAIL_LINES = 25
SOCKETS = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")  # where collectives listen: loopback unless the caller says
_NOISE = re.compile(r"^\s*$|WARNING|FutureWarning|DeprecationWarning|warnings\.warn|Route: ")
_CURES = (
    (re.compile(r"No module named 'vllm'|No module named vllm"), "vLLM is not installed: run `make setup`"),
    (re.compile(r"libnuma"), "install the system library libnuma1"),
    (
        re.compile(r"[Nn]ot enough memory|out of memory|Cannot allocate memory|less than (?:desired|requested)"),
        "free memory, or set VLLM_CPU_KVCACHE_SPACE (CPU) or evaluation.gpu_memory (GPU) lower",
    ),
    (re.compile(r"max_model_len|maximum model length"), "set evaluation.max_model_len to what the checkpoint allows"),
    (
        re.compile(r"config\.json|not a valid model|does not appear to have a file|Repo id"),
        "the checkpoint is incomplete: materialise the policy again",
    ),
    (re.compile(r"[Aa]ddress already in use"), "the port was taken meanwhile: run it again"),
)


class PolicyServerError(RuntimeError):
    """The server did not start; the message holds the cure and the end of its log."""


def torch_is_cpu_build() -> bool:
    """Whether the installed torch can use no GPU; read from its version file, since importing it takes seconds."""
    spec = find_spec("torch")
    if spec is None or spec.origin is None:
        return True
    text = (Path(spec.origin).parent / "version.py").read_text("utf-8")
    return not re.search(r"^(?:cuda|hip|xpu)\b[^=]*= *['\"]", text, re.MULTILINE)


def visible_gpus(env: Mapping[str, str]) -> int | None:
    """GPUs that a process with this environment may use; None where that cannot be told (no nvidia-smi)."""
    visible = env.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([v for v in visible.split(",") if v.strip() not in ("", "-1")])
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return sum(line.startswith("GPU ") for line in listed.stdout.splitlines()) if listed.returncode == 0 else None


def refuse_too_few_gpus(settings: EvaluationSettings, gpus: int | None) -> None:
    """Refuse settings that need more GPUs than there are: vLLM itself would end with a long trace, and late.

    Raises:
        PolicyServerError: the settings need more GPUs than there are.
    """
    sizes = (settings.tensor_parallel, settings.pipeline_parallel, settings.data_parallel)
    if gpus is not None and math.prod(sizes) > gpus:
        raise PolicyServerError(
            f"evaluation.tensor_parallel × pipeline_parallel × data_parallel = {' × '.join(map(str, sizes))} = "
            f"{math.prod(sizes)} GPUs, but {gpus} can be used here: lower one of them, or name a running server in "
            "evaluation.policy_url"
        )


def checkpoint_dtype(model: str) -> str:
    """The precision that a local checkpoint was trained in; bfloat16 where that is not known.

    vLLM's own choice turns float32 into bfloat16, and then some replies differ from those of the trainer's model.
    """
    try:
        config = json.loads((Path(model) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "bfloat16"
    named = config.get("dtype") or config.get("torch_dtype") or (config.get("text_config") or {}).get("dtype")
    return "float32" if named == "float32" else "bfloat16"


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Launch:
    """One way to start the server."""

    argv: list[str]
    env: dict[str, str]
    limit_s: float
    name: str


def launches(
    model: str, served_name: str, port: int, settings: EvaluationSettings, *, cpu: bool, env: Mapping[str, str]
) -> list[Launch]:
    """The ways to start this policy's server, the best first."""
    own = {k: v for k, v in env.items() if k != "PYTHONDONTWRITEBYTECODE"}  # compiled modules load 3 times faster
    own |= {
        "HF_HUB_OFFLINE": env.get("HF_HUB_OFFLINE", "1"),
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_HOST_IP": "127.0.0.1",
        "TOKENIZERS_PARALLELISM": "false",
        "PYTHONPATH": os.pathsep.join(filter(None, [str(HOOKS), env.get("PYTHONPATH")])),
        **{name: env.get(name, "lo") for name in SOCKETS},
    }
    arguments = [
        "--model",
        model,
        "--served-model-name",
        served_name,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--max-model-len",
        str(settings.max_model_len),
        "--generation-config",
        "vllm",
        "--seed",
        "0",
        "--limit-mm-per-prompt",
        '{"image":8,"video":0}',
    ]
    plain = [sys.executable, "-m", "vllm.entrypoints.openai.api_server"]
    if not cpu:
        arguments += [
            "--dtype",
            "auto",
            "--tensor-parallel-size",
            str(settings.tensor_parallel),
            "--gpu-memory-utilization",
            str(settings.gpu_memory),
        ]
        for name, size in (("pipeline", settings.pipeline_parallel), ("data", settings.data_parallel)):
            arguments += [f"--{name}-parallel-size", str(size)] if size > 1 else []
        return [Launch([*plain, *arguments], own, settings.start_timeout_s, "vLLM")]
    threads = max(1, min(len(os.sched_getaffinity(0)) - 1, 16))
    own.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")
    arguments += ["--enforce-eager", "--dtype", checkpoint_dtype(model), "--skip-mm-profiling"]
    slow = Launch(
        [*plain, *arguments], {**own, "OMP_NUM_THREADS": str(threads)}, settings.start_timeout_s, "vLLM (CPU)"
    )
    if settings.tensor_parallel > 1:
        extra = ["--tensor-parallel-size", str(settings.tensor_parallel)]
        return [Launch([*slow.argv, *extra], slow.env, slow.limit_s, slow.name)]
    quick_env = {
        **own,
        "OMP_NUM_THREADS": "1",
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "WETHINK_ENGINE_THREADS": str(threads),
    }
    limit = min(QUICK_LIMIT_S, settings.start_timeout_s)
    return [Launch([sys.executable, str(CPU_QUICK), *arguments], quick_env, limit, "vLLM (CPU, quick start)"), slow]


class PolicyServer(ConfigurableResource):
    """The vLLM server of one policy at a time, as a Dagster resource."""

    settings: SettingsResource

    @contextmanager
    def start(
        self, model_path: Path | str, served_name: str, *, log: Callable[[str], None] | None = None
    ) -> Iterator[str]:
        """Serve a checkpoint (folder or hub name) under `served_name`; yields the base URL, and ends the server after.

        Raises:
            PolicyServerError: it did not become healthy, or the settings ask for more GPUs than there are.
        """
        settings = self.settings.get()
        say = log or (lambda line: None)
        model = str(model_path)
        log_path = settings.logs_dir / f"vllm-{re.sub(r'[^A-Za-z0-9_.-]', '_', served_name)}.log"
        cpu, began = torch_is_cpu_build(), time.monotonic()
        if not cpu:
            refuse_too_few_gpus(settings.evaluation, visible_gpus(os.environ))
        process, port, failure = None, 0, None
        with scratch_folder(settings.scratch_dir, "vllm") as meeting:
            env = child_environment(libraries=True, also=settings.worker_environment)
            env["WETHINK_RENDEZVOUS"] = str(meeting)
            for attempt in range(len(launches(model, served_name, 0, settings.evaluation, cpu=cpu, env=env))):
                port = free_port()
                launch = launches(model, served_name, port, settings.evaluation, cpu=cpu, env=env)[attempt]
                try:
                    process = self._launch(launch, log_path, port, say)
                    break
                except PolicyServerError as error:
                    failure = error
                    then = "trying the plain server" if attempt == 0 and cpu else "giving up"
                    say(f"{launch.name} did not start; {then}")
            if process is None:
                assert failure is not None
                raise failure
            try:
                base_url = f"http://127.0.0.1:{port}/v1"
                warm = _warm_up(base_url, served_name)
                took = time.monotonic() - began
                say(f"{served_name} is served at {base_url} after {took:.1f} s (warm-up {warm:.1f} s)")
                yield base_url
            finally:
                end_process_group(process)

    def _launch(self, launch: Launch, log_path: Path, port: int, say: Callable[[str], None]) -> subprocess.Popen[bytes]:
        begin = log_path.stat().st_size if log_path.is_file() else 0
        say(f"starting {launch.name}; its log is {self.settings.get().shown(log_path)}")
        process = start_process(launch.argv, launch.env, log_path)
        try:
            _wait_until_healthy(process, port, launch.limit_s, log_path, begin, say)
        except BaseException:
            end_process_group(process)
            raise
        return process


def _wait_until_healthy(
    process: subprocess.Popen[bytes], port: int, limit_s: float, log_path: Path, begin: int, say: Callable[[str], None]
) -> None:
    began = told = time.monotonic()
    while True:
        if process.poll() is not None:
            raise _dead(f"the vLLM server ended with status {process.returncode}", log_path, begin)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        now = time.monotonic()
        if now - began > limit_s:
            raise _dead(f"the vLLM server was not ready within {limit_s:.0f} s", log_path, begin)
        if now - told > PROGRESS_S:
            told = now
            lines = tail(log_path, begin, 1)
            say(f"vLLM starts since {now - began:.0f} s: {lines[0][:200] if lines else 'importing'}")
        time.sleep(POLL_S)


def tail(log_path: Path, begin: int, lines: int) -> list[str]:
    """The last telling lines that were written after byte `begin`."""
    try:
        with log_path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(begin, size - 200_000))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    return [line.rstrip() for line in text.splitlines() if not _NOISE.search(line)][-lines:]


def _dead(what: str, log_path: Path, begin: int) -> PolicyServerError:
    lines = tail(log_path, begin, TAIL_LINES)
    text = "\n".join(lines)
    cure = next((cure for mark, cure in _CURES if mark.search(text)), "see its log")
    return PolicyServerError(f"{what}: {cure}. Log: {log_path}\n{text}")


def _warm_up(base_url: str, model: str) -> float:
    """One request with an image, so that the first measured one is not slow; returns its seconds.

    A checkpoint without vision answers the second, textual one; what neither gets shows in the first real request.
    """
    from PIL import Image

    began = time.monotonic()
    picture = io.BytesIO()
    Image.new("RGB", (56, 56), "white").save(picture, "PNG")
    url = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    text: dict[str, Any] = {"type": "text", "text": "warm up"}
    for content in ([{"type": "image_url", "image_url": {"url": url}}, text], [text]):
        body = {"model": model, "messages": [{"role": "user", "content": content}], "max_tokens": 2, "temperature": 0}
        request = urllib.request.Request(  # noqa: S310 - the server that this module started
            f"{base_url}/chat/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as reply:  # noqa: S310 - as above
                reply.read()
            break
        except (urllib.error.URLError, OSError):
            continue
    return time.monotonic() - began
