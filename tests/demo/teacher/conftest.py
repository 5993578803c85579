"""A running teacher over a few drawn scenes, and requests to it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import PROJECT_ROOT
from tests.demo.teacher.mini_pack import write_truth
from wethink_assets.synthesis.schemas import schema


@dataclass
class Running:
    """A teacher process and what to ask it."""

    port: int
    truth: Path
    files: dict[str, bytes]
    process: subprocess.Popen[bytes] = field(repr=False)

    def send(self, path: str, body: Any = None, raw: bytes | None = None) -> tuple[int, Any, dict[str, str]]:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.port}{path}"
        request = urllib.request.Request(url, data=data)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http to this machine
                return answer.status, json.loads(answer.read()), dict(answer.headers)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), dict(error.headers)

    def ask(self, body: dict[str, Any]) -> Any:
        """The reply's message; transport errors are asked again, as a client does."""
        for _ in range(4):
            status, answer, _headers = self.send("/v1/chat/completions", body)
            if status == 200 and "choices" in answer:
                message = answer["choices"][0]["message"]
                return message | {"content": message["content"] or message.get("reasoning_content")}
        raise AssertionError((status, answer))


def chat(
    role: str, text: str, *, name: str = "", image: bytes | None = None, limit: int | None = None
) -> dict[str, Any]:
    """A chat completion body as the client sends it; `name` is the schema's."""
    content: Any = text
    if image is not None:
        url = "data:image/png;base64," + base64.b64encode(image).decode()
        content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": text}]
    body: dict[str, Any] = {"model": f"sample-teacher-{role}", "messages": [{"role": "user", "content": content}]}
    if name:
        json_schema = {"name": name, "schema": schema(name, max_items=limit), "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": json_schema}
    return body


@contextmanager
def running(truth: Path, files: dict[str, bytes], *options: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "wethink_assets.demo.teacher", "--truth", str(truth), "--port", "0", *options]
    process = subprocess.Popen(command, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline().split()
        assert line[:1] == [b"READY"], process.stderr.read() if process.stderr else line
        yield Running(int(line[1]), truth, files, process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def truth(tmp_path_factory) -> tuple[Path, dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("mini") / "truth"
    return folder, write_truth(folder)


@pytest.fixture(scope="session")
def teacher(truth) -> Iterator[Running]:
    """With errors planted at the default rates."""
    with running(*truth) as started:
        yield started


@pytest.fixture(scope="session")
def honest(truth) -> Iterator[Running]:
    """Without any planted error."""
    with running(*truth, "--error-rate", "0") as started:
        yield started
