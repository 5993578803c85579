"""The lineage walk (provenance): an id in, a tree of facts out. Pure apart from reading rows.

Belongs here: what a walk from a kind of row shows, and each line of the tree. Does not belong here: what
holds of any line (tree.py), colours (render.py), which rows hang together (family.py), how they are found (rows.py).

A tree is bounded: of what an image or a call has very many of, the first are shown and the rest is counted.
"""

from __future__ import annotations

import json
from typing import Any

from wethink_assets.lineage import family
from wethink_assets.lineage.rows import ScannedRows
from wethink_assets.lineage.tree import SHORT, Node, and_more, call_text, number, short

QUESTIONS = 20  # of an image, that a tree shows [D]
_SHOWN_ELSEWHERE = frozenset({"image_id", "question_id", "batch", "call_id", "run_id"})


class UnknownIdError(LookupError):
    """No row has this id, or several begin with it; the message says which."""


def resolve(rows: ScannedRows, prefix: str) -> tuple[str, str]:
    """Kind and full id of what a (shortened) id names.

    Raises:
        UnknownIdError: nothing, or more than one row, begins with it.
    """
    row = _named(rows, prefix)
    return row["kind"], row["id"]


def _named(rows: ScannedRows, prefix: str) -> dict[str, Any]:
    """Kind, id, image and question of the one row that this names. Raises UnknownIdError."""
    if len(prefix) < 6:
        raise UnknownIdError(
            f"{prefix!r} is too short: give at least 6 characters of an id, SET:item, or a file's path"
        )
    text = prefix.encode("utf-8", "replace").decode()  # a shell may give what is no text
    found = {(row["kind"], row["id"]): row for row in reversed(family.named(rows, text))}
    kinds = set(found)
    if not kinds:
        raise UnknownIdError(
            f"no image, question, answer, sample, release, policy, call or SET:item begins with {prefix!r}"
        )
    if len({i for _, i in kinds}) == 1:
        return found[min(sorted(kinds), key=lambda k: k[0] != "image")]  # the same bytes in a source and in a benchmark
    if len(kinds) > 1:
        some = ", ".join(f"{k} {i[:SHORT]}" for k, i in sorted(kinds)[:5])
        raise UnknownIdError(f"{prefix!r} begins {len(kinds)} ids ({some} …): give more characters")
    return found[kinds.pop()]


def walk_rows(rows: ScannedRows, prefix: str) -> Node:
    """The tree around one row. Raises UnknownIdError."""
    row = _named(rows, prefix)
    kind, full = row["kind"], row["id"]
    if kind == "image":
        return _image(rows, full, None, full)
    if kind == "release":
        return _release(rows, full)
    if kind == "policy":
        return _policy(rows, full)
    if kind == "call":
        return _call(rows, full)
    if kind == "benchmark item":
        return _item(rows, *full.split(":", 1))
    if kind == "benchmark image":
        root = Node(f"benchmark image {full[:SHORT]}", mark=True)
        _items(rows, root, full)
        return root
    root = _image(rows, row["image_id"], row["question_id"], full)
    if not _has_mark(root):  # no row above it led to it
        root.add(f"{kind} {full[:SHORT]}: a row between the image and it is missing", mark=True)
    return root


def _has_mark(node: Node) -> bool:
    return node.mark or any(map(_has_mark, node.children))


def _image(rows: ScannedRows, image_id: str, only_question: str | None, marked: str) -> Node:
    files = family.files_of_image(rows, image_id)
    root = Node(f"image {image_id[:SHORT]}", mark=marked == image_id)
    for file in files:
        size = f", {file['width']}x{file['height']} {file['format']}" if file["width"] else ""
        role = "" if file["image_uri"] == file["canonical_uri"] or not file["canonical_uri"] else " (same bytes)"
        root.add(f"file {file['image_uri']}{role}: source {file['source']}, {file['batch']}, {file['licence']}{size}")
    if not files:
        root.add("no file of it is known")
    and_more(root, files, "file")
    _items(rows, root, image_id)
    _verdicts(rows, root, [image_id, *(f["image_uri"] for f in files)])
    descriptions = family.descriptions_of_image(rows, image_id)
    questions, more_questions = family.questions(rows, image_id, only_question, QUESTIONS)
    calls = _calls(rows, descriptions, questions)
    for d in descriptions:
        node = root.add(f"description {d['description_id'][:SHORT]}: {short(d['text'])}", d["description_id"] == marked)
        _add_call(node, calls, d["call_id"])
        if d["refined_id"]:
            node = node.add(f"refined {d['refined_id'][:SHORT]}: {short(d['refined_text'])}", d["refined_id"] == marked)
            for call_id in d["call_ids"]:
                _add_call(node, calls, call_id)
    _added_rows(rows, root, "image_id", image_id, marked)
    for q in questions:
        _question(rows, root, q, calls, marked)
    if more_questions > 0:
        root.add(f"and {more_questions:,} more questions: `wethink lineage` shows each by its own id")
    spent = sum(c["cost"] for c in calls.values())
    tokens = sum((c["prompt_tokens"] or 0) + (c["completion_tokens"] or 0) for c in calls.values())
    shown = " for what is shown" if more_questions > 0 else ""
    root.add(f"in all {len(calls)} calls, {tokens:,} tokens, cost {spent:.6f}{shown}")
    return root


