"""The lineage walk (provenance): an id in, a tree of facts out. Pure apart from reading the lake.

Belongs here: which look-ups a kind of row needs, and each line of the tree. Does not belong here: colours (render.py),
statements (sql/lineage/).

Each level is one look-up by key, so a walk costs a fixed number of queries, whatever the lake holds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Protocol

from resources.lake.sql_files import tables

SHORT = 12
_SHOWN_ELSEWHERE = frozenset({"image_id", "question_id", "batch", "call_id", "run_id"})


class Reader(Protocol):
    """What a walk needs of the lake."""

    def rows(self, name: str, **parameters: Any) -> list[dict[str, Any]]: ...


@dataclass
class Node:
    """One line of the tree with what hangs below it. `mark` is the row that was asked for."""

    text: str
    children: list[Node] = field(default_factory=list)
    mark: bool = False

    def add(self, text: str, mark: bool = False) -> Node:
        child = Node(text, mark=mark)
        self.children.append(child)
        return child


class UnknownIdError(LookupError):
    """No row has this id, or several begin with it; the message says which."""


def resolve(lake: Reader, prefix: str) -> tuple[str, str]:
    """Kind and full id of what a (shortened) id names.

    Raises:
        UnknownIdError: nothing, or more than one row, begins with it.
    """
    row = _named(lake, prefix)
    return row["kind"], row["id"]


def _named(lake: Reader, prefix: str) -> dict[str, Any]:
    """Kind, id, image and question of the one row that this names. Raises UnknownIdError."""
    if len(prefix) < 6:
        raise UnknownIdError(
            f"{prefix!r} is too short: give at least 6 characters of an id, SET:item, or a file's path"
        )
    text = prefix.encode("utf-8", "replace").decode()  # a shell may give what is no text
    rows = {(row["kind"], row["id"]): row for row in reversed(lake.rows("lineage/find_id", prefix=text))}
    kinds = set(rows)
    if not kinds:
        raise UnknownIdError(
            f"no image, question, answer, sample, release, policy, call or SET:item begins with {prefix!r}"
        )
    if len({i for _, i in kinds}) == 1:
        return rows[min(kinds, key=lambda k: k[0] != "image")]  # the same bytes in a source and in a benchmark
    if len(kinds) > 1:
        some = ", ".join(f"{k} {i[:SHORT]}" for k, i in sorted(kinds)[:5])
        raise UnknownIdError(f"{prefix!r} begins {len(kinds)} ids ({some} …): give more characters")
    return rows[kinds.pop()]


def walk(lake: Reader, prefix: str) -> Node:
    """The tree around one row. Raises UnknownIdError."""
    row = _named(lake, prefix)
    kind, full = row["kind"], row["id"]
    if kind == "image":
        return _image(lake, full, None, full)
    if kind == "release":
        return _release(lake, full)
    if kind == "policy":
        return _policy(lake, full)
    if kind == "call":
        return _call(lake, full)
    if kind == "benchmark item":
        return _item(lake, *full.split(":", 1))
    if kind == "benchmark image":
        root = Node(f"benchmark image {full[:SHORT]}", mark=True)
        _items(lake, root, full)
        return root
    root = _image(lake, row["image_id"], row["question_id"], full)
    if not _has_mark(root):  # no row above it led to it
        root.add(f"{kind} {full[:SHORT]}: a row between the image and it is missing", mark=True)
    return root


def _has_mark(node: Node) -> bool:
    return node.mark or any(map(_has_mark, node.children))


def _image(lake: Reader, image_id: str, only_question: str | None, marked: str) -> Node:
    files = lake.rows("lineage/select_files_of_image", image_id=image_id)
    root = Node(f"image {image_id[:SHORT]}", mark=marked == image_id)
    for file in files:
        size = f", {file['width']}x{file['height']} {file['format']}" if file["width"] else ""
        role = "" if file["image_uri"] == file["canonical_uri"] or not file["canonical_uri"] else " (same bytes)"
        root.add(f"file {file['image_uri']}{role}: source {file['source']}, {file['batch']}, {file['licence']}{size}")
    if not files:
        root.add("no file of it is known")
    _items(lake, root, image_id)
    _verdicts(lake, root, [image_id, *(f["image_uri"] for f in files)])
    descriptions = lake.rows("lineage/select_descriptions_of_image", image_id=image_id)
    questions = lake.rows("lineage/select_questions_of_image", image_id=image_id)
    if only_question is not None:
        questions = [q for q in questions if q["question_id"] == only_question]
    calls = _calls(lake, descriptions, questions)
    for d in descriptions:
        node = root.add(
            f"description {d['description_id'][:SHORT]}: {_short(d['text'])}", d["description_id"] == marked
        )
        _add_call(node, calls, d["call_id"])
        if d["refined_id"]:
            node = node.add(
                f"refined {d['refined_id'][:SHORT]}: {_short(d['refined_text'])}", d["refined_id"] == marked
            )
            for call_id in d["call_ids"]:
                _add_call(node, calls, call_id)
    _added_rows(lake, root, image_id, marked)
    for q in questions:
        _question(lake, root, q, calls, marked)
    spent = sum(c["cost"] for c in calls.values())
    tokens = sum((c["prompt_tokens"] or 0) + (c["completion_tokens"] or 0) for c in calls.values())
    root.add(f"in all {len(calls)} calls, {tokens:,} tokens, cost {spent:.6f}")
    return root


def _question(lake: Reader, root: Node, q: dict[str, Any], calls: dict[str, Any], marked: str) -> None:
    node = root.add(
        f"question {q['question_id'][:SHORT]} [{q['category']}; {', '.join(q['abilities'])}]: {_short(q['question'])}",
        q["question_id"] == marked,
    )
    _add_call(node, calls, q["call_id"])
    for name in ("well_posed", "answerable"):
        _add_call(node, calls, q[f"{name}_call_id"])
    for who in ("reasoner", "vlm"):
        if q[f"{who}_answer_id"]:
            answer = node.add(
                f"{who}'s answer {q[f'{who}_answer_id'][:SHORT]}: {_short(q[f'{who}_answer'])} ({q['agreement']})",
                q[f"{who}_answer_id"] == marked,
            )
            _add_call(answer, calls, q[f"{who}_call_id"])
    if q["chosen_by"]:
        kept = node.add(f"kept by {q['chosen_by']}: answer {q['chosen_answer_id'][:SHORT]}")
        _add_call(kept, calls, q["adjudicator_call_id"])
    if q["path_id"]:
        path = node.add(f"reasoning path {q['path_id'][:SHORT]}: {_short(q['refined_cot'])}", q["path_id"] == marked)
        _add_call(path, calls, q["path_call_id"])
    _route(lake, node, q, marked)
    _added_rows(lake, node, q["question_id"], marked)
    _verdicts(lake, node, [q["question_id"]])
    if q["sample_id"]:
        _sample(lake, node, q, marked)


def _added_rows(lake: Reader, parent: Node, owner_id: str, marked: str) -> None:
    """What stages of extensions wrote about a question or an image: every column not shown elsewhere."""
    if not any(table.added for table in tables().values()):
        return
    rows = lake.rows("lineage/select_added_rows", owner_id=owner_id)
    ids = [row["call_id"] for row in rows if row["call_id"]]
    calls = {call["call_id"]: call for call in lake.rows("lineage/select_calls", ids=ids)} if ids else {}
    for row in rows:
        content = {name: value for name, value in json.loads(row["content"]).items() if name not in _SHOWN_ELSEWHERE}
        shown = ", ".join(f"{name} {_short(value)}" for name, value in content.items() if value != row["id"])
        node = parent.add(f"{row['kind']} {row['id'][:SHORT]}: {shown}", row["id"] == marked)
        _add_call(node, calls, row["call_id"])


def _route(lake: Reader, parent: Node, q: dict[str, Any], marked: str) -> None:
    """The reward route of a question: by rule or judge, with the replies that both scored."""
    replies = lake.rows("lineage/select_scored_replies", question_id=q["question_id"])
    if not (q["routed_to"] or replies):
        return
    counts = f": rule and judge disagree on {q['disagreeing']} of {q['decided']} replies" if q["decided"] else ""
    left = f", no longer by the rule for {q['rule_type']}" if q["rule_type"] else ""
    node = parent.add(f"reward by {q['routed_to'] or 'neither'}{left} ({q['route_reason'] or 'dropped'}{counts})")
    for r in replies:
        judged = f"judge {_number(r['tier'])}" + (f" unasked, {r['refusal']}" if r["refusal"] else "")
        call = f" (call {r['judge_call_id'][:SHORT]})" if r["judge_call_id"] else ""
        node.add(
            f"{r['origin']} said {_short(r['reply'])}: rule {r['verdict']}, {judged}{call}", r["reply_id"] == marked
        )


def _sample(lake: Reader, parent: Node, q: dict[str, Any], marked: str) -> None:
    node = parent.add(
        f"sample {q['sample_id'][:SHORT]}: answer {_short(q['answer'])} ({q['answer_type']}, reward by {q['reward']})",
        q["sample_id"] == marked,
    )
    _verdicts(lake, node, [q["sample_id"]])
    releases = lake.rows("lineage/select_releases_of_sample", sample_id=q["sample_id"])
    policies = _policies(lake, [r["release_id"] for r in releases])
    for r in releases:
        release = node.add(f"release {r['release_id']}: split {r['split']}, row {r['position']} of {r['rows']}")
        for p in (p for p in policies if p["release_id"] == r["release_id"]):
            release.add(f"policy {p['policy_id']} learned from it, beginning at {p['parent_id']}")
    for r in lake.rows("lineage/select_rollouts_of_sample", sample_id=q["sample_id"]):
        rollouts = node.add(
            f"{r['rollouts']} rollouts in {r['policy_id']}, steps {r['first_step']}–{r['last_step']}: "
            f"mean reward {_number(r['mean_reward'])}, accuracy {_number(r['mean_accuracy'])}"
        )
        _scores(lake, rollouts, r["policy_id"])
    if not any(r["split"] == "heldout" for r in releases):
        return
    for p in lake.rows("lineage/select_predictions_of_item", benchmark="heldout", item=q["sample_id"]):
        node.add(f"held out: {p['policy_id']} answered {_short(p['extracted'] or p['reply'])} ({p['verdict']})")


def _release(lake: Reader, release_id: str) -> Node:
    rows = lake.rows("lineage/select_release", release_id=release_id)
    first = rows[0]
    root = Node(
        f"release {release_id}: {first['rows']} rows ({first['train_rows']} train, {first['heldout_rows']} held out), "
        f"snapshot {first['snapshot_id']}, batches {', '.join(first['batches'])}, {first['path']}",
        mark=True,
    )
    sources = root.add("from")
    for row in rows:
        sources.add(f"{row['source']}: {row['samples']}")
    for p in _policies(lake, [release_id]):
        _scores(lake, root.add(f"policy {p['policy_id']}, beginning at {p['parent_id']}"), p["policy_id"])
    return root


def _policies(lake: Reader, release_ids: list[str]) -> list[dict[str, Any]]:
    return lake.rows("lineage/select_policies_of_releases", ids=release_ids) if release_ids else []


def _policy(lake: Reader, policy_id: str) -> Node:
    p = lake.rows("lineage/select_policy", policy_id=policy_id)[0]
    root = Node(
        f"policy {policy_id} ({p['kind']}): {p['path']}, weights {(p['weights_sha256'] or '-')[:SHORT]}", mark=True
    )
    if p["parent_id"]:
        root.add(f"began from {p['parent_id']}")
    if p["release_id"]:
        root.add(f"learned from release {p['release_id']} (snapshot {p['snapshot_id']})")
    _scores(lake, root, policy_id)
    return root


def _call(lake: Reader, call_id: str) -> Node:
    call = lake.rows("lineage/select_calls", ids=[call_id])[0]
    root = Node(_call_text(call), mark=True)
    root.add(f"reply: {_short(call['reply'] or call['error'], 400)}")
    for use in lake.rows("lineage/select_uses_of_call", call_id=call_id):
        root.add(f"{use['kind']} {use['id']}")
    return root


def _item(lake: Reader, benchmark: str, item: str) -> Node:
    root = Node(f"benchmark item {benchmark}:{item}", mark=True)
    predictions = lake.rows("lineage/select_predictions_of_item", benchmark=benchmark, item=item)
    ids = [p["call_id"] for p in predictions] + [p["judge_call_id"] for p in predictions if p["judge_call_id"]]
    calls = {c["call_id"]: c for c in lake.rows("lineage/select_calls", ids=ids)} if ids else {}
    for p in predictions:
        node = root.add(
            f"{p['policy_id']} answered {_short(p['extracted'] or p['reply'])}: {p['verdict']}, "
            f"score {_number(p['score'])} by {p['method']}"
        )
        _add_call(node, calls, p["call_id"])
        _add_call(node, calls, p["judge_call_id"])
    return root


def _items(lake: Reader, node: Node, image_id: str) -> None:
    for i in lake.rows("lineage/select_items_of_image", image_id=image_id):
        node.add(f"shown by benchmark item {i['benchmark']}:{i['item']}: {_short(i['question'])}")


def _scores(lake: Reader, node: Node, policy_id: str) -> None:
    for s in lake.rows("lineage/select_scores_of_policy", policy_id=policy_id):
        interval = f" [{_number(s['low'])}, {_number(s['high'])}]" if s["low"] is not None else ""
        node.add(
            f"{s['benchmark']} {s['metric']}: {_number(s['value'])}{interval} of {s['scale']:g}, "
            f"n {s['n']} of {s['n_set']}"
        )


def _verdicts(lake: Reader, node: Node, ids: list[str]) -> None:
    for v in lake.rows("lineage/select_verdicts", ids=ids):
        related = f" (see {v['related_id'][:40]})" if v["related_id"] else ""
        node.add(f"{v['verdict']} by {v['asset']}, {v['batch'] or '-'}: {v['reason']}. {v['detail'] or ''}{related}")


def _calls(lake: Reader, descriptions: list[dict], questions: list[dict]) -> dict[str, dict[str, Any]]:
    ids = {d["call_id"] for d in descriptions}
    for d in descriptions:
        ids |= set(d["call_ids"] or [])
    for q in questions:
        ids |= {value for key, value in q.items() if key.endswith("call_id") and value}
    return {c["call_id"]: c for c in lake.rows("lineage/select_calls", ids=sorted(ids))} if ids else {}


def _add_call(node: Node, calls: dict[str, dict[str, Any]], call_id: str | None) -> None:
    if call_id and call_id in calls:
        node.add(_call_text(calls[call_id]))


def _call_text(c: dict[str, Any]) -> str:
    tokens = (c["prompt_tokens"] or 0) + (c["completion_tokens"] or 0)
    state = "" if c["status"] == "ok" else f", {c['status']}: {c['error']}"
    return (
        f"call {c['call_id'][:SHORT]}: {c['role']} {c['model']}, prompt {c['prompt']}@{c['prompt_version']}, "
        f"{tokens} tokens, cost {c['cost']:.6f}, paid by run {c['run_id'][:8]}{state}"
    )


def _short(text: Any, limit: int = 90) -> str:
    one_line = " ".join(str(text).split())
    return one_line if len(one_line) <= limit else one_line[: limit - 1] + "…"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"
