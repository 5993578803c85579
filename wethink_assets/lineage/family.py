"""A row's relatives (provenance look-ups): what hangs together by ids, joined as the tree shows it.

Belongs here: which rows of which tables a walk needs, level by level, in what order. Does not belong here: the lines of
the tree (walk.py), how rows are found (rows.py).

Each level asks for the rows of all ids of the level above it together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from resources.lake.sql_files import tables
from wethink_assets.lineage.links import kinds
from wethink_assets.lineage.rows import NAMED, Row, Rows, ScannedRows

OF_QUESTIONS = (
    "valid_questions", "answers", "chosen_answers", "reasoning_paths", "routed_answers", "samples", "scored_replies"
)  # fmt: skip


def named(rows: ScannedRows, prefix: str) -> list[dict[str, Any]]:
    """Kind, id, image and question of every row that this begins, or names whole: a file's path, a SET:item."""
    files = [*rows.beginning("source_images", "image_id", prefix), *rows.of("source_images", "image_uri", prefix)]
    found: list[tuple[str, str, str | None, str | None]] = [
        ("image", row["image_id"], row["image_id"], None) for row in files
    ]
    for kind, table in kinds().items():
        key = table.key[0]
        own = rows.beginning(table.name, key, prefix)
        found += [(kind, row[key], row["image_id"], row.get("question_id")) for row in own]
    for kind, table, key in (
        ("release", "releases", "release_id"),
        ("policy", "policies", "policy_id"),
        ("call", "calls", "call_id"),
        ("call", "forgotten_calls", "call_id"),
    ):
        found += [(kind, row[key], None, None) for row in rows.beginning(table, key, prefix)]
    benchmark, colon, item = prefix.partition(":")
    if colon and any(row["benchmark"] == benchmark for row in rows.of("benchmark_items", "item", item)):
        found.append(("benchmark item", prefix, None, None))
    for row in rows.beginning("benchmark_images", "image_id", prefix):
        found.append(("benchmark image", row["image_id"], row["image_id"], None))
    distinct = sorted(set(found), key=lambda row: (row[0], row[1], row[3] is None, row[3] or ""))
    return [dict(zip(("kind", "id", "image_id", "question_id"), row, strict=True)) for row in distinct[:NAMED]]


def files_of_image(rows: ScannedRows, image_id: str) -> Rows:
    """Every file with these bytes, and whether the pool took the image."""
    pool = _one(rows.of("images", "image_id", image_id))
    files = rows.of("source_images", "image_id", image_id)
    for file in files:
        file |= {name: pool.get(name) for name in ("width", "height", "format")} | {
            "canonical_uri": pool.get("image_uri")
        }
    files.sort(key=lambda file: (file["batch"], file["image_uri"]))
    return files


def items_of_image(rows: ScannedRows, image_id: str) -> Rows:
    """Benchmark items that show these very bytes."""
    items = rows.of("benchmark_items", "image_ids", image_id)
    items.sort(key=lambda item: (item["benchmark"], item["position"]))
    return items


def verdicts(rows: ScannedRows, ids: Sequence[str]) -> list[Row]:
    """Why any of these rows went no further."""
    rows.need("verdicts", "subject_id", ids)
    found = [row for i in dict.fromkeys(ids) for row in rows.of("verdicts", "subject_id", i)]
    return sorted(found, key=lambda row: (row["asset"], row["subject_id"]))


def descriptions_of_image(rows: ScannedRows, image_id: str) -> list[Row]:
    """The image's descriptions, each with its refinement."""
    refined = {row["description_id"]: row for row in rows.of("refined_descriptions", "image_id", image_id)}
    found = []
    for row in rows.of("descriptions", "image_id", image_id):
        after = refined.get(row["description_id"], {})
        names = {"refined_id": "refined_id", "refined_text": "text", "call_ids": "call_ids"}
        found.append(row | {name: after.get(column) for name, column in names.items()})
    return found