def _question(rows: ScannedRows, root: Node, q: dict[str, Any], calls: dict[str, Any], marked: str) -> None:
    node = root.add(
        f"question {q['question_id'][:SHORT]} [{q['category']}; {', '.join(q['abilities'])}]: {short(q['question'])}",
        q["question_id"] == marked,
    )
    _add_call(node, calls, q["call_id"])
    for name in ("well_posed", "answerable"):
        _add_call(node, calls, q[f"{name}_call_id"])
    for who in ("reasoner", "vlm"):
        if q[f"{who}_answer_id"]:
            answer = node.add(
                f"{who}'s answer {q[f'{who}_answer_id'][:SHORT]}: {short(q[f'{who}_answer'])} ({q['agreement']})",
                q[f"{who}_answer_id"] == marked,
            )
            _add_call(answer, calls, q[f"{who}_call_id"])
    if q["chosen_by"]:
        kept = node.add(f"kept by {q['chosen_by']}: answer {q['chosen_answer_id'][:SHORT]}")
        _add_call(kept, calls, q["adjudicator_call_id"])
    if q["path_id"]:
        path = node.add(f"reasoning path {q['path_id'][:SHORT]}: {short(q['refined_cot'])}", q["path_id"] == marked)
        _add_call(path, calls, q["path_call_id"])
    _route(rows, node, q, marked)
    _added_rows(rows, node, "question_id", q["question_id"], marked)
    _verdicts(rows, node, [q["question_id"]])
    if q["sample_id"]:
        _sample(rows, node, q, marked)


def _added_rows(rows: ScannedRows, parent: Node, owner: str, owner_id: str, marked: str) -> None:
    """What stages of extensions wrote about a question or an image: every column not shown elsewhere."""
    found = family.added_rows(rows, owner, owner_id)
    calls = family.calls(rows, [row.get("call_id") for _, _, row in found])
    for kind, row_id, row in found:
        content = {name: value for name, value in json.loads(row["content"]).items() if name not in _SHOWN_ELSEWHERE}
        shown = ", ".join(f"{name} {short(value)}" for name, value in content.items() if value != row_id)
        node = parent.add(f"{kind} {row_id[:SHORT]}: {shown}", row_id == marked)
        _add_call(node, calls, row.get("call_id"))


def _route(rows: ScannedRows, parent: Node, q: dict[str, Any], marked: str) -> None:
    """The reward route of a question: by rule or judge, with the replies that both scored."""
    replies = family.scored_replies(rows, q["question_id"])
    if not (q["routed_to"] or replies):
        return
    counts = f": rule and judge disagree on {q['disagreeing']} of {q['decided']} replies" if q["decided"] else ""
    left = f", no longer by the rule for {q['rule_type']}" if q["rule_type"] else ""
    node = parent.add(f"reward by {q['routed_to'] or 'neither'}{left} ({q['route_reason'] or 'dropped'}{counts})")
    for r in replies:
        judged = f"judge {number(r['tier'])}" + (f" unasked, {r['refusal']}" if r["refusal"] else "")
        call = f" (call {r['judge_call_id'][:SHORT]})" if r["judge_call_id"] else ""
        node.add(
            f"{r['origin']} said {short(r['reply'])}: rule {r['verdict']}, {judged}{call}", r["reply_id"] == marked
        )


def _sample(rows: ScannedRows, parent: Node, q: dict[str, Any], marked: str) -> None:
    node = parent.add(
        f"sample {q['sample_id'][:SHORT]}: answer {short(q['answer'])} ({q['answer_type']}, reward by {q['reward']})",
        q["sample_id"] == marked,
    )
    _verdicts(rows, node, [q["sample_id"]])
    releases = family.releases_of_sample(rows, q["sample_id"])
    policies = family.policies_of_releases(rows, [r["release_id"] for r in releases])
    for r in releases:
        release = node.add(f"release {r['release_id']}: split {r['split']}, row {r['position']} of {r['rows']}")
        for p in (p for p in policies if p["release_id"] == r["release_id"]):
            release.add(f"policy {p['policy_id']} learned from it, beginning at {p['parent_id']}")
    for r in family.rollouts_of_sample(rows, q["sample_id"]):
        rollouts = node.add(
            f"{r['rollouts']} rollouts in {r['policy_id']}, steps {r['first_step']}–{r['last_step']}: "
            f"mean reward {number(r['mean_reward'])}, accuracy {number(r['mean_accuracy'])}"
        )
        _scores(rows, rollouts, r["policy_id"])
    for r in rows.of("pass_rates", "sample_id", q["sample_id"]):
        node.add(f"pass rate of {r['policy_id']}: {r['correct']} of {r['scored']} sampled answers are right")
    if not any(r["split"] == "heldout" for r in releases):
        return
    for p in family.predictions_of_item(rows, "heldout", q["sample_id"]):
        node.add(f"held out: {p['policy_id']} answered {short(p['extracted'] or p['reply'])} ({p['verdict']})")


