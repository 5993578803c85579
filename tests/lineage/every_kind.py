"""One row of every kind that a walk can meet, in the lake's tables."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime


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
    "pass_rates": [
        {
            "policy_id": "rl-1234567",
            "policy_kind": "rl",
            "release_id": "feedc0de12345678",
            "sample_id": key("sample"),
            "answers": 2,
            "scored": 2,
            "correct": 1,
            "rate": 0.5,
            "low": 0.01,
            "high": 0.99,
            "sampling": {},
            "verifier": "v",
            "run_id": "run-1",
        }
    ],
    "pass_rate_answers": [
        {
            "policy_id": "rl-1234567",
            "sample_id": key("sample"),
            "answer": i,
            "call_id": key("sampled answer"),
            "verdict": verdict,
            "method": "rule",
            "run_id": "run-1",
        }
        for i, verdict in enumerate(("correct", "wrong"))
    ],
    "calls": [
        call(f"call of {n}") for n in ("description", "refined", "question", "answer", "answer of the reasoner", "path")
    ]
    + [call("failed call", status="failed", error="refusal", reply=None), call("sampled answer", role="policy")],
    "forgotten_calls": [
        call(name, status="failed", error="http_400", reply=None, forgotten_at=datetime(2026, 2, 3, tzinfo=UTC))
        for name in ("forgotten call", "call of path")
    ],
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
