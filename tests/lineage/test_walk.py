"""Walks over a small lake with one row of every kind: ids in, a tree out; what is missing or ambiguous is said."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest

from resources.lake.store import Commit, LakeStore, Write
from wethink_assets.lineage.walk import Node, UnknownIdError, resolve, walk


def key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


IMAGE, SHOWN, LOST = key("image"), key("shown"), key("lost")
RUN = {"batch": "b1", "run_id": "run-1"}


def call(name: str, **more):
    return {
        "call_id": key(name),
        "role": "vlm",
        "model": "m",
        "served_model": None,
        "endpoint": "http://x",
        "prompt": "p",
        "prompt_version": "v",
        "messages": [],
        "image_ids": [],
        "images_sent": None,
        "parameters": {},
        "status": "ok",
        "reply": f"reply of {name}",
        "reasoning": None,
        "parsed": None,
        "finish_reason": None,
        "error": None,
        "first_problem": None,
        "detail": None,
        "attempts": 1,
        "prompt_tokens": 2,
        "completion_tokens": 3,
        "tokens_estimated": False,
        "cost": 0.5,
        "latency_ms": 1.0,
        "asset": "a",
        "created_at": datetime.now(UTC),
        **RUN,
        **more,
    }


def file(uri: str, image: str):
    return {
        "source": "coco",
        "image_uri": uri,
        "image_id": image,
        "file_bytes": 1,
        "position": 0,
        "licence": "CC0-1.0",
        "split": None,
        "context": {},
        **RUN,
    }


def policy(name: str, kind: str, parent: str | None, release: str | None):
    return {
        "policy_id": name,
        "kind": kind,
        "parent_id": parent,
        "release_id": release,
        "path": f"policies/{name}",
        "weights_sha256": key(name),
        "config": {},
        "snapshot_id": 3,
        "seconds": 1.0,
        "run_id": "run-1",
    }


def sample(name: str, question: str, image: str):
    return {
        "sample_id": key(name),
        "image_id": image,
        "question_id": key(question),
        "answer_id": key("answer"),
        "path_id": key("path"),
        "source": "coco",
        "licence": "CC0-1.0",
        "problem": "What?",
        "answer": "red",
        "answer_typed": "{}",
        "answer_type": "text",
        "category": "FIB",
        "abilities": ["ocr"],
        "refined_cot": "so",
        "image_path": "coco/1.png",
        "reward": "rule",
        **RUN,
    }


def replied(who: str):
    return {
        "answer_id": key(who),
        "question_id": key("question"),
        "image_id": IMAGE,
        "answerer": "vlm" if who == "answer" else "reasoner",
        "answer": "red",
        "chain": "so",
        "agreement": "agree",
        "call_id": key(f"call of {who}"),
        **RUN,
    }


ROWS = {
    "source_images": [file("coco/1.png", IMAGE), file("coco/2.png", IMAGE)],
    "descriptions": [
        {
            "description_id": key("description"),
            "image_id": IMAGE,
            "text": "a red car",
            "call_id": key("call of description"),
            **RUN,
        }
    ],
    "refined_descriptions": [
        {
            "refined_id": key("refined"),
            "description_id": key("description"),
            "image_id": IMAGE,
            "text": "a small red car",
            "turns": [],
            "call_ids": [key("call of refined"), key("call that is gone")],
            **RUN,
        }
    ],
    "questions": [
        {
            "question_id": key(name),
            "image_id": IMAGE,
            "refined_id": key("refined"),
            "position": i,
            "question": f"What of {name}?",
            "category": "FIB",
            "options": [],
            "abilities": ["ocr"],
            "call_id": key("call of question"),
            **RUN,
        }
        for i, name in enumerate(("question", "another question"))
    ],
    "answers": [replied("answer"), replied("answer of the reasoner")],
    "reasoning_paths": [
        {
            "path_id": key("path"),
            "question_id": key("question"),
            "answer_id": key("answer"),
            "image_id": IMAGE,
            "refined_cot": "so",
            "call_id": key("call of path"),
            **RUN,
        }
    ],
    "samples": [sample("sample", "question", IMAGE), sample("orphan", "question that is gone", LOST)],
    "release_rows": [
        {
            "release_id": "feedc0de12345678",
            "sample_id": key("sample"),
            "image_id": IMAGE,
            "split": "train",
            "position": 0,
            "run_id": "run-1",
        }
    ],
    "releases": [
        {
            "release_id": "feedc0de12345678",
            "batches": ["b1"],
            "target": 1,
            "rows": 1,
            "train_rows": 1,
            "heldout_rows": 0,
            "config": {},
            "snapshot_id": 2,
            "path": "releases/feedc0de12345678",
            "run_id": "run-1",
        }
    ],
    "policies": [
        policy("base-1234567", "base", "rl-1234567", None),
        policy("rl-1234567", "rl", "base-1234567", "feedc0de12345678"),
    ],
    "rollouts": [
        {
            "policy_id": "rl-1234567",
            "step": 1,
            "sample_id": key("sample"),
            "member": i,
            "completion": "x",
            "verdict": "error",
            "accuracy": a,
            "format": 1.0,
            "reward": a,
            "run_id": "run-1",
        }
        for i, a in enumerate((1.0, None))
    ],
    "calls": [
        call(f"call of {n}") for n in ("description", "refined", "question", "answer", "answer of the reasoner", "path")
    ]
    + [call("failed call", status="failed", error="refusal", reply=None)],
    "benchmark_items": [
        {
            "benchmark": "MMStar",
            "item": "7",
            "position": 0,
            "image_ids": [SHOWN],
            "question": "Which?",
            "hint": None,
            "options": [],
            "answer": "A",
            "category": None,
            "split": None,
            "extra": {},
            "run_id": "run-1",
        }
    ],
    "benchmark_images": [
        {
            "image_id": SHOWN,
            "benchmark": "MMStar",
            "item": "7",
            "image_uri": "MMStar/7",
            "format": "png",
            "width": 1,
            "height": 1,
            "phash": "0" * 16,
            "phash256": "0" * 64,
            "run_id": "run-1",
        }
    ],
    "verdicts": [
        {
            "asset": "images",
            "subject_id": "coco/2.png",
            "verdict": "dropped",
            "reason": "exact_duplicate",
            "detail": "as coco/1.png",
            "related_id": IMAGE,
            **RUN,
        }
    ],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    home = tmp_path_factory.mktemp("walk")
    store = LakeStore(f"sqlite:{home}/catalog.sqlite", f"{home}/data")
    store.write(Commit("test"), [Write(table, rows) for table, rows in ROWS.items()])
    yield store
    store.close()


def lines(node: Node) -> list[str]:
    return [node.text, *(line for child in node.children for line in lines(child))]


def marked(node: Node) -> list[str]:
    return [*([node.text] if node.mark else []), *(text for child in node.children for text in marked(child))]


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        (IMAGE, "image "),
        ("coco/1.png", "image "),
        ("coco/2.png", "image "),
        (key("description"), "description "),
        (key("refined"), "refined "),
        (key("question"), "question "),
        (key("answer"), "vlm's answer "),
        (key("answer of the reasoner"), "reasoner's answer "),
        (key("path"), "reasoning path "),
        (key("sample"), "sample "),
        ("feedc0de12345678", "release "),
        ("rl-1234567", "policy "),
        (key("call of path"), "call "),
        ("MMStar:7", "benchmark item MMStar:7"),
        (SHOWN, "benchmark image "),
    ],
    ids=lambda v: v[:18],
)
@pytest.mark.parametrize("length", [12, 99])
def test_an_id_of_every_kind_is_the_one_marked_row_of_its_tree(lake, name, begins, length):
    """Whole and shortened; a file's path and SET:item only whole."""
    given = name if "/" in name or ":" in name or not length < len(name) else name[:length]
    (line,) = marked(walk(lake, given))
    assert line.startswith(begins)


