"""The settings of docs/endpoints.md, each on a stub that plays its vendor: what it refuses, and how it answers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from tests.resources.calls.asking import GOOD, SCHEMA, ask, ledger, run
from tests.resources.calls.stub_endpoint import Act, Call, completion
from wethink_assets.settings import PROJECT_ROOT, Settings

PAGE = (PROJECT_ROOT / "docs" / "endpoints.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^## ([^\n]+)\n\n```toml\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))
THOUGHT = 3_000
ANSWER = 20


def refused(message: str, code: str = "invalid_request_error", status: int = 400) -> Act:
    return Act({"error": {"message": message, "type": "invalid_request_error", "code": code}}, status)


def thinking(call: Call, limit: int, *, field: str | None, counted: str = "within") -> Act:
    """A reply after `THOUGHT` tokens; `field` holds the thoughts, `counted` says how usage tells of them."""
    whole = limit >= THOUGHT + ANSWER
    message = {field: "I look at it."} if field else {}
    body = completion(GOOD if whole else "", finish="stop" if whole else "length", **message)
    used = THOUGHT + ANSWER if whole else limit
    usage: dict[str, Any] = {"prompt_tokens": 10, "completion_tokens": used, "total_tokens": 10 + used}
    if counted == "in total":
        usage["completion_tokens"] = ANSWER if whole else 0
    if counted == "details":
        usage["completion_tokens_details"] = {"reasoning_tokens": THOUGHT if whole else limit}
    return Act(body | {"usage": usage})


def openai(call: Call) -> Act:
    if "max_tokens" in call.body:
        return refused("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'.", "unsupported_parameter")
    if call.body.get("temperature", 1) != 1:
        return refused("Unsupported value: 'temperature'", "unsupported_value")
    assert call.body["reasoning_effort"] == "medium"
    assert call.body["response_format"]["json_schema"]["strict"] is True
    return thinking(call, call.body["max_completion_tokens"], field=None, counted="details")


def azure(call: Call) -> Act:
    if call.text == "filtered":
        return refused("The response was filtered", "content_filter")
    return openai(call)


def gemini(call: Call) -> Act:
    config = call.body["extra_body"]["google"]["thinking_config"]
    assert config["thinking_budget"] < call.body["max_tokens"] and call.body["temperature"] == 1.0
    if call.nth == 1:
        limit = call.body["max_tokens"]
        return Act({"choices": [{"finish_reason": "length"}], "usage": {"prompt_tokens": 10, "total_tokens": limit}})
    return thinking(call, call.body["max_tokens"], field=None, counted="in total")


def deepseek(call: Call) -> Act:
    if call.body.get("response_format", {}).get("type") == "json_schema":
        return refused("This response_format type is unavailable now")
    if any(m["role"] == "assistant" for m in call.body["messages"]):
        return refused("Missing reasoning_content in assistant message")
    assert call.body["thinking"] == {"type": "enabled"}
    if "response_format" in call.body and call.nth == 1:
        return Act(completion("", reasoning_content="Done."))
    return thinking(call, call.body["max_tokens"], field="reasoning_content", counted="details")


def qwen(call: Call) -> Act:
    if "response_format" in call.body:
        return refused("Json mode response is not supported when enable_thinking is true")
    assert call.body["enable_thinking"] is True and call.body["thinking_budget"] < call.body["max_tokens"]
    return thinking(call, call.body["max_tokens"], field="reasoning_content")


def openrouter(call: Call) -> Act:
    assert call.body["reasoning"] == {"max_tokens": 12_288}
    if call.nth == 1:
        return Act({"error": {"code": 429, "message": "Provider returned error"}})
    return thinking(call, call.body["max_tokens"], field="reasoning", counted="details")


def vllm(call: Call) -> Act:
    assert call.body["chat_template_kwargs"] == {"enable_thinking": True} and call.body["top_k"] == 20
    return thinking(call, call.body["max_tokens"], field="reasoning")


def sglang(call: Call) -> Act:
    assert call.body["separate_reasoning"] is True
    return Act(completion(None, reasoning_content=GOOD))


def ollama(call: Call) -> Act:
    assert call.body["reasoning_effort"] == "high"
    return thinking(call, call.body["max_tokens"], field="reasoning")


def llama_cpp(call: Call) -> Act:
    if call.body.get("response_format", {}).get("type") == "json_schema":
        return refused("Failed to parse grammar")
    return thinking(call, call.body["max_tokens"], field="reasoning_content")


VENDORS: dict[str, Callable[[Call], Act]] = {
    "OpenAI": openai,
    "Azure": azure,
    "Gemini": gemini,
    "DeepSeek": deepseek,
    "Qwen": qwen,
    "OpenRouter": openrouter,
    "vLLM": vllm,
    "SGLang": sglang,
    "Ollama": ollama,
    "llama.cpp": llama_cpp,
}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_settings_of_the_page_bring_an_answer(stub, engine_of, lake, monkeypatch, tmp_path, vendor):
    (given,) = tomllib.loads(BLOCKS[vendor])["endpoints"].values()
    if name := given.get("api_key_env"):
        monkeypatch.setenv(name, "a-key")
    Settings(home=tmp_path, endpoints={"vlm": given})  # as it stands
    stub.behave = VENDORS[vendor]
    engine = engine_of(stub.base_url, **{k: v for k, v in given.items() if k != "base_url"})
    parameters = {"temperature": 0, "max_tokens": 1024, "seed": 0}
    replies = run(engine, [ask(f"q{i}", schema=SCHEMA, parameters=parameters) for i in range(3)])
    assert [(r.ok, r.error) for r in replies] == [(True, None)] * 3
    assert all(r.parsed == {"answer": "red", "score": 3} for r in replies)
    told = {r["prompt_tokens"]: r["completion_tokens"] for r in ledger(lake)}
    assert vendor == "SGLang" or all(completion >= THOUGHT for completion in told.values())


def test_a_filtered_content_is_final(stub, engine_of, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-key")
    (given,) = tomllib.loads(BLOCKS["Azure"])["endpoints"].values()
    stub.behave = azure
    settings = {k: v for k, v in given.items() if k != "base_url"}
    (reply,) = run(engine_of(stub.base_url, **settings), [ask("filtered")])
    (again,) = run(engine_of(stub.base_url, **settings), [ask("filtered")], "run2")
    assert reply.error == again.error == "http_400" and again.reused and len(stub.calls) == 1


def test_every_vendor_of_the_page_is_played():
    assert set(BLOCKS) == set(VENDORS)