def questions(rows: ScannedRows, image_id: str, only: str | None, most: int) -> tuple[list[Row], int]:
    """Questions of an image, or the one, each with everything that became of it; and how many more there are."""
    asked = rows.of("questions", "image_id", image_id) if only is None else rows.of("questions", "question_id", only)
    asked.sort(key=lambda row: row["position"])
    some = [row for row in asked if row["image_id"] == image_id][:most]
    ids = [row["question_id"] for row in some]
    for table in OF_QUESTIONS:
        rows.need(table, "question_id", ids)
    found = [_with_outcome(rows, row) for row in some]
    samples = [row["sample_id"] for row in found if row["sample_id"]]
    rows.need("verdicts", "subject_id", [*ids, *samples])
    for table, column in (("release_rows", "sample_id"), ("rollouts", "sample_id")):
        rows.need(table, column, samples)
    return found, asked.total - len(some)


def _with_outcome(rows: ScannedRows, question: Row) -> Row:
    question_id = question["question_id"]
    valid, chosen, path, routed, sample = (
        _one(rows.of(table, "question_id", question_id))
        for table in ("valid_questions", "chosen_answers", "reasoning_paths", "routed_answers", "samples")
    )
    answers = {row["answerer"]: row for row in rows.of("answers", "question_id", question_id)}
    found = question | {name: valid.get(name) for name in ("well_posed_call_id", "answerable_call_id")}
    for who in ("reasoner", "vlm"):
        answer = answers.get(who, {})
        found |= {f"{who}_{name}": answer.get(name) for name in ("answer_id", "answer", "call_id")}
    found["agreement"] = answers.get("reasoner", {}).get("agreement")
    names = {"chosen_answer_id": "answer_id", "chosen_by": "chosen_by", "adjudicator_call_id": "call_id"}
    found |= {name: chosen.get(column) for name, column in names.items()}
    found |= {
        "path_id": path.get("path_id"),
        "refined_cot": path.get("refined_cot"),
        "path_call_id": path.get("call_id"),
    }
    names = {"routed_to": "reward", "rule_type": "rule_type", "route_reason": "reason"}
    found |= {name: routed.get(column) for name, column in names.items()}
    found |= {name: routed.get(name) for name in ("replies", "decided", "disagreeing")}
    return found | {name: sample.get(name) for name in ("sample_id", "answer", "answer_type", "reward")}


def scored_replies(rows: ScannedRows, question_id: str) -> list[Row]:
    """The replies to a question that rule and judge scored."""
    return sorted(rows.of("scored_replies", "question_id", question_id), key=lambda row: row["reply_id"])


def added_rows(rows: ScannedRows, owner: str, owner_id: str) -> list[tuple[str, str, Row]]:
    """Rows that stages of extensions wrote about a question, or about an image where a row names no question.

    Each with its kind and its id.
    """
    return [
        (table.kind or table.name, row[table.key[0]], row)
        for table in tables().values()
        if table.added and table.owner == owner
        for row in rows.of(table.name, owner, owner_id)
    ]


def releases_of_sample(rows: ScannedRows, sample_id: str) -> list[Row]:
    """Releases that hold a sample, in the order in which they were made."""
    held = rows.of("release_rows", "sample_id", sample_id)
    rows.need("releases", "release_id", [row["release_id"] for row in held])
    found = [
        row | {"rows": release["rows"], "snapshot_id": release["snapshot_id"]}
        for row in held
        for release in rows.of("releases", "release_id", row["release_id"])
    ]
    return sorted(found, key=lambda row: row["snapshot_id"])


def policies_of_releases(rows: ScannedRows, release_ids: Sequence[str]) -> list[Row]:
    """Policies that learned from these releases."""
    rows.need("policies", "release_id", release_ids)
    found = [row for i in dict.fromkeys(release_ids) for row in rows.of("policies", "release_id", i)]
    return sorted(found, key=lambda row: row["policy_id"])


