"""Messages about failed runs: cause and cure to a webhook and a file, without a secret, failing nothing."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dagster as dg
import pytest

from jobs.failures import SENSOR, failure_sensors
from wethink_assets.settings import EndpointSettings, FailureSettings, Settings

SECRET = "key-of-an-endpoint"


@dg.op
def ask():
    raise RuntimeError("outer") from ValueError(f"role vlm: no answer from http://ann:pass@host/v1 with {SECRET}")


@dg.job
def grow_data():
    ask()


@pytest.fixture
def webhook():
    """A server that keeps what is posted to it and answers with `status`."""

    class Webhook(ThreadingHTTPServer):
        status = 200

        def __init__(self, *args) -> None:
            super().__init__(*args)
            self.got: list[dict] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = Webhook(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(tmp_path, monkeypatch):
    """The sensor on one failed run; gives what it logged."""
    monkeypatch.setenv("VLM_KEY", SECRET)
    home = tmp_path / "home"
    settings = Settings(
        home=home,
        endpoints={"vlm": EndpointSettings(base_url="http://host/v1", model="m", api_key_env="VLM_KEY")},
        failures=FailureSettings(webhook_env="HOOK", file="failures.jsonl"),
    )

    def told(url: str) -> str:
        monkeypatch.setenv("HOOK", url)
        (sensor,) = failure_sensors(settings)
        assert sensor.name == SENSOR and sensor.default_status == dg.DefaultSensorStatus.RUNNING
        instance = dg.DagsterInstance.ephemeral()
        result = grow_data.execute_in_process(
            instance=instance, raise_on_error=False, tags={"dagster/partition": "batch-0003"}
        )
        failed = next(e for e in result.all_events if e.event_type_value == "PIPELINE_FAILURE")
        lines: list[str] = []
        context = dg.build_run_status_sensor_context(
            sensor_name=SENSOR, dagster_event=failed, dagster_instance=instance, dagster_run=result.dagster_run
        )
        failure = context.for_run_failure()
        monkeypatch.setattr(failure.log, "error", lines.append)
        sensor(failure)
        return "\n".join(lines)

    return told


def test_cause_and_cure_go_to_the_webhook_and_the_file_without_a_secret(told, webhook, tmp_path):
    assert told(f"http://127.0.0.1:{webhook.server_address[1]}/services/T0/hidden-path") == ""
    (sent,) = webhook.got
    assert sent == json.loads((tmp_path / "home" / "failures.jsonl").read_text("utf-8"))
    assert sent["batch"] == "batch-0003" and sent["job"] == "grow_data"
    assert sent["causes"] == {"ask": "role vlm: no answer from http://host/v1 with ***"}
    assert "- ask: role vlm: no answer" in sent["text"] and "`wethink run --batch batch-0003`" in sent["text"]


def test_a_webhook_that_takes_nothing_is_named_by_its_host_alone(told, webhook, tmp_path):
    webhook.status = 500
    said = told(f"http://127.0.0.1:{webhook.server_address[1]}/services/T0/hidden-path")
    assert said == "the webhook 127.0.0.1 took no message: HTTP 500" and len(webhook.got) == 2
    assert (tmp_path / "home" / "failures.jsonl").is_file()
    (tmp_path / "home" / "failures.jsonl").unlink()
    (tmp_path / "home" / "failures.jsonl").mkdir()
    said = told("file:///etc/passwd")
    assert "holds no http or https address" in said and "file failures.jsonl took no message" in said
    assert "passwd" not in said


def test_nobody_is_told_by_default(tmp_path):
    assert failure_sensors(Settings(home=tmp_path)) == []
