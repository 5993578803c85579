"""One row with everything that belongs to it (record view): a question, an image, a call or an item of a set.

Belongs here: which rows of which tables a page shows, gathered by ids. Does not belong here: how a row is found
(subjects.py, lineage/), the picture of its lineage (lineage_picture.py), HTML (templates/).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from wethink_assets.lineage import family
from wethink_assets.lineage.rows import ScannedRows
from wethink_assets.row_filters.candidate import Candidate
from wethink_assets.row_filters.registry import FILTERS

ROLLOUTS = 64  # completions of a sample on its page
Row = dict[str, Any]
View = dict[str, Any]


def question_view(rows: ScannedRows, image_id: str, question_id: str | None, sample_id: str | None) -> View:
    """A question with what it came from and what became of it; a released row alone where the lake has no question."""
    of = {
        table: rows.full(table, "question_id", question_id)
        for table in (
            "questions",
            "valid_questions",
            "answers",
            "chosen_answers",
            "reasoning_paths",
            "routed_answers",
            "scored_replies",
            "samples",
        )
    }
    sample = _one(of["samples"]) or _one(rows.full("release_rows", "sample_id", sample_id))
    question, path = _one(of["questions"]), _one(of["reasoning_paths"])
    chosen = _one(of["chosen_answers"])
    own = sample.get("sample_id")
    answers = sorted(of["answers"], key=lambda row: row["answerer"])
    kept = next((row for row in answers if row["answer_id"] == chosen.get("answer_id")), {})
    releases = family.releases_of_sample(rows, own) if own else []
    view = image_parts(rows, image_id) | {
        "question": question,
        "valid": _one(of["valid_questions"]),
        "answers": answers,
        "chosen": chosen,
        "path": path,
        "route": _one(of["routed_answers"]),
        "replies": sorted(of["scored_replies"], key=lambda row: row["origin"]),
        "sample": sample,
        "final": sample.get("answer") or kept.get("answer"),
        "cot": sample.get("refined_cot") or path.get("refined_cot"),
        "stops": family.verdicts(rows, [i for i in (question_id, own, *_ids(answers, path)) if i]),
        "releases": releases,
        "policies": family.policies_of_releases(rows, [row["release_id"] for row in releases]),
        "audits": rows.full("audit_verdicts", "sample_id", own),
        "rates": pass_rates(rows, own),
        "training": training(rows, own),
        "predictions": family.predictions_of_item(rows, "heldout", own) if own else [],
        "filters": filters(question, sample, kept, path),
    }
    view["calls"] = _calls(rows, [*_calls_of_image(view), *_calls_of_question(view)])
    return view


def image_view(rows: ScannedRows, image_id: str) -> View:
    """An image with its files, descriptions and why it stopped."""
    view = image_parts(rows, image_id)
    names = [image_id, *(file["image_uri"] for file in view["files"]), *(r["refined_id"] for r in view["refined"])]
    view["stops"] = family.verdicts(rows, names)
    view["items"] = family.items_of_image(rows, image_id)
    view["calls"] = _calls(rows, _calls_of_image(view))
    return view


def image_parts(rows: ScannedRows, image_id: str) -> View:
    files = family.files_of_image(rows, image_id)
    contexts = [row["context"] for row in rows.full("source_images", "image_id", image_id)]
    refined = rows.full("refined_descriptions", "image_id", image_id)
    for row in refined:
        row["turns"] = _parsed(row["turns"]) or []
    return {
        "image_id": image_id,
        "files": files,
        "context": next((text for text in contexts if text and text != "{}"), None),
        "descriptions": rows.full("descriptions", "image_id", image_id),
        "refined": refined,
    }


def call_view(rows: ScannedRows, call_id: str) -> View:
    """A model call: what was asked, what was answered, what it cost, and which rows rest on it."""
    call = _one(rows.full("calls", "call_id", call_id)) or _one(rows.full("forgotten_calls", "call_id", call_id))
    uses, more = family.uses_of_call(rows, call_id)
    return {"call": call, "messages": call_messages(call.get("messages")), "uses": uses, "more": more}


def item_view(rows: ScannedRows, name: str) -> View:
    """An item of an evaluation set with every policy's answer."""
    benchmark, _, item = name.partition(":")
    items = [row for row in rows.full("benchmark_items", "item", item) if row["benchmark"] == benchmark]
    return {"item": _one(items), "predictions": predictions(rows, benchmark, item)}


def predictions(rows: ScannedRows, benchmark: str, item: str) -> list[Row]:
    """Every policy's reply with both verdicts."""
    scores = {row["policy_id"]: row for row in rows.full("item_scores", "item", item) if row["benchmark"] == benchmark}
    found = [row for row in rows.full("predictions", "item", item) if row["benchmark"] == benchmark]
    return sorted(({**row, "score": scores.get(row["policy_id"], {})} for row in found), key=lambda r: r["policy_id"])


