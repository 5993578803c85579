"""Cost of prompt changes (cache invalidation): which calls of the ledger an edited prompt file would pay again.

Belongs here: whether a recorded request would still be rendered as it is, and what follows from the answer. Pure.
Does not belong here: reading the ledger (sql/calls/), the table (cli/prompts.py).

The growth batch of training's and evaluation's calls is ''; a changed judge makes another policy, which pays for its
judgements anew. A call's key is the request's text, not the file's version: an edit of the header alone, or one that is
reverted, costs nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.prompt_files import Prompt
from wethink_assets.synthesis.registry import prompt_feeds

_PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


@dataclass
class Change:
    """One prompt with its recorded calls. `state`: unchanged, changed, never asked, or removed (the file is gone).

    `rows` counts input rows of the assets that asked, `cost` is at today's prices, `because_of` names changed prompts
    whose replies go into this one's requests.
    """

    prompt: str
    role: str
    state: str
    asked_with: tuple[str, ...]
    version: str
    calls: int = 0
    rows: int = 0
    cost: float = 0.0
    because_of: tuple[str, ...] = field(default_factory=tuple)


def would_render(prompt: Prompt, messages: str, parameters: str) -> bool:
    """Whether this prompt template, with some values, renders the recorded request: its system and user text.

    `messages` and `parameters` are the ledger's JSON. Parameters that the file sets must be the same, or have given
    way to those of an endpoint whose model thinks.
    """
    sent = json.loads(messages)
    system = next((m["content"] for m in sent if m["role"] == "system"), None)
    users = [m["content"] for m in sent if m["role"] == "user"]
    text = users[-1] if users else ""
    if isinstance(text, list):
        text = "".join(part.get("text", "") for part in text if part.get("type") == "text")
    pattern = "(?s:.*)".join(re.escape(part) for part in _PLACEHOLDER.split(prompt.user))
    asked = json.loads(parameters)
    asked |= asked.get("thinking_room", {}).get("instead_of", {})
    return (
        system == prompt.system
        and re.fullmatch(pattern, text) is not None
        and all(asked.get(name) == value for name, value in prompt.parameters.items())
    )


def changes(
    prompts: Sequence[Prompt],
    recorded: Sequence[Mapping[str, Any]],
    rows_in: Mapping[tuple[str, str], int],
    prices: Mapping[str, tuple[float, float]],
) -> list[Change]:
    """State and recorded cost per prompt of the ledger or the folders, in the order of the stages.

    `recorded`: rows of calls/summarise_prompts. `rows_in`: by (asset, batch). `prices`: by role, of a million tokens in
    and out.
    """
    feeds = prompt_feeds()
    ordered = {name: position for position, name in enumerate(feeds)}
    files = {p.name: p for p in prompts}
    entries: dict[str, Change] = {}
    counted: dict[str, set[tuple[str, str]]] = {}
    known = [name for name in feeds if name in files] + sorted(set(files) - set(feeds))
    for name in known:
        entries[name] = Change(name, files[name].role, "never asked", (), files[name].version)
    for row in recorded:
        name = row["prompt"]
        if name not in files and name not in feeds:
            continue
        change = entries.setdefault(name, Change(name, row["role"], "removed", (), ""))
        same = name in files and would_render(files[name], row["messages"], row["parameters"])
        if name in files and change.state != "changed":
            change.state = "unchanged" if same else "changed"
        change.asked_with = tuple(dict.fromkeys((*change.asked_with, row["prompt_version"])))
        change.calls += row["calls"]
        price_in, price_out = prices.get(row["role"], (0.0, 0.0))
        priced = (row["prompt_tokens"] * price_in + row["completion_tokens"] * price_out) / 1e6
        change.cost += priced or row["cost"]
        places = counted.setdefault(name, set())
        for asset in row["assets"]:
            if (asset, row["batch"]) not in places:
                places.add((asset, row["batch"]))
                change.rows += rows_in.get((asset, row["batch"]), 0)
    for name in [n for n in feeds if n in entries and entries[n].state == "changed"]:
        for later in _after(name, feeds):
            if later in entries and entries[later].state != "changed":
                entries[later].because_of = (*entries[later].because_of, name)
    return sorted(entries.values(), key=lambda c: ordered.get(c.prompt, len(ordered)))


def _after(name: str, feeds: Mapping[str, Sequence[str]]) -> list[str]:
    """The prompts into whose requests the replies to `name` go, at once or by others' replies; it may be among them."""
    seen: list[str] = []
    waiting = list(feeds.get(name, ()))
    while waiting:
        later = waiting.pop(0)
        if later not in seen:
            seen.append(later)
            waiting += feeds.get(later, ())
    return seen
