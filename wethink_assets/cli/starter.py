"""Starter configuration: the commented TOML that `wethink init` writes, from what was found.

Belongs here: the text. Does not belong here: looking (sources/recognise.py), the command (init.py). Never a key: only
the name of the environment variable that holds one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from wethink_assets.settings import ROLES
from wethink_assets.sources.source import Source

COLUMN = 44  # where comments begin
USES = {  # what each role does, and the paper's model of it [R]
    "vlm": "describes images, answers from them; Qwen2.5-VL-72B in the paper",
    "reasoner": "asks and answers from descriptions; DeepSeek-R1 in the paper",
    "adjudicator": "decides between two answers; Gemini in the paper",
    "rewriter": "shortens reasoning; DeepSeek-R1 in the paper",
    "judge": "compares answers that no rule can compare; a text model is enough",
}


@dataclass(frozen=True)
class Endpoint:
    """The endpoint that all roles are to use, where one was named."""

    url: str
    model: str
    key_env: str = ""
    thinking: bool = False


@dataclass
class StarterInputs:
    """What goes into the file. `active`: source to what was seen of it; `paused`: source to why."""

    home: Path
    root: Path
    active: Mapping[Source, str] = field(default_factory=dict)
    places: Mapping[str, Path] = field(default_factory=dict)
    paused: Mapping[Source, str] = field(default_factory=dict)
    others: Sequence[tuple[Path, int, str]] = ()
    sets_folder: Path | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    missing_sets: Sequence[str] = ()
    notes: Sequence[str] = ()
    endpoint: Endpoint | None = None


def starter(inputs: StarterInputs) -> str:
    """The configuration's text, the same for the same finding."""
    parts = [
        _top(inputs),
        _sources(inputs),
        _endpoints(inputs.endpoint),
        _rest(),
    ]
    return "\n".join(line for part in parts for line in [*part, ""]).rstrip() + "\n"


def _top(inputs: StarterInputs) -> list[str]:
    lines = [
        "# Written by `wethink init` after a look at your folders; yours to change.",
        "# Every key and its default: docs/settings.md. Use it with: export WETHINK_CONFIG=this file",
        "",
        _line(f"home = {quoted(inputs.home)}", "lake, runs, logs and caches; made by the first run"),
        _line(f"sources_root = {quoted(inputs.root)}", "holds <source>/ folders; others stand in [sources.places]"),
    ]
    if inputs.sets_folder is not None:
        lines.append(_line(f"benchmarks_root = {quoted(inputs.sets_folder)}", "VLMEvalKit's TSVs"))
        lines += [f"#   {name}: {rows} questions" for name, rows in inputs.sets.items()]
        if inputs.missing_sets:
            lines.append(f"#   not there: {', '.join(inputs.missing_sets)}")
    else:
        lines += [
            _line(f"benchmarks_root = {quoted(inputs.home.parent / 'LMUData')}", "no set was found: put the TSVs here"),
            "# The pool is compared with the evaluation sets before anything is made of it. Without them nothing is",
            "# held back, and every batch says so; `wethink evaluate` needs them too.",
        ]
    if inputs.notes:
        lines += ["", "# Left out of the look:", *(f"#   {comment(note)}" for note in inputs.notes)]
    return lines


def _sources(inputs: StarterInputs) -> list[str]:
    lines = [
        "[sources]",
        _line("quota = 24", "images of each source that a growth batch takes: small at first"),
        *(f"#   {source.key}: {comment(seen)}" for source, seen in inputs.active.items()),
    ]
    if inputs.paused:
        lines.append(_line("paused = [", "take a name out when its images are there"))
        lines += [_line(f"    {quoted(source.key)},", comment(why)) for source, why in inputs.paused.items()]
        lines.append("]")
    else:
        lines.append("paused = []")
    if inputs.places:
        lines += ["", "[sources.places]"]
        lines += [f"{quoted(key)} = {quoted(path)}" for key, path in inputs.places.items()]
    if inputs.others:
        lines += [
            "",
            "# Folders with images that are no source's. One becomes a source of its own by such a block and a line in",
            "# [sources.places]; say its licence, and a reader where it has annotations:",
        ]
        lines += [
            f"#   {comment(str(path))}: {number:,} image{'s' * (number > 1)}: {comment(why)}"
            for path, number, why in inputs.others
        ]
        path, _, _ = inputs.others[0]
        key = (
            "".join(c if c.isascii() and (c.isalnum() or c in "_+-.") else "-" for c in path.name).strip("-.") or "mine"
        )
        lines += [
            "# [sources.places]",
            f"# {quoted(key)} = {quoted(path)}",
            "# [[sources.extra]]",
            f"# key = {quoted(key)}",
            f"# title = {quoted(path.name)}",
            '# licence = "…"',
            '# reader = "images"',
        ]
    return lines


def _endpoints(endpoint: Endpoint | None) -> list[str]:
    lines = [
        "# Model endpoints: any OpenAI-compatible URL. Keys stay in the environment: api_key_env names the variable.",
        "# Vendor by vendor, and for models that think: docs/endpoints.md. Try them with: wethink endpoints check",
    ]
    for role in ROLES:
        lines += ["", f"# {role}: {USES[role]}"]
        if endpoint is None:
            lines += [
                f"# [endpoints.{role}]",
                '# base_url = "http://localhost:8000/v1"',
                '# model = "…"',
                f'# api_key_env = "{role.upper()}_API_KEY"',
                "# thinking = true",
            ]
            continue
        lines += [f"[endpoints.{role}]", f"base_url = {quoted(endpoint.url)}", f"model = {quoted(endpoint.model)}"]
        lines.append(f"api_key_env = {quoted(endpoint.key_env)}" if endpoint.key_env else '# api_key_env = "…"')
        lines.append("thinking = true" if endpoint.thinking else "# thinking = true")
    return lines


def _rest() -> list[str]:
    return [
        "# [budget]                  # a call whose worst case would pass a limit is not made",
        "# cost = 100.0",
        "",
        "# [training]                # needs GPUs: docs/training.md",
        '# base = "Qwen/Qwen2.5-VL-7B-Instruct"',
    ]


def quoted(value: object) -> str:
    """A TOML string."""
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def comment(text: str) -> str:
    """Foreign text within a comment: one line, printable."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _line(setting: str, note: str) -> str:
    return f"{setting:<{COLUMN - 1}} # {note}"
