"""What every settings model is: strict, frozen; and where places are.

Does not belong here: the settings of a room.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent


class Strict(BaseModel):
    """Settings model: an unknown key is an error that names it, never ignored. No error repeats a value, which could hold a key."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def place_of(value: str) -> str:
    """A place as it is used: local paths absolute, URLs without anything secret.

    Raises:
        ValueError: a URL holds credentials.
    """
    if "://" not in value:
        return str(Path(value).expanduser().absolute())
    parts = urlsplit(value)
    if "@" in parts.netloc or parts.query:
        raise ValueError(f"{parts.scheme}://…: credentials belong in the environment, never in a place")
    return value.rstrip("/")