def pass_rates(rows: ScannedRows, sample_id: str | None) -> list[Row]:
    """How often each policy answered a row rightly, with its sampled answers."""
    answers = sorted(rows.full("pass_rate_answers", "sample_id", sample_id), key=lambda row: row["answer"])
    rates = sorted(rows.full("pass_rates", "sample_id", sample_id), key=lambda row: row["policy_id"])
    return [{**rate, "sampled": [a for a in answers if a["policy_id"] == rate["policy_id"]]} for rate in rates]


def training(rows: ScannedRows, sample_id: str | None) -> list[View]:
    """What each policy sampled of a row in training: steps in order, each with its group of completions."""
    found = rows.full("rollouts", "sample_id", sample_id)
    by_policy: dict[str, dict[int, list[Row]]] = {}
    for row in sorted(found, key=lambda row: (row["policy_id"], row["step"], row["member"])):
        by_policy.setdefault(row["policy_id"], {}).setdefault(row["step"], []).append(row)
    views = []
    for policy_id, steps in by_policy.items():
        own = [row for group in steps.values() for row in group]
        known = [row["accuracy"] for row in own if row["accuracy"] is not None]
        views.append(
            {
                "policy_id": policy_id,
                "steps": list(steps.items()),
                "rollouts": len(own),
                "accuracy": sum(known) / len(known) if known else None,
                "shown": own[:ROLLOUTS],
            }
        )
    return views


def filters(question: Row, sample: Row, kept: Row, path: Row) -> list[tuple[str, str, str | None]]:
    """What each row filter says of the row as it is now: name, what it looks for, and why it would drop the row.

    Empty where the row has no kept answer, and for released rows whose question the lake does not hold.
    """
    answer = sample.get("answer") or kept.get("answer")
    if not question or not answer:
        return []
    candidate = Candidate(
        question["question"], tuple(question["options"]), question["category"], answer, path.get("refined_cot") or ""
    )
    asked = [one for one in FILTERS if candidate.path or not one.of_path]
    return [(one.name, one.what, one.look(candidate)) for one in asked]


def _calls_of_image(view: View) -> list[tuple[str, str | None]]:
    found = [("description", row["call_id"]) for row in view["descriptions"]]
    for row in view["refined"]:
        for turn in row["turns"]:
            found += [("refinement: question", turn.get("ask_call_id"))]
            found += [("refinement: answer", turn.get("answer_call_id"))]
        told = {call for _, call in found}
        found += [("refinement", call) for call in row["call_ids"] if call not in told]
    return found


def _calls_of_question(view: View) -> list[tuple[str, str | None]]:
    found = [("question", view["question"].get("call_id"))]
    found += [("well posed?", view["valid"].get("well_posed_call_id"))]
    found += [("answerable?", view["valid"].get("answerable_call_id"))]
    found += [(f"answer of the {row['answerer']}", row["call_id"]) for row in view["answers"]]
    found += [("adjudication", view["chosen"].get("call_id")), ("path", view["path"].get("call_id"))]
    found += [(f"judgement of {row['origin']}", row["judge_call_id"]) for row in view["replies"]]
    return found


def _calls(rows: ScannedRows, named: Sequence[tuple[str, str | None]]) -> list[Row]:
    """The calls that these name, in this order, each once."""
    known = family.calls(rows, [call_id for _, call_id in named])
    first = {call_id: what for what, call_id in reversed(named) if call_id in known}
    order = dict.fromkeys(call_id for _, call_id in named if call_id in known)
    return [known[call_id] | {"what": first[call_id]} for call_id in order]


def call_messages(text: Any) -> list[tuple[str, list[tuple[str, str]]]]:
    """Role and parts of each message; a part is ("text", its text) or ("image", the image's id)."""
    found = []
    for message in _parsed(text) or []:
        if not isinstance(message, dict):
            found.append(("", [("text", _told(message))]))
            continue
        content = message.get("content")
        parts = content if isinstance(content, list) else [content]
        found.append((str(message.get("role", "")), [_part(part) for part in parts]))
    return found


def _part(part: Any) -> tuple[str, str]:
    if isinstance(part, dict):
        if "image_id" in part:
            return "image", str(part["image_id"])
        if isinstance(part.get("text"), str):
            return "text", part["text"]
    return "text", "" if part is None else _told(part)


def _told(value: Any) -> str:
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deep to be shown)"


def _parsed(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _ids(answers: Iterable[Row], path: Row) -> list[str]:
    return [row["answer_id"] for row in answers] + ([path["path_id"]] if path else [])


def _one(rows: Sequence[Row]) -> Row:
    return rows[0] if rows else {}
