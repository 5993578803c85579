"""The teacher over HTTP: OpenAI's shapes, planted errors, and equal replies from equal teachers."""

from __future__ import annotations

import json

import psutil

from tests.demo.teacher.conftest import chat, running
from wethink_assets.demo.teacher.faults import PLANTED_FILE
from wethink_assets.demo.teacher.scenes import SceneIndex, plate_of


def scenes_of(teacher):
    index = SceneIndex(teacher.truth)
    return [(i, data, index.by_bytes(data)[1]) for i, data in teacher.files.items()]


def requests_of(teacher, count=34):
    """One request of several stages for each scene."""
    bodies = []
    for image_id, data, scene in scenes_of(teacher)[:count]:
        described = f"<description>\n{scene.caption} {plate_of(image_id)}\n</description>"
        asked = f"<question>\n{scene.items[1].question}\n</question>"
        bodies += [
            chat("vlm", "Describe this image.", name="description", image=data),
            chat("reasoner", described, name="question_list", limit=3),
            chat("reasoner", described + asked, name="well_posed"),
            chat("reasoner", described + asked, name="answer"),
            chat("vlm", asked, name="answer", image=data),
        ]
    return bodies


def test_models_and_unknown_paths(teacher):
    status, body, _ = teacher.send("/v1/models")
    assert status == 200
    assert [m["id"] for m in body["data"]] == [
        f"sample-teacher-{r}" for r in ("vlm", "reasoner", "adjudicator", "adjudicator_2", "rewriter", "judge")
    ]
    assert teacher.send("/v1/embeddings", {})[0] == 404


def test_a_completion_has_openais_shape_and_names_the_teacher(honest):
    data = next(iter(honest.files.values()))
    status, body, _ = honest.send("/v1/chat/completions", chat("vlm", "Describe this image.", image=data))
    assert status == 200
    assert body["object"] == "chat.completion" and body["model"] == "sample-teacher-vlm"
    choice = body["choices"][0]
    assert choice["finish_reason"] == "stop" and choice["message"]["role"] == "assistant"
    assert "(plate " in choice["message"]["content"]
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 0


def test_errors_have_openais_shape(honest):
    cases = [
        (chat("poet", "hello"), 404, "model_not_found"),
        ({"model": "sample-teacher-vlm", "messages": []}, 400, None),
        ({"model": "sample-teacher-vlm", "messages": "hi"}, 400, None),
        ({**chat("vlm", "hi"), "stream": True}, 400, "unsupported_parameter"),
        ({**chat("vlm", "hi"), "response_format": {"type": "grammar"}}, 400, "invalid_response_format"),
        (chat("vlm", "what is it?", name="description", image=b"not of the pack"), 400, "unknown_image"),
        (chat("reasoner", "no plate here", name="question_list"), 400, "unknown_image"),
    ]
    for body, status, code in cases:
        got, answer, _ = honest.send("/v1/chat/completions", body)
        assert (got, answer["error"]["code"]) == (status, code), body
        assert answer["error"]["type"] == "invalid_request_error" and answer["error"]["message"]
    assert honest.send("/v1/chat/completions", raw=b"{broken")[0] == 400
    for url in ("http://example.org/a.png", "data:image/png;base64,@@", 7):
        part = {"type": "image_url", "image_url": {"url": url}}
        body = {"model": "sample-teacher-vlm", "messages": [{"role": "user", "content": [part]}]}
        assert honest.send("/v1/chat/completions", body)[1]["error"]["code"] == "invalid_image_url"


def test_it_listens_on_the_loopback_interface_only(teacher):
    listening = [c for c in psutil.Process(teacher.process.pid).net_connections() if c.status == psutil.CONN_LISTEN]
    assert {c.laddr.ip for c in listening} == {"127.0.0.1"}


