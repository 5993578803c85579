"""Settings of model calls: roles, their endpoints, the budget.

Belongs here: endpoints, prices, limits. Does not belong here: how an endpoint is used (resources/calls/); keys (only
the name of the variable that holds one).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from wethink_assets.settings.base import Strict
from wethink_assets.settings.sampling import checked

ROLES = ("vlm", "reasoner", "adjudicator", "rewriter", "judge")
ESCALATION = "adjudicator_2"  # asked only where [synthesis] escalate names it
EMBEDDED_TEACHER = "embedded:sample-teacher"
THINKING_TIMEOUT_S = 900.0  # 32,768 tokens at 40 a second take 820 s


class EndpointSettings(Strict):
    """One OpenAI-compatible endpoint. Prices are per million tokens.

    `structured_outputs`: true where the endpoint takes a JSON schema in `response_format`, "json_object" where it has
    JSON mode only, false where it has neither. `max_image_side` > 0 sends larger images scaled down to it, and is part
    of a call's identity. `requests_per_minute` and `tokens_per_minute` are the vendor's limits (0: none). `weight`
    shares a role's requests between its endpoints; 0 is a standby, used while no other can be. What is refused without
    a word about its content (413, as by a proxy) is asked again in later runs, in `refused_runs` of them at most.
    `transport = "batch"`
    sends requests as files of the OpenAI Batch API, polled every `batch_poll_s`. It takes one endpoint per role: a
    batch belongs to the account that was billed for it and is collected there for 24 hours, so that it can neither fail
    over nor follow changed weights. To use two, split the growth batches between two configurations on one lake.
    `parameters` are sent with every request that does not set them itself: known sampling parameters within their
    bounds, and a vendor's own (`chat_template_kwargs`) as they are. `max_tokens_name` and `omit` fit `parameters` to
    endpoints that name or lack one; neither changes a call's identity.

    `thinking = true` says that the model thinks before it answers: `thinking_tokens` are added to the `max_tokens` of
    every request, which is the length of the visible answer, and `parameters` win over a prompt's own (temperature),
    except over its `max_tokens` and `seed`. How thinking is switched is the vendor's (`reasoning_effort`,
    `chat_template_kwargs`, `thinking`, `extra_body`) and stands in `parameters`. A reply that is cut off while the
    model thinks is asked once more with twice the allowance. `timeout_s` is 900 then, where it is not set.
    `thinking_tokens` is no part of a call's identity: raising it asks again only what was cut off.
    """

    base_url: str = EMBEDDED_TEACHER
    model: str
    api_key_env: str = ""
    price_in: float = Field(0.0, ge=0)
    price_out: float = Field(0.0, ge=0)
    concurrency: int = Field(32, ge=1)
    requests_per_minute: int = Field(0, ge=0)
    tokens_per_minute: int = Field(0, ge=0)
    weight: float = Field(1.0, ge=0)
    timeout_s: float = Field(120.0, gt=0)
    max_attempts: int = Field(6, ge=1)
    refused_runs: int = Field(5, ge=1)
    structured_outputs: bool | Literal["json_object"] = True
    max_image_side: int = Field(0, ge=0)
    transport: Literal["chat", "batch"] = "chat"
    batch_poll_s: float = Field(30.0, gt=0)
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    omit: tuple[str, ...] = ()
    thinking: bool = False
    thinking_tokens: int = Field(16_384, ge=0)
    parameters: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _has_time_to_think(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("thinking") is True and "timeout_s" not in given:
            return {**given, "timeout_s": THINKING_TIMEOUT_S}
        return given

    @field_validator("parameters")
    @classmethod
    def _are_sampling_parameters(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked(value)

    @field_validator("base_url")
    @classmethod
    def _is_a_url(cls, value: str) -> str:
        """Else every call would fail for itself, with an error that names no setting."""
        url = urlsplit(value.strip())
        if value != EMBEDDED_TEACHER and not (url.scheme in ("http", "https") and url.hostname):
            raise ValueError("base_url is no http or https URL: write it like http://localhost:8000/v1")
        if url.username is not None or url.password is not None or url.query or url.fragment:
            raise ValueError(
                "base_url holds a user, a password or a query, which would be shown: write the URL without, and name "
                "the variable that holds the key in api_key_env"
            )
        return value.strip()

    @field_validator("omit")
    @classmethod
    def _leaves_a_request(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if needed := {"model", "messages"} & set(value):
            raise ValueError(
                f"omit leaves out {' and '.join(sorted(needed))}, without which there is no request: leave it in"
            )
        return value


FORMS = ("one", "several")


def _form(given: Any) -> str:
    return FORMS[isinstance(given, (list, tuple))]


# `[endpoints.vlm]`, or `[[endpoints.vlm]]` once for each. The tags keep an error to the form that was written.
OneOrSeveral = Annotated[
    Annotated[EndpointSettings, Tag("one")] | Annotated[tuple[EndpointSettings, ...], Tag("several")],
    Discriminator(_form),
]


class BudgetSettings(Strict):
    """What model calls may cost, use and count at most; 0 is no limit. Calls of served policies do not count.

    `per`: `run` is each Dagster run for itself, `ever` everything that the ledger holds.
    """

    cost: float = Field(0.0, ge=0)
    tokens: int = Field(0, ge=0)
    calls: int = Field(0, ge=0)
    per: Literal["run", "ever"] = "run"

    @property
    def is_set(self) -> bool:
        return bool(self.cost or self.tokens or self.calls)


class TeacherSettings(Strict):
    """The temper of the embedded sample teacher: how a real endpoint may behave.

    `thinking_tokens`: tokens that it thinks before a reply, at the median (0: none). They count in `max_tokens`, and
    the roles that have no endpoint of their own say `thinking = true` then. `quirks`: the share of replies with a quirk
    that endpoints have (an error within status 200, JSON in the reasoning, usage that does not add up), of which none
    costs a row. `hard` also plants what real models get wrong: errors that two models share, questions that give their
    answer away, paths that loop, contradict themselves or compute wrongly (docs/gates.md).
    """

    thinking_tokens: int = Field(0, ge=0)
    quirks: float = Field(0.01, ge=0, le=1)
    hard: bool = False


# The sample teacher's prices stand for nothing real; they make the cost columns visible in the demo.
TEACHER = {
    role: EndpointSettings(model=f"sample-teacher-{role}", price_in=0.10, price_out=0.40)
    for role in (*ROLES, ESCALATION)
}
