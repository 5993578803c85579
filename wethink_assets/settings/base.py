"""The base of settings models (pydantic: strict, frozen), and how places are written.

Belongs here: what every model shares. Does not belong here: the settings of a room.
"""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator

PROJECT_ROOT = Path(__file__).resolve().parent.parent.parent


class Strict(BaseModel):
    """Settings model: an unknown key is an error that names it, never ignored.

    No error repeats a value, which could hold a key. Numbers are finite, and true is not 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _a_number_is_no_truth_value(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and info.field_name:
            annotation = cls.model_fields[info.field_name].annotation
            kinds = set(typing.get_args(annotation) or (annotation,))
            if kinds & {int, float} and bool not in kinds:
                raise ValueError("true and false are no numbers: write a number")
        return value


def place_of(value: str) -> str:
    """A normalised place: local paths absolute, URLs without anything secret.

    Raises:
        ValueError: a URL holds credentials.
    """
    if "://" not in value:
        return str(Path(value).expanduser().absolute())
    parts = urlsplit(value)
    if "@" in parts.netloc or parts.query:
        raise ValueError(f"{parts.scheme}://…: credentials belong in the environment, never in a place")
    return value.rstrip("/")


def holds_password(connection: str) -> bool:
    """Whether a connection string has a password, in one of libpq's forms: keywords, or a URL."""
    return bool(re.search(r"password\s*=", connection, re.IGNORECASE) or re.search(r"://[^/?#@]*:[^/?#]*@", connection))