def test_without_planted_errors_every_answer_is_right(honest):
    for image_id, data, scene in scenes_of(honest)[:17]:
        for item in scene.items:
            text = "\n".join([f"<question>\n{item.question}", *item.options, "</question>"])
            reply = json.loads(honest.ask(chat("vlm", text, name="answer", image=data))["content"])
            assert reply["answer"].endswith(item.answer), (scene.scene_id, item.question)
        asked = f"<description>\n{scene.caption} {plate_of(image_id)}\n</description>"
        proposals = json.loads(honest.ask(chat("reasoner", asked, name="question_list", limit=3))["content"])[
            "questions"
        ]
        assert 2 <= len(proposals) <= 3
        known = {i.question for i in scene.items}
        assert all(p["question"] in known and "reasoning" in p["abilities"] for p in proposals)
    assert honest.send("/health")[1]["planted"] == {}


def test_equal_teachers_give_equal_replies(teacher, truth):
    bodies = requests_of(teacher, 12)
    with running(*truth, "--no-log") as other:
        assert [teacher.ask(b) for b in bodies] == [other.ask(b) for b in bodies]


def test_another_seed_plants_other_errors(teacher, truth):
    bodies = requests_of(teacher, 12)
    with running(*truth, "--seed", "5", "--no-log") as other:
        assert [teacher.ask(b) for b in bodies] != [other.ask(b) for b in bodies]


def test_transport_errors_hit_the_first_attempt_only(truth):
    with running(*truth, "--error-rate", "20", "--no-log") as stormy:
        seen = set()
        for body in requests_of(stormy, 6):
            status, answer, headers = stormy.send("/v1/chat/completions", body)
            if status == 200:
                continue
            seen.add(status)
            assert answer["error"]["message"]
            if status == 429:
                assert float(headers["Retry-After"]) < 1
            assert stormy.send("/v1/chat/completions", body)[0] == 200
        assert seen == {429, 500}


def test_malformed_json_is_right_when_asked_to_repair(truth):
    with running(*truth, "--error-rate", "20", "--no-log") as sloppy:
        broken = 0
        for body in requests_of(sloppy, 10):
            message = sloppy.ask(body)
            if message["refusal"]:
                assert message["content"] is None
                continue
            try:
                json.loads(message["content"])
            except ValueError:
                broken += 1
                again = [{"role": "assistant", "content": message["content"]}, {"role": "user", "content": "Not JSON."}]
                repaired = sloppy.ask({**body, "messages": [*body["messages"], *again]})
                if not repaired["refusal"]:
                    json.loads(repaired["content"])
        assert broken > 3


def test_planted_errors_are_recorded_once_and_never_revealed(truth, teacher):
    bodies = requests_of(teacher)
    replies = [teacher.ask(b)["content"] or "" for b in bodies]
    log = teacher.truth / PLANTED_FILE
    entries = [json.loads(line) for line in log.read_text("utf-8").splitlines()]
    assert len({e["key"] for e in entries}) == len(entries) > 0
    assert {"wrong_answer", "ill_posed", "unanswerable"} & {e["kind"] for e in entries}
    assert not any(word in reply for reply in replies for word in ("planted", "wrong_answer", "unanswerable", "truth"))
    with running(*truth) as second:  # a later process records nothing twice
        for body in bodies:
            second.ask(body)
    assert len(log.read_text("utf-8").splitlines()) == len(entries)


def test_a_missing_truth_folder_is_one_clear_line(tmp_path):
    import subprocess
    import sys

    from tests.conftest import PROJECT_ROOT

    command = [sys.executable, "-m", "wethink_assets.demo.teacher", "--truth", str(tmp_path)]
    ended = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 2 and "sample pack" in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_the_colour_card_of_the_endpoint_check_is_read(teacher):
    from resources.calls.check import SCHEMA, SCHEMA_NAME, card

    body = chat("adjudicator", "Which colours?", image=card())
    body["response_format"] = {"type": "json_schema", "json_schema": {"name": SCHEMA_NAME, "schema": SCHEMA}}
    assert json.loads(teacher.ask(body)["content"]) == {"left": "green", "right": "yellow"}
