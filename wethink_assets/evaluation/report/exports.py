"""Predictions as the files of other tools: VLMEvalKit's prediction TSV, lmms-eval's samples JSONL.

Belongs here: their columns and keys. Does not belong here: which policies and sets (the caller's). Images are not repeated.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wethink_assets.evaluation.registry import Benchmark
from wethink_assets.evaluation.report.items import Answer
from wethink_assets.evaluation.scorers.vlmevalkit.choice import answer_part

FORMATS = ("vlmevalkit", "lmms-eval")


def safe(name: str) -> str:
    """A name that is one part of a path, whatever a policy is called."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "policy"


def export(folder: Path, form: str, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Path:
    """Write one set of a policy; returns the file.

    Raises:
        KeyError: there is no such format.
    """
    return {"vlmevalkit": vlmevalkit, "lmms-eval": lmms_eval}[form](folder, policy, benchmark, answers)


def vlmevalkit(folder: Path, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Path:
    """`<model>_<set>.tsv`, as VLMEvalKit writes and reads it with PRED_FORMAT=tsv: the set's columns and `prediction`.

    MMBench's replies are cut to their answer part, as the paper's wrapper does before it writes them [A].
    """
    rows = []
    for answer in answers:
        options = dict(zip(string.ascii_uppercase, answer["options"] or (), strict=False))
        reply = answer["reply"] or ""
        rows.append(
            {"index": answer["item"], "question": answer["question"], "hint": answer["hint"], **options, "answer": answer["answer"],
             "category": answer["category"], "split": answer["split"], **_extra(answer),
             "prediction": answer_part(reply) if benchmark.rule == "mmbench" else reply}
        )  # fmt: skip
    used = {key for row in rows for key, value in row.items() if value not in (None, "")} | {"index", "question", "prediction"}
    columns = [key for key in dict.fromkeys(k for row in rows for k in row) if key in used and key not in ("image", "image_path")]
    path = folder / f"{safe(policy)}_{safe(benchmark.name)}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, [*[c for c in columns if c != "prediction"], "prediction"], delimiter="\t", restval="",
                             extrasaction="ignore", quoting=csv.QUOTE_ALL, lineterminator="\n")  # fmt: skip
        out.writeheader()
        out.writerows(rows)
    return path


def lmms_eval(folder: Path, policy: str, benchmark: Benchmark, answers: Sequence[Answer]) -> Path:
    """`<model>_<set>_samples.jsonl`: one sample a line with the keys of lmms-eval's logged samples."""
    path = folder / f"{safe(policy)}_{safe(benchmark.name)}_samples.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for position, answer in enumerate(answers):
            doc = {"index": answer["item"], "question": answer["question"], "hint": answer["hint"], "options": list(answer["options"] or ()),
                   "category": answer["category"], "split": answer["split"], **_extra(answer)}  # fmt: skip
            sample = {
                "doc_id": position, "doc": doc, "target": answer["answer"], "arguments": [[answer["prompt"], {}]], "input": answer["prompt"],
                "resps": [[answer["reply"]]], "filtered_resps": [answer["extracted"]],
                benchmark.metric: answer["score"], "vlmevalkit_score": answer["vlmevalkit_score"],
                "doc_hash": _hash(json.dumps(doc, sort_keys=True, ensure_ascii=False)), "prompt_hash": _hash(answer["prompt"]),
                "target_hash": _hash(str(answer["answer"])),
            }  # fmt: skip
            file.write(json.dumps(sample, ensure_ascii=False) + "\n")
    return path


def _extra(answer: Answer) -> dict[str, Any]:
    extra = answer["extra"] or {}
    return json.loads(extra) if isinstance(extra, str) else dict(extra)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
