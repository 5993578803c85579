"""The model card of a policy: what it was made of, how, what guards said, what it scores.

Belongs here: Markdown with the YAML head of a model repository of the Hugging Face Hub. Pure. Does not belong here: any
number that is not handed in, files (policy_export.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from wethink_assets.evaluation.report.number_format import figure, interval
from wethink_assets.presentation.markdown import cell, code

_ABOUT = {
    "base": "A vision-language policy as it was before reinforcement learning.",
    "sft": "A vision-language policy that learned reasoning paths and answers by heart (supervised fine-tuning).",
    "rl": "A vision-language policy that learned by reinforcement (GRPO) from questions about images.",
}
LIMITS = """\
- It is a re-creation of WeThink's recipe (arXiv 2506.07905), not the authors' model.
- Held-out rows come from the same sources and models as those that it learned from.
- The licence of the base, and those of the images that it learned from, apply."""


def card(
    policy: Mapping[str, Any],
    *,
    base: Mapping[str, Any] | None,
    promotion: Mapping[str, Any] | None,
    scores: Sequence[Mapping[str, Any]],
    guards: Sequence[Mapping[str, Any]],
) -> str:
    """The card. `policy` and `base` are rows of table policies, `promotion` of promotions; `scores` are the headline
    numbers (evaluation/select_headline_scores), `guards` what they said (training/select_guards)."""
    parts = [
        f"# {policy['policy_id']}",
        _ABOUT[policy["kind"]],
        _table(["", ""], _facts(policy, base, promotion)),
        "## Scores\n\n" + (_scores(scores) if scores else "It has not been evaluated."),
        "## Guards of its training\n\n" + (_guards(guards) if guards else "None is recorded."),
        "## Recipe\n\n" + _recipe(policy["config"]),
        "## Known limits\n\n" + LIMITS,
    ]
    return head(policy, base, scores) + "\n\n".join(parts) + "\n"


def head(policy: Mapping[str, Any], base: Mapping[str, Any] | None, scores: Sequence[Mapping[str, Any]]) -> str:
    """The YAML head of a model card. Strings are JSON, which YAML reads alike."""
    lines = ["---", "library_name: transformers", "pipeline_tag: image-text-to-text"]
    lines += [
        "tags:",
        f"- {'sft' if policy['kind'] == 'sft' else 'grpo'}",
        "- reasoning",
        "- visual-question-answering",
    ]
    if base is not None and base["weights_sha256"] is None and "/" in base["path"] and not base["path"].startswith("/"):
        lines.append(f"base_model: {json.dumps(base['path'])}")
    known = [row for row in scores if row["value"] is not None]
    if known:
        lines += ["model-index:", f"- name: {json.dumps(policy['policy_id'])}", "  results:"]
    for row in known:
        lines += [
            "  - task:",
            "      type: image-text-to-text",
            "    dataset:",
            f"      type: {json.dumps(row['benchmark'])}",
            f"      name: {json.dumps(row['benchmark'])}",
            "    metrics:",
            f"    - type: {json.dumps(row['metric'])}",
            f"      value: {row['value']:.4f}",
        ]
    return "\n".join([*lines, "---", "", ""])


def _facts(
    policy: Mapping[str, Any], base: Mapping[str, Any] | None, promotion: Mapping[str, Any] | None
) -> list[list[str]]:
    rows = [["base", f"{code(policy['parent_id'])} ({cell(base['path'])})" if base else "none: it is a base"]]
    if policy["release_id"]:
        rows.append(["learned from release", code(policy["release_id"])])
    if policy["kind"] == "rl":
        verdict = f"{'yes' if promotion['promoted'] else 'no'}: {promotion['why']}" if promotion else "not judged"
        rows.append(["promoted", verdict])
    rows.append(["weights, SHA-256", code(policy["weights_sha256"])])
    rows.append(["training", f"{policy['seconds']:,.0f} s"])
    return rows


def _scores(scores: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for row in scores:
        value = "no score" if row["value"] is None else f"{figure(row['value'])} {interval(row['low'], row['high'])}"
        of = f"{row['n']:,}" if row["n"] == row["n_set"] else f"{row['n']:,} of {row['n_set']:,}"
        rows.append([cell(row["benchmark"]), cell(row["name"] or row["metric"]), value, of, row["n_contaminated"] or 0])
    return _table(["set", "metric", "value (95 % interval)", "items", "contaminated"], rows)


def _guards(guards: Sequence[Mapping[str, Any]]) -> str:
    words = {True: "passed", False: "spoke", None: "not looked at"}
    return _table(
        ["guard", "set to", "verdict", "what it said"],
        [[row["guard"], row["strength"], words[row["passed"]], cell(row["said"], 400)] for row in guards],
    )


def _recipe(config: Any) -> str:
    settings = json.loads(config) if isinstance(config, str) else dict(config)
    shown = {k: v for k, v in sorted(settings.items()) if k not in ("recipe", "guards") and v not in (None, "", [], ())}
    return _table(["setting", "value"], [[code(name), code(value)] for name, value in shown.items()])


def _table(header: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(str(value) for value in row) + " |" for row in rows])