def rollouts_of_sample(rows: ScannedRows, sample_id: str) -> list[Row]:
    """What each policy learned from a sample."""
    found = []
    rollouts = rows.of("rollouts", "sample_id", sample_id)
    for policy_id in sorted({row["policy_id"] for row in rollouts}):
        own = [row for row in rollouts if row["policy_id"] == policy_id]
        found.append(
            {
                "policy_id": policy_id,
                "rollouts": len(own),
                "mean_reward": _mean(row["reward"] for row in own),
                "mean_accuracy": _mean(row["accuracy"] for row in own),
                "first_step": min(row["step"] for row in own),
                "last_step": max(row["step"] for row in own),
            }
        )
    return found


def predictions_of_item(rows: ScannedRows, benchmark: str, item: str) -> list[Row]:
    """Every policy's answer to one benchmark item, or to one held-out sample (set 'heldout')."""
    scores = {row["policy_id"]: row for row in rows.of("item_scores", "item", item) if row["benchmark"] == benchmark}
    found = []
    for row in rows.of("predictions", "item", item):
        if row["benchmark"] == benchmark:
            score = scores.get(row["policy_id"], {})
            names = ("extracted", "verdict", "score", "method", "judge_call_id")
            found.append(row | {name: score.get(name) for name in names})
    return sorted(found, key=lambda row: row["policy_id"])


def scores_of_policy(rows: ScannedRows, policy_id: str) -> list[Row]:
    """Headline numbers of a policy."""
    return sorted(
        (row for row in rows.of("scores", "policy_id", policy_id) if row["main"]), key=lambda row: row["benchmark"]
    )


def calls(rows: ScannedRows, ids: Iterable[str | None]) -> dict[str, Row]:
    """What was asked of which model, and what it cost, by call; of one that was forgotten, what it was last."""
    wanted = sorted({i for i in ids if i})
    rows.need("calls", "call_id", wanted)
    known = {i: row for i in wanted for row in rows.of("calls", "call_id", i)}
    rows.need("forgotten_calls", "call_id", missing := [i for i in wanted if i not in known])
    return known | {i: found[-1] for i in missing if (found := forgotten(rows, i))}


def forgotten(rows: ScannedRows, call_id: str) -> Rows:
    """What a call was before it was forgotten, the last time last."""
    found = rows.of("forgotten_calls", "call_id", call_id)
    found.sort(key=lambda row: row["forgotten_at"])
    return found


def uses_of_call(rows: ScannedRows, call_id: str) -> tuple[list[tuple[str, str]], int]:
    """Kind and id of rows that rest on a call, and how many more do."""
    uses: list[tuple[str, str]] = []
    more = 0
    for kind, table, columns, key in (
        ("description", "descriptions", ("call_id",), "description_id"),
        ("refined description", "refined_descriptions", ("call_ids",), "refined_id"),
        ("question", "questions", ("call_id",), "question_id"),
        ("question", "valid_questions", ("well_posed_call_id", "answerable_call_id"), "question_id"),
        ("answer", "answers", ("call_id",), "answer_id"),
        ("question", "chosen_answers", ("call_id",), "question_id"),
        ("reasoning path", "reasoning_paths", ("call_id",), "path_id"),
        ("scored reply", "scored_replies", ("judge_call_id",), "reply_id"),
    ):
        found = [rows.of(table, column, call_id) for column in columns]
        more += sum(some.more for some in found)
        uses += [(kind, i) for i in dict.fromkeys(row[key] for some in found for row in some)]
    for kind, table, column in (
        ("prediction", "predictions", "call_id"),
        ("judged prediction", "item_scores", "judge_call_id"),
    ):
        for row in rows.of(table, column, call_id):
            uses.append((kind, f"{row['policy_id']} {row['benchmark']}:{row['item']}"))
    for column in ("call_id", "judge_call_id"):
        uses += [("pass rate", row["sample_id"]) for row in rows.of("pass_rate_answers", column, call_id)]
    for table in tables().values():
        if table.added and "call_id" in table.column_names:
            uses += [(table.kind or table.name, row[table.key[0]]) for row in rows.of(table.name, "call_id", call_id)]
    return uses, more


def _one(rows: Sequence[Row]) -> Row:
    return rows[0] if rows else {}


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