def test_a_sample_leads_up_to_its_files_and_down_to_what_learned_from_it(lake):
    text = "\n".join(lines(walk(lake, key("sample"))))
    for part in (
        "file coco/1.png",
        "file coco/2.png",
        "exact_duplicate",
        "a red car",
        "a small red car",
        "What of question?",
        "release feedc0de12345678",
        "policy rl-1234567 learned from it",
        "2 rollouts in rl-1234567",
        "mean reward 1,",
    ):
        assert part in text, part
    assert "another question" not in text, "only the question of the row that was asked for"
    assert "in all 5 calls, 25 tokens, cost 2.500000" in text or "in all 6 calls, 30 tokens, cost 3.000000" in text


def test_an_image_has_all_its_questions(lake):
    text = "\n".join(lines(walk(lake, IMAGE)))
    assert "What of question?" in text and "What of another question?" in text


def test_a_call_tells_its_failure_and_its_uses(lake):
    assert "failed: refusal" in lines(walk(lake, key("failed call")))[0]
    assert any(key("path")[:12] in line for line in lines(walk(lake, key("call of path"))))


def test_a_call_that_the_ledger_lost_is_left_out_of_the_tree(lake):
    assert not any(key("call that is gone")[:12] in line for line in lines(walk(lake, key("refined"))))


def test_a_row_whose_parents_are_missing_is_shown_with_what_is_missing(lake):
    tree = walk(lake, key("orphan"))
    (found,) = marked(tree)
    assert found.startswith(f"sample {key('orphan')[:12]}") and "missing" in found
    assert tree.text == f"image {LOST[:12]}" and "no file" in "\n".join(lines(tree))


def test_policies_that_name_each_other_end(lake):
    """Lineage is keys: a wrong one must not send a walk round for ever."""
    assert "began from rl-1234567" in lines(walk(lake, "base-1234567")) and "began from base-1234567" in lines(
        walk(lake, "rl-1234567")
    )


@pytest.mark.parametrize(
    "name",
    [
        "nosuchid",
        "f" * 64,
        "MMStar:8",
        "MMStar:",
        "coco/3.png",
        "%%%%%%",
        "______",
        "'; DROP TABLE calls; --",
        "\ud800" * 6,
        "图" * 6,
    ],
)
def test_what_nothing_begins_with_is_unknown(lake, name):
    with pytest.raises(UnknownIdError, match="begins with"):
        walk(lake, name)


@pytest.mark.parametrize("name", ["", "a", IMAGE[:5]])
def test_too_few_characters_are_refused(lake, name):
    with pytest.raises(UnknownIdError, match="too short"):
        resolve(lake, name)


class Twins:
    """A lake in which six characters begin two ids, which hashes do once in millions."""

    def __init__(self, *named):
        self.named = [{"kind": kind, "id": name, "image_id": None, "question_id": None} for kind, name in named]

    def rows(self, name, **_):
        return self.named


def test_an_ambiguous_beginning_names_what_it_may_be():
    with pytest.raises(UnknownIdError, match=r"begins 2 ids \(call abcdef1.*sample abcdef2.*give more characters"):
        resolve(Twins(("sample", "abcdef2" + "0" * 57), ("call", "abcdef1" + "0" * 57)), "abcdef")


def test_the_same_bytes_in_a_source_and_a_benchmark_are_the_image():
    assert resolve(Twins(("benchmark image", IMAGE), ("image", IMAGE)), IMAGE) == ("image", IMAGE)
