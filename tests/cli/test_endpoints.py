"""`wethink endpoints check` against servers that do less and less of what is asked."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from resources.calls.check import card
from tests.resources.calls.stub_endpoint import Act, Call, StubEndpoint, completion
from wethink_assets.cli.endpoints import UnknownRoleError, check_endpoints
from wethink_assets.demo.teacher import cards
from wethink_assets.settings import ROLES, EndpointSettings, Settings


class Server:
    """What of a request it takes, and how it answers."""

    def __init__(self, images=True, schema=True, sees=True, usage=True, text=True, thinks=False):
        self.images, self.schema, self.sees, self.usage, self.text = images, schema, sees, usage, text
        self.thinks = thinks

    def __call__(self, call: Call) -> Act:
        if (call.images and not self.images) or ("response_format" in call.body and not self.schema) or not self.text:
            return Act({"error": {"message": "unsupported"}}, 400)
        if not call.images:
            return Act(completion("hello", usage=self.usage))
        colours = {"left": "green", "right": "yellow"} if self.sees else {"left": "blue", "right": "blue"}
        return Act(
            completion(json.dumps(colours), usage=self.usage, reasoning_content="I look." if self.thinks else None)
        )


def check(tmp_path, server, roles=("vlm",), **values):
    console = Console(width=400, record=True, file=io.StringIO())
    with StubEndpoint(server) as stub:
        endpoint = EndpointSettings(base_url=stub.base_url, model="m", price_in=1.0, price_out=2.0, **values)
        settings = Settings(home=tmp_path, endpoints=dict.fromkeys(ROLES, endpoint))
        code = check_endpoints(console, settings, roles)
        return code, console.export_text(), stub.calls


def test_what_works_is_one_image_request_and_a_line(tmp_path):
    code, text, calls = check(tmp_path, Server())
    assert code == 0 and "1 of 1 endpoints work" in text and len(calls) == 1 and len(calls[0].images) == 1
    line = next(x for x in text.splitlines() if "vlm" in x)
    assert line.count("yes") == 3 and "works" in line and "stub-served" in line and "0.000020" in line


@pytest.mark.parametrize(
    ("server", "role", "code", "expected"),
    [
        (Server(schema=False), "vlm", 0, "structured_outputs = false"),
        (Server(images=False), "vlm", 1, "name a model that sees them"),
        (Server(images=False), "reasoner", 0, "(not needed)"),
        (Server(sees=False), "vlm", 1, "not proven: it said 'blue blue'"),
        (Server(usage=False), "vlm", 0, "tokens and cost will be estimates"),
        (Server(text=False), "reasoner", 1, "roles without one: reasoner"),
        (lambda call: Act({"error": {"message": "who are you"}}, 401), "vlm", 1, "needs a key"),
        (lambda call: Act({"error": {"message": "busy"}}, 503), "vlm", 1, "no answer: http_503: busy"),
    ],
)
def test_what_does_not_work_has_its_cure(tmp_path, server, role, code, expected):
    exit_code, text, _ = check(tmp_path, server, (role,))
    assert exit_code == code and expected in text, text


def hard(thought: int):
    """A server that thinks so many tokens about what has no picture, and obeys max_tokens."""

    def behave(call: Call) -> Act:
        if call.images:
            return Server(thinks=True)(call)
        used = min(thought + 10, call.body["max_tokens"])
        whole = used == thought + 10
        body = completion("It is 120." if whole else None, finish="stop" if whole else "length", reasoning_content="x")
        details = {"reasoning_tokens": min(thought, used)}
        usage = {"prompt_tokens": 10, "completion_tokens": used, "total_tokens": 10 + used}
        return Act(body | {"usage": usage | {"completion_tokens_details": details}})

    return behave


@pytest.mark.parametrize(
    ("thought", "values", "expected"),
    [
        (2_000, {"thinking": True, "thinking_tokens": 8_000}, "2,000 of 8,000 tokens (25%)"),
        (6_000, {"thinking": True, "thinking_tokens": 8_000}, "took 75% of the allowance: raise thinking_tokens"),
        (20_000, {"thinking": True, "thinking_tokens": 8_000}, "until it was cut off: raise thinking_tokens"),
        (0, {"thinking": True}, "it did not think"),
        (300, {}, "which count in max_tokens: set thinking = true"),
    ],
)
def test_a_hard_question_tells_the_share_of_the_allowance(tmp_path, thought, values, expected):
    code, text, calls = check(tmp_path, hard(thought), **values)
    assert code == 0 and expected in text and len(calls) == 2, text


def test_an_allowance_that_the_server_refuses_is_told(tmp_path):
    def behave(call: Call) -> Act:
        if call.body["max_tokens"] > 10_000 and not call.images:
            return Act({"error": {"message": "max_tokens is too large"}}, 400)
        return Server(thinks=True)(call)

    code, text, _ = check(tmp_path, behave, thinking=True)
    assert code == 0 and "max_tokens is too large): lower thinking_tokens" in text


def test_a_key_that_is_not_set_and_a_role_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("STUB_KEY", raising=False)
    code, text, calls = check(tmp_path, Server(), api_key_env="STUB_KEY")
    assert code == 1 and "STUB_KEY" in text and calls == []
    with pytest.raises(UnknownRoleError, match="vlm, reasoner"):
        check(tmp_path, Server(), roles=("poet",))


def test_the_sample_teacher_reads_the_card():
    assert cards.read(card()) == {"left": "green", "right": "yellow"}
    with pytest.raises(ValueError, match="cannot be read"):
        cards.read(b"no picture")
