"""API keys of endpoints (secret redaction): where they come from, and that they are shown nowhere.

Belongs here: reading a key from the environment, taking it out of text. Does not belong here: sending it (endpoint.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from resources.calls.messages import CallsError
from wethink_assets.settings import EndpointSettings


def api_key(role: str, settings: EndpointSettings) -> str:
    """The API key from the environment, or "".

    Raises:
        CallsError: the setting names a variable that is not set, or whose value cannot be sent in a header.
    """
    if not settings.api_key_env:
        return ""
    key = os.environ.get(settings.api_key_env, "").strip()
    if not key:
        raise CallsError(
            f"role {role}: the environment variable {settings.api_key_env}, which [endpoints.{role}].api_key_env "
            "names, is not set: export the key in it"
        )
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise CallsError(
            f"role {role}: the environment variable {settings.api_key_env} holds spaces, line breaks or letters that "
            "no key has: export the key alone in it"
        )
    return key


_BEARER = re.compile(r"(?i)(bearer\s+)[\w.~+/=-]{8,}")


def redact(text: str, key: str) -> str:
    """`text` without the key and without anything that looks like an authorization header."""
    if len(key) >= 4:
        text = text.replace(key, "***")
    return _BEARER.sub(r"\1***", text) if "bearer" in text.lower() else text


def without_user(url: str) -> str:
    return re.sub(r"(://)[^@/]*@", r"\1", url)


def without_secrets(text: str, variables: Iterable[str]) -> str:
    """`text` without the values of these environment variables, authorization headers and users in addresses."""
    for variable in variables:
        text = redact(text, os.environ.get(variable, "").strip())
    return without_user(redact(text, ""))
