"""Configuration: where things are and how large they are.

Belongs here: typed settings, their defaults, and how file and environment override them.
Does not belong here: anything that reads data or opens a connection; secrets (only the *name*
of the environment variable that holds a key is a setting).

Order, later wins: defaults (the embedded demo) < TOML file named by WETHINK_CONFIG < environment.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

PROJECT_ROOT = Path(__file__).resolve().parent.parent
ROLES = ("vlm", "reasoner", "adjudicator", "rewriter", "judge")
EMBEDDED_TEACHER = "embedded:sample-teacher"


class Strict(BaseModel):
    """Settings model: an unknown key is an error that names it, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LakeSettings(Strict):
    """`catalog`: `sqlite:<path>` or `postgres:<libpq string>`. `data_path`: folder or `s3://bucket/prefix`."""

    catalog: str | None = None
    data_path: str | None = None


class EndpointSettings(Strict):
    """One OpenAI-compatible endpoint. Prices are per million tokens.

    `structured_outputs`: true where the endpoint takes a JSON schema in `response_format`, "json_object" where it has JSON
    mode only, false where it has neither. `max_image_side` > 0 sends larger images scaled down to it, and is part of a
    call's identity. `requests_per_minute` and `tokens_per_minute` are the vendor's limits (0: none).
    `weight` shares a role's requests between its endpoints; 0 is a standby, used while no other can be.
    `transport = "batch"` sends requests as files of the OpenAI Batch API, polled every `batch_poll_s`.
    `max_tokens_name` and `omit` fit `parameters` to endpoints that name or lack one; neither changes a call's identity.
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
    structured_outputs: bool | Literal["json_object"] = True
    max_image_side: int = Field(0, ge=0)
    transport: Literal["chat", "batch"] = "chat"
    batch_poll_s: float = Field(30.0, gt=0)
    max_tokens_name: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    omit: tuple[str, ...] = ()
    parameters: dict[str, Any] = Field(default_factory=dict)


def _form(given: Any) -> str:
    return "several" if isinstance(given, (list, tuple)) else "one"


# `[endpoints.vlm]`, or `[[endpoints.vlm]]` once for each. The tags keep an error to the form that was written.
_OneOrSeveral = Annotated[
    Annotated[EndpointSettings, Tag("one")] | Annotated[tuple[EndpointSettings, ...], Tag("several")], Discriminator(_form)
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


# The sample teacher's prices stand for nothing real; they make the cost columns visible in the demo.
_TEACHER = {
    role: EndpointSettings(model=f"sample-teacher-{role}", price_in=0.10, price_out=0.40) for role in ROLES
}


class ExtraSource(Strict):
    """A source of your own. `key` names its folder and begins its images' URIs; `reader` is a module of sources/readers/,
    such as `coco`, `conversations` (LLaVA's and ShareGPT4V's JSON) or `images` (no annotations).

    `folders` are where its images lie below its place, in order; empty: anywhere. `share` of a release is in rows of 120,000.
    """

    key: str = Field(pattern=r"^[\w+-][\w.+-]*$")
    title: str
    licence: str = Field(min_length=1)
    reader: str = Field("images", pattern=r"^[a-z][a-z0-9_]*$")
    folders: tuple[str, ...] = ()
    share: int = Field(0, ge=0)
    home: str = ""
    annotations: str = ""


class SourceSettings(Strict):
    """`quota`: images a growth batch takes from each source (None: all); `quotas` overrides it per source.

    `places` gives single sources a folder, a .tar or .zip, or a URL (s3://, gs://, hf://) of their own; credentials come
    from the environment only. `copy_images` keeps a copy of every image taken; else images stay where they are, and
    those of buckets and archives pass through a cache of `cache_gb` where a file is wanted.
    """

    quota: int | None = 24
    quotas: dict[str, int] = Field(default_factory=dict)
    paused: tuple[str, ...] = ()
    places: dict[str, str] = Field(default_factory=dict)
    extra: tuple[ExtraSource, ...] = ()
    copy_images: bool = False
    cache_gb: float = Field(20.0, gt=0)

    @field_validator("places")
    @classmethod
    def _without_credentials(cls, places: dict[str, str]) -> dict[str, str]:
        return {key: _place(value) for key, value in places.items()}

    @property
    def cache_bytes(self) -> int:
        return int(self.cache_gb * 1e9)


def _place(value: str) -> str:
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


class ImageSettings(Strict):
    """How images are decoded and hashed.

    `engine`: `processes` on this machine, or `ray` on a cluster, whose nodes have this environment and see the image
    files under the same paths, or read them from a bucket. `ray_address`: `auto` or host:port; empty: a Ray of its own
    on this machine. `workers`: 0 is one a core. `limit_s` is the time that one file may take.
    """

    engine: Literal["processes", "ray"] = "processes"
    ray_address: str = ""
    workers: int = Field(0, ge=0)
    limit_s: float = Field(30.0, gt=0)


class SynthesisSettings(Strict):
    """`turns`: refinement turns at most; `questions`: asked for per image; `max_failed_share` of a stage's rows stops a batch.

    `max_malformed_share` of a stage's replies may need a repair before its check warns.
    """

    turns: int = Field(2, ge=0, le=8)
    questions: int = Field(3, ge=1, le=16)
    max_failed_share: float = Field(0.25, ge=0, le=1)
    max_malformed_share: float = Field(0.1, ge=0, le=1)
    seed: int = 0


class ReleaseSettings(Strict):
    """`target` rows (paper: 120,000); `heldout_share` of the images never trains; `shares` override the mix."""

    target: int = 120_000
    heldout_share: float = Field(0.25, ge=0, lt=1)
    shares: dict[str, float] = Field(default_factory=dict)
    seed: int = 0


class TrainingSettings(Strict):
    """`base`: `tiny` (created and warm-started here) or a local folder or hub name of a checkpoint.

    The defaults are the demo's, for two CPU cores; benchmarks/grpo_control.py measures what they gain. `group_size` of the
    paper is 5 [R].
    A step samples `prompts_per_step` x `group_size` completions; `micro_batch` of them at a time on each process
    (0: all that is the process's share). `processes` 0: one a GPU, or on a CPU one a core, two at most. `threads` of a
    process: 0 is all cores; 1 is faster for a tiny policy, whose small operations spend longer meeting than computing.
    `checkpoint_every` is in steps. `vllm_memory_share` of each GPU is for rollouts, with `rollouts = "vllm"`.
    """

    base: str = "tiny"
    seed: int = 0
    warm_start_steps: int = Field(200, ge=0)
    steps: int = Field(120, ge=1)
    prompts_per_step: int = Field(16, ge=1)
    group_size: int = Field(8, ge=2)
    micro_batch: int = Field(0, ge=0)
    learning_rate: float = Field(3e-4, gt=0)
    min_lr_rate: float = Field(0.1, ge=0, le=1)
    warmup_steps: int = Field(10, ge=0)
    adam_beta2: float = Field(0.99, gt=0, lt=1)
    beta: float = Field(0.0, ge=0)
    temperature: float = Field(1.0, gt=0)
    max_completion_length: int = Field(24, ge=1)
    accuracy_weight: float = Field(0.7, ge=0)
    format_weight: float = Field(0.3, ge=0)
    zero_stage: int = Field(2, ge=0, le=3)
    processes: int = Field(0, ge=0)
    threads: int = Field(1, ge=0)
    checkpoint_every: int = Field(30, ge=1)
    rollouts: Literal["generate", "vllm"] = "generate"
    vllm_memory_share: float = Field(0.3, gt=0, lt=1)
    permute_rewards: bool = False


class ExtraBenchmark(Strict):
    """An evaluation set of your own: `<name>.tsv` in the folder of the others, in VLMEvalKit's format.

    `rule` is one of evaluation/scorers: `choice` (letters), `chartqa` (numbers within 5 %), `mathvision` (text, number or
    expression), `hallusion` (yes or no), `ocrbench`, `mmvet` (graded by the judge) and so on. `style = "choice"` lists the options.
    `suffix` ends every question. `split` keeps rows of that split alone; `md5` is that of the published file.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    rule: str = "choice"
    style: Literal["choice", "question", "interleaved"] = "choice"
    suffix: str = ""
    system: bool = True
    split: str | None = None
    scale: float = Field(100.0, gt=0)
    md5: str | None = Field(None, pattern=r"^[0-9a-f]{32}$")


class EvaluationSettings(Strict):
    """`policy_url` names a running OpenAI-compatible server for policies; empty: a vLLM server is started.

    `rules_only` scores without a judge: every number says so in its name. `extra` adds sets to the 14.
    `profile` is how a policy is asked: `plain` (greedy, short prompts: the demo's) or `wethink` (the prompts, sampling, image
    sizes and length of the paper's VLMEvalKit wrapper [A]); its values give way to `max_tokens` where that is set.
    """

    policy_url: str = ""
    profile: Literal["plain", "wethink"] = "plain"
    extra: tuple[ExtraBenchmark, ...] = ()
    max_tokens: int | None = Field(None, ge=1)
    max_model_len: int = 1024
    concurrency: int = 64
    tensor_parallel: int = 1
    gpu_memory: float = Field(0.9, gt=0, le=1)
    start_timeout_s: float = 600.0
    resamples: int = 10_000
    seed: int = 0
    rules_only: bool = False


class Settings(Strict):
    """All settings of one installation. Paths left empty lie inside `home`."""

    home: Path = PROJECT_ROOT / ".wethink"
    sources_root: Path | str | None = None
    benchmarks_root: Path | None = None
    truth_root: Path | None = None
    lake: LakeSettings = LakeSettings()
    endpoints: dict[str, _OneOrSeveral] = Field(default_factory=dict)
    budget: BudgetSettings = BudgetSettings()
    sources: SourceSettings = SourceSettings()
    images: ImageSettings = ImageSettings()
    synthesis: SynthesisSettings = SynthesisSettings()
    release: ReleaseSettings = ReleaseSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()

    @field_validator("sources_root", mode="before")
    @classmethod
    def _folder_or_url(cls, value: Any) -> Any:
        """A URL stays text; anything else is a path."""
        if isinstance(value, str):
            return _place(value) if "://" in value else Path(value)
        return value

    @field_validator("endpoints")
    @classmethod
    def _usable(cls, endpoints: dict[str, Any]) -> dict[str, Any]:
        for role, given in endpoints.items():
            if isinstance(given, EndpointSettings):
                continue
            if not given:
                raise ValueError(f"endpoints.{role} is an empty list: give it an endpoint, or leave it out")
            if len(given) > 1 and any(e.transport == "batch" for e in given):
                raise ValueError(f"endpoints.{role}: the batch transport takes one endpoint a role")
            if not any(e.weight for e in given):
                raise ValueError(f"endpoints.{role}: one endpoint at least needs a weight above 0")
        return endpoints

    @property
    def sample_pack_dir(self) -> Path:
        return self.home / "sample_pack"

    @property
    def sources_dir(self) -> Path | str:
        """The root that holds the sources' folders: a folder, an archive of them, or a URL."""
        return self.sources_root or self.sample_pack_dir / "sources"

    @property
    def benchmarks_dir(self) -> Path:
        """The folder of the 14 VLMEvalKit TSVs."""
        return self.benchmarks_root or self.sample_pack_dir / "benchmarks"

    @property
    def truth_dir(self) -> Path | None:
        """What the sample pack planted; None beside real data, where no truth is known."""
        return self.truth_root or (None if self.sources_root else self.sample_pack_dir / "truth")

    @property
    def image_store_dir(self) -> Path:
        """Content-addressed copies: of images that came inside another file (benchmark TSVs), and where `copy_images` is set."""
        return self.home / "images"

    @property
    def image_cache_dir(self) -> Path:
        """Copies of what lies in buckets and archives, as many as `cache_gb` holds. May be removed at any time."""
        return self.home / "cache" / "images"

    @property
    def archive_indexes_dir(self) -> Path:
        """What is in the sources' archives. May be removed: it is read from them again."""
        return self.home / "cache" / "archives"

    @property
    def policies_dir(self) -> Path:
        return self.home / "policies"

    @property
    def releases_dir(self) -> Path:
        return self.home / "releases"

    @property
    def logs_dir(self) -> Path:
        return self.home / "logs"

    @property
    def lake_catalog(self) -> str:
        return self.lake.catalog or f"sqlite:{self.home / 'lake' / 'catalog.sqlite'}"

    @property
    def lake_data_path(self) -> str:
        return self.lake.data_path or str(self.home / "lake" / "data")

    def endpoint(self, role: str) -> EndpointSettings:
        """The endpoint of a role, the first where it has several; the sample teacher where none is configured.

        Raises:
            KeyError: the role is not one of `ROLES`.
        """
        return self.endpoints_of(role)[0]

    def endpoints_of(self, role: str) -> tuple[EndpointSettings, ...]:
        """All endpoints of a role, in the order of the file.

        Raises:
            KeyError: the role is not one of `ROLES`.
        """
        given = self.endpoints.get(role) or _TEACHER[role]
        return (given,) if isinstance(given, EndpointSettings) else given


_PATHS = {
    "WETHINK_HOME": "home",
    "WETHINK_SOURCES_ROOT": "sources_root",
    "WETHINK_BENCHMARKS_ROOT": "benchmarks_root",
    "WETHINK_TRUTH_ROOT": "truth_root",
}


def load_settings(env: dict[str, str] | None = None) -> Settings:
    """Read the settings of this process.

    Raises:
        FileNotFoundError: WETHINK_CONFIG names no file.
        pydantic.ValidationError: a key is unknown or a value out of range; the message names it.
    """
    env = dict(os.environ) if env is None else env
    values: dict[str, Any] = {}
    if config := env.get("WETHINK_CONFIG"):
        path = Path(config)
        if not path.is_file():
            raise FileNotFoundError(f"WETHINK_CONFIG names {config}, which is no file. Unset it, or give a TOML file.")
        values = tomllib.loads(path.read_text("utf-8"))
    for variable, field in _PATHS.items():
        if env.get(variable):
            values[field] = env[variable]
    lake = dict(values.get("lake", {}))
    if env.get("WETHINK_LAKE_CATALOG"):
        lake["catalog"] = env["WETHINK_LAKE_CATALOG"]
    if env.get("WETHINK_LAKE_DATA"):
        lake["data_path"] = env["WETHINK_LAKE_DATA"]
    if lake:
        values["lake"] = lake
    for field in ("home", "sources_root", "benchmarks_root", "truth_root"):
        if values.get(field) and "://" not in str(values[field]):
            values[field] = Path(values[field]).expanduser().resolve()
    return Settings.model_validate(values)
