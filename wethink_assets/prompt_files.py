"""Prompts: files with a small header, versioned by the hash of their bytes.

Belongs here: loading and rendering. Does not belong here: any wording (prompts/*.md).

A file begins with `key: value` lines (role, schema, temperature, max_tokens), then a `# System` and
a `# User` part. `{name}` stands for a value. Any other brace is text.
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

PROMPTS_DIR = Path(__file__).resolve().parent / "synthesis" / "prompts"

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_TAG = re.compile(r"</?([a-z_]+)>")
_PARTS = re.compile(r"\A(?P<header>.*?)^# System\n(?P<system>.*?)^# User\n(?P<user>.*)\Z", re.DOTALL | re.MULTILINE)
_HEADER_KEYS = {"role", "schema", "temperature", "max_tokens"}


class PromptError(ValueError):
    """A prompt file or its values do not fit; the message names the file."""


@dataclass(frozen=True)
class Prompt:
    """A prompt file. `version` is the first 12 hex digits of its SHA-256, so any edit is a new version."""

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
        wanted = set(_PLACEHOLDER.findall(self.user))
        if wanted != set(values):
            raise PromptError(f"prompt {self.name} has the placeholders {sorted(wanted)}, given {sorted(values)}")
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
    match = _PARTS.match(data.decode("utf-8").replace("\r\n", "\n"))
    if match is None:
        raise PromptError(f"prompt {name} needs a header, a '# System' and a '# User' part, in this order")
    header = dict(line.split(": ", 1) for line in match["header"].strip().splitlines() if ": " in line)
    if set(header) != _HEADER_KEYS:
        raise PromptError(f"prompt {name} has the header keys {sorted(header)}, wanted {sorted(_HEADER_KEYS)}")
    return Prompt(
        name=name,
        version=hashlib.sha256(data).hexdigest()[:12],
        role=header["role"],
        schema=header["schema"],
        system=match["system"].strip(),
        user=match["user"].strip(),
        parameters={"temperature": json.loads(header["temperature"]), "max_tokens": json.loads(header["max_tokens"])},
    )


@cache
def prompt(name: str) -> Prompt:
    """The prompt prompts/<name>.md.

    Raises:
        PromptError: there is no such file, or it cannot be parsed.
    """
    path = (PROMPTS_DIR / f"{name}.md").resolve()
    if path.parent != PROMPTS_DIR or not path.is_file():
        raise PromptError(f"there is no prompt {name}: add wethink_assets/synthesis/prompts/{name}.md")
    return parse(name, path.read_bytes())


def all_prompts() -> list[Prompt]:
    """Every prompt of the synthesis, by name."""
    return [prompt(path.stem) for path in sorted(PROMPTS_DIR.glob("*.md"))]
