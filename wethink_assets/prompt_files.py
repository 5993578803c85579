"""Prompt templates of every room: files with a small header, versioned by the hash of their bytes.

Belongs here: finding, loading and rendering them. Does not belong here: any wording (<room>/prompts/*.md).

A file begins with `key: value` lines (role, schema, temperature, max_tokens), then a `# System` and
a `# User` part. `{name}` stands for a value. Any other brace is text.

A file with neither a header nor parts is a system text as a whole, for requests whose user text code builds
(rewards/judge.py): its role is its name, and its user text is one placeholder, `{text}`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ROOMS = ("synthesis", "rewards", "evaluation")

_HOUSE = Path(__file__).resolve().parent
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TAG = re.compile(r"</?([a-z_]+)>")
_PARTS = re.compile(r"\A(?P<header>.*?)^# System\n(?P<system>.*?)^# User\n(?P<user>.*)\Z", re.DOTALL | re.MULTILINE)
_PART = re.compile(r"^# (?:System|User)$|^(?:role|schema|temperature|max_tokens): ", re.MULTILINE)
_HEADER_KEYS = {"role", "schema", "temperature", "max_tokens"}


class PromptError(ValueError):
    """A prompt file or its values do not fit; the message names the file."""


@dataclass(frozen=True)
class Prompt:
    """A prompt template from a file. `version` is the first 12 hex digits of its SHA-256, so any edit is a new version.

    `role` is the model role that is asked, `schema` the name of the reply's JSON schema; `system` and `user` are the
    texts.
    """

    name: str
    version: str
    role: str
    schema: str
    system: str
    user: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def render(self, values: Mapping[str, str]) -> str:
        """The user text with its placeholders replaced in one pass: braces inside a value stay as they are.

        A value cannot close the tags that delimit it: such tags in it are written with ‹ and ›.

        Raises:
            PromptError: a placeholder has no value, or a value has no placeholder.
        """
        placeholders = set(_PLACEHOLDER.findall(self.user))
        if placeholders != set(values):
            raise PromptError(f"prompt {self.name} has the placeholders {sorted(placeholders)}, given {sorted(values)}")
        return _PLACEHOLDER.sub(lambda match: self._defused(values[match[1]]), self.user)

    def _defused(self, value: str) -> str:
        tags = set(_TAG.findall(self.user))
        return _TAG.sub(lambda match: match[0].translate(_ANGLES) if match[1] in tags else match[0], value)


_ANGLES = str.maketrans("<>", "‹›")


def parse(name: str, data: bytes) -> Prompt:
    """A prompt from a file's bytes.

    Raises:
        PromptError: a part or a header line is missing or unknown.
    """
    text = data.decode("utf-8").replace("\r\n", "\n")
    version = hashlib.sha256(data).hexdigest()[:12]
    if text.strip() and not _PART.search(text):
        return Prompt(name, version, role=name, schema="", system=text, user="{text}")
    match = _PARTS.match(text)
    if match is None:
        raise PromptError(f"prompt {name} needs a header, a '# System' and a '# User' part, in this order")
    header = dict(line.split(": ", 1) for line in match["header"].strip().splitlines() if ": " in line)
    if set(header) != _HEADER_KEYS:
        raise PromptError(f"prompt {name} has the header keys {sorted(header)}, wanted {sorted(_HEADER_KEYS)}")
    return Prompt(
        name=name,
        version=version,
        role=header["role"],
        schema=header["schema"],
        system=match["system"].strip(),
        user=match["user"].strip(),
        parameters={"temperature": json.loads(header["temperature"]), "max_tokens": json.loads(header["max_tokens"])},
    )


# -- where prompts lie -----------------------------------------------------------------------------

_registered: dict[str, list[Path]] = {}


def folders(room: str) -> list[Path]:
    """The prompt folders of a room: its own, then the registered ones in the order of their registration.

    Raises:
        PromptError: there is no such room.
    """
    if room not in ROOMS and room not in _registered:
        raise PromptError(f"there are no prompts of a room {room}: the rooms are {', '.join([*ROOMS, *_registered])}")
    own = [_HOUSE / room / "prompts"] if room in ROOMS else []
    return [*own, *_registered.get(room, [])]


def register_folder(room: str, path: str | Path) -> None:
    """Add an extension's folder of prompt files to a room, one of `ROOMS` or a new one. The same folder again changes
    nothing.

    Raises:
        PromptError: it is no folder, or one of its prompts has the name of a prompt that the room has already.
    """
    folder = Path(path).resolve()
    if not folder.is_dir():
        raise PromptError(f"{folder} is no folder of prompts")
    known = folders(room) if room in ROOMS or room in _registered else []
    if folder in known:
        return
    taken = {file.stem: file for other in known for file in other.glob("*.md")}
    for file in sorted(folder.glob("*.md")):
        if file.stem in taken:
            raise PromptError(f"{room} has two prompts {file.stem}: {taken[file.stem]} and {file}")
    _registered.setdefault(room, []).append(folder)
    prompt.cache_clear()


def unregister_folder(room: str, path: str | Path) -> None:
    """Take a registered folder back; a folder that is not registered is left as it is."""
    folder = Path(path).resolve()
    _registered[room] = [other for other in _registered.get(room, []) if other != folder]
    if not _registered[room]:
        del _registered[room]
    prompt.cache_clear()


@cache
def prompt(room: str, name: str) -> Prompt:
    """The prompt <room>/prompts/<name>.md, or that of a folder registered for the room.

    Raises:
        PromptError: there is no such file, or it cannot be parsed.
    """
    if _NAME.fullmatch(name):
        for folder in folders(room):
            path = folder / f"{name}.md"
            if path.is_file():
                return parse(name, path.read_bytes())
    raise PromptError(f"there is no prompt {name}: add wethink_assets/{room}/prompts/{name}.md")


def all_prompts(room: str | None = None) -> list[Prompt]:
    """Every prompt of a room by name, or of all rooms in the order of the flow."""
    rooms = [room] if room else [*ROOMS, *(other for other in _registered if other not in ROOMS)]
    names = {(one, file.stem) for one in rooms for folder in folders(one) for file in folder.glob("*.md")}
    return [prompt(one, name) for one in rooms for _, name in sorted(n for n in names if n[0] == one)]
