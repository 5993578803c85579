"""The sample teacher with a temper: what it does to replies, and that no call is lost by it at its fullest."""

from __future__ import annotations

import pytest

from resources.calls.engine import CallEngine
from tests.demo.teacher.recording import RecordingTeacher
from tests.resources.calls.asking import FakeImages, run
from wethink_assets.demo.teacher.faults import Faults, Rates
from wethink_assets.demo.teacher.scenes import SceneIndex, plate_of
from wethink_assets.demo.teacher.temper import QUIRKS, Asked, Temper
from wethink_assets.settings import Settings, TeacherSettings
from wethink_assets.synthesis.stage_calls import request

REPLY = {"role": "assistant", "content": '{"answer": "7"}', "refusal": None}


def asked(n: int, max_tokens: int | None = None) -> Asked:
    return Asked(f"key {n} {max_tokens}", f"subject {n}", max_tokens, structured=True)


def test_thinking_counts_in_max_tokens_and_ends_with_more_room():
    temper = Temper(Faults(Rates(quirk=0, thinking_tokens=3_000), 0, None))
    cut = [temper.applied(asked(n, 2_048), REPLY, 5, 10) for n in range(200)]
    whole = [temper.applied(asked(n), REPLY, 5, 10) for n in range(200)]
    ends = [c["choices"][0]["finish_reason"] for c in cut]
    assert ends.count("length") > 100 and all(c["usage"]["completion_tokens"] <= 2_048 for c in cut)
    assert all(w["choices"][0]["message"]["content"] == REPLY["content"] for w in whole)
    used = sorted(w["usage"]["completion_tokens"] for w in whole)
    assert 2_500 < used[100] < 3_500 and used[-1] > 9_000
    assert temper.applied(asked(1), REPLY, 5, 10) == whole[1], "the messages alone decide"


@pytest.mark.parametrize("thinking_tokens", [0, 3_000])
def test_no_call_is_lost_at_the_fullest_temper(truth, ledger_lake, tmp_path, thinking_tokens):
    """Every reply has a quirk, and most are thought about for longer than their prompts allow."""
    folder, files = truth
    teacher = RecordingTeacher(folder)
    teacher._app.faults.rates = Rates(
        quirk=1.0, thinking_tokens=thinking_tokens, refusal=0, slow=0, malformed=0.2, http_429=0, http_500=0
    )
    images, index, calls = FakeImages(), SceneIndex(folder), []
    for data in list(files.values())[:12]:
        image_id = images.put(data)
        scene = index.by_bytes(data)[1]
        described = f"{scene.caption} {plate_of(image_id)}"
        calls.append(request("describe", image_id, {"notes": ""}, image_ids=[image_id]))
        values = {"description": described, "known_details": "", "limit": "2"}
        calls.append(request("ask_missing_details", image_id, values, max_items=2))
    endpoints = teacher.endpoints(thinking=bool(thinking_tokens), timeout_s=30.0)
    engine = CallEngine(Settings(home=tmp_path, endpoints=endpoints), ledger_lake, images, backoff_s=0.01)
    try:
        replies = run(engine, calls)
        assert [r.error for r in replies if not r.ok] == []
        assert set(teacher._app.temper.seen) == set(QUIRKS)
        if thinking_tokens:
            assert sum(r.completion_tokens for r in replies) > 24 * 2_000
    finally:
        engine.close()
        teacher.close()


def test_roles_without_an_endpoint_think_when_the_teacher_does(tmp_path):
    given = Settings(home=tmp_path, sample_teacher=TeacherSettings(thinking_tokens=2_000))
    assert (
        given.endpoints_of("reasoner")[0].thinking and not Settings(home=tmp_path).endpoints_of("reasoner")[0].thinking
    )
