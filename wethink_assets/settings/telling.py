"""Settings of what is told to other programs: lineage events, runs that failed.

Belongs here: models and defaults. Does not belong here: sending (resources/); secrets, of which only the name of their
environment variable is a setting.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator

from wethink_assets.settings.base import Strict


class OpenLineageSettings(Strict):
    """OpenLineage events of every step: one run with inputs, outputs, rows and columns, for a lineage server or a file.

    `url` is the server's address, to which `endpoint` is appended, with the key that the environment variable
    `api_key_env` names; `file` gets one event a line, below `home` unless it is absolute. Either, both, or none (off).
    `namespace` stands before the names of jobs and datasets. A server that does not take an event within `timeout_s`
    loses it, and is left alone for a minute. It needs the extra `openlineage`.
    """

    url: str | None = None
    endpoint: str = Field("api/v1/lineage", pattern=r"^[\w./-]*$")
    file: str | None = None
    api_key_env: str | None = None
    namespace: str = Field("wethink", min_length=1)
    timeout_s: float = Field(3.0, gt=0, le=60)

    @field_validator("url")
    @classmethod
    def _shows_no_secret(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = urlsplit(value.strip())
        if not (url.scheme in ("http", "https") and url.hostname):
            raise ValueError("url is no http or https URL: write it like http://localhost:5000")
        if url.username is not None or url.password is not None or url.query or url.fragment:
            raise ValueError(
                "url holds a user, a password or a query, which would be shown: write it without, and name the "
                "variable that holds the key in api_key_env"
            )
        return value.strip().rstrip("/") + "/"

    @property
    def on(self) -> bool:
        """Whether events are sent anywhere."""
        return bool(self.url or self.file)


class FailureSettings(Strict):
    """A message for every run that failed, with the cause and what to do: to a webhook, a file, or both.

    `webhook_env` names the environment variable that holds the webhook's address, which is a secret; it gets a JSON
    object whose `text` is the message, as chat programs take it. `file` gets one such object a line, below `home`
    unless it is absolute. Neither: off.
    """

    webhook_env: str | None = None
    file: str | None = None

    @property
    def on(self) -> bool:
        """Whether anybody is told."""
        return bool(self.webhook_env or self.file)