def _release(rows: ScannedRows, release_id: str) -> Node:
    release = rows.of("releases", "release_id", release_id)[0]
    root = Node(
        f"release {release_id}: {release['rows']} rows ({release['train_rows']} train, {release['heldout_rows']} held "
        f"out), snapshot {release['snapshot_id']}, batches {', '.join(release['batches'])}, {release['path']}",
        mark=True,
    )
    sources = root.add("from")
    for source, samples in rows.sources_of_release(release_id):
        sources.add(f"{source}: {samples}")
    for p in family.policies_of_releases(rows, [release_id]):
        _scores(rows, root.add(f"policy {p['policy_id']}, beginning at {p['parent_id']}"), p["policy_id"])
    return root


def _policy(rows: ScannedRows, policy_id: str) -> Node:
    p = rows.of("policies", "policy_id", policy_id)[0]
    root = Node(
        f"policy {policy_id} ({p['kind']}): {p['path']}, weights {(p['weights_sha256'] or '-')[:SHORT]}", mark=True
    )
    if p["parent_id"]:
        root.add(f"began from {p['parent_id']}")
    if p["release_id"]:
        root.add(f"learned from release {p['release_id']} (snapshot {p['snapshot_id']})")
    _scores(rows, root, policy_id)
    return root


def _call(rows: ScannedRows, call_id: str) -> Node:
    before = family.forgotten(rows, call_id)
    known = rows.of("calls", "call_id", call_id)
    call = rows.whole("calls", call_id) if known else before.pop()
    root = Node(call_text(call), mark=True)
    root.add(f"reply: {short(call['reply'] or call['error'], 400)}")
    for earlier in reversed(before):
        root.add(f"before: {call_text(earlier)}: {short(earlier['reply'] or earlier['error'])}")
    uses, more = family.uses_of_call(rows, call_id)
    for kind, row_id in uses:
        root.add(f"{kind} {row_id}")
    if more:
        root.add(f"and {more:,} more rows that rest on it")
    return root


def _item(rows: ScannedRows, benchmark: str, item: str) -> Node:
    root = Node(f"benchmark item {benchmark}:{item}", mark=True)
    predictions = family.predictions_of_item(rows, benchmark, item)
    ids = [p["call_id"] for p in predictions] + [p["judge_call_id"] for p in predictions if p["judge_call_id"]]
    calls = family.calls(rows, ids)
    for p in predictions:
        node = root.add(
            f"{p['policy_id']} answered {short(p['extracted'] or p['reply'])}: {p['verdict']}, "
            f"score {number(p['score'])} by {p['method']}"
        )
        _add_call(node, calls, p["call_id"])
        _add_call(node, calls, p["judge_call_id"])
    return root


def _items(rows: ScannedRows, node: Node, image_id: str) -> None:
    items = family.items_of_image(rows, image_id)
    for i in items:
        node.add(f"shown by benchmark item {i['benchmark']}:{i['item']}: {short(i['question'])}")
    and_more(node, items, "item")


def _scores(rows: ScannedRows, node: Node, policy_id: str) -> None:
    for s in family.scores_of_policy(rows, policy_id):
        interval = f" [{number(s['low'])}, {number(s['high'])}]" if s["low"] is not None else ""
        node.add(
            f"{s['benchmark']} {s['metric']}: {number(s['value'])}{interval} of {s['scale']:g}, "
            f"n {s['n']} of {s['n_set']}"
        )


def _verdicts(rows: ScannedRows, node: Node, ids: list[str]) -> None:
    for v in family.verdicts(rows, ids):
        related = f" (see {v['related_id'][:40]})" if v["related_id"] else ""
        node.add(f"{v['verdict']} by {v['asset']}, {v['batch'] or '-'}: {v['reason']}. {v['detail'] or ''}{related}")


def _calls(rows: ScannedRows, descriptions: list[dict], questions: list[dict]) -> dict[str, dict[str, Any]]:
    ids = {d["call_id"] for d in descriptions}
    for d in descriptions:
        ids |= set(d["call_ids"] or [])
    for q in questions:
        ids |= {value for key, value in q.items() if key.endswith("call_id") and value}
    return family.calls(rows, ids)


def _add_call(node: Node, calls: dict[str, dict[str, Any]], call_id: str | None) -> None:
    if call_id and call_id in calls:
        node.add(call_text(calls[call_id]))
