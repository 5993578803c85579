"""All settings of one installation, and how they are read.

Order, later wins: defaults (the embedded demo) < TOML file named by WETHINK_CONFIG < environment.
Belongs here: paths, the file and environment. Does not belong here: the settings of one room.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from wethink_assets.settings.base import PROJECT_ROOT, Strict, place_of
from wethink_assets.settings.calls import (
    ESCALATION,
    FORMS,
    ROLES,
    TEACHER,
    BudgetSettings,
    EndpointSettings,
    OneOrSeveral,
    TeacherSettings,
)
from wethink_assets.settings.data import (
    ExplorerSettings,
    ImageSettings,
    LakeSettings,
    ReleaseSettings,
    SourceSettings,
    SynthesisSettings,
)
from wethink_assets.settings.gates import GateSettings
from wethink_assets.settings.growth import GrowthSettings
from wethink_assets.settings.pass_rates import PassRateSettings
from wethink_assets.settings.policies import EvaluationSettings, TrainingSettings
from wethink_assets.settings.rewards import RewardSettings
from wethink_assets.settings.telling import FailureSettings, OpenLineageSettings


class SettingsError(ValueError):
    """Settings that cannot be used: the file or variable, each key, what is wrong with it.

    Never a value, which could be a secret.
    """


class Settings(Strict):
    """All settings of one installation. Paths left empty lie inside `home`.

    `extensions` names importable modules that add sources, stages, gates, benchmark families or reward terms.
    `worker_environment` names variables, or beginnings (`FI_*`), that training workers and vLLM servers get beside
    those that they need; others, keys above all, they do not get.
    """

    home: Path = PROJECT_ROOT / ".wethink"
    sources_root: Path | str | None = None
    benchmarks_root: Path | str | None = None
    truth_root: Path | None = None
    extensions: tuple[str, ...] = ()
    worker_environment: tuple[str, ...] = ()
    lake: LakeSettings = LakeSettings()
    endpoints: dict[str, OneOrSeveral] = Field(default_factory=dict)
    budget: BudgetSettings = BudgetSettings()
    sample_teacher: TeacherSettings = TeacherSettings()
    sources: SourceSettings = SourceSettings()
    growth: GrowthSettings = GrowthSettings()
    images: ImageSettings = ImageSettings()
    synthesis: SynthesisSettings = SynthesisSettings()
    rewards: RewardSettings = RewardSettings()
    release: ReleaseSettings = ReleaseSettings()
    gates: GateSettings = GateSettings()
    pass_rates: PassRateSettings = PassRateSettings()
    training: TrainingSettings = TrainingSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    explorer: ExplorerSettings = ExplorerSettings()
    openlineage: OpenLineageSettings = OpenLineageSettings()
    failures: FailureSettings = FailureSettings()

    @field_validator("sources_root", "benchmarks_root", mode="before")
    @classmethod
    def _folder_or_url(cls, value: Any) -> Any:
        """A URL stays text; anything else is a path."""
        if isinstance(value, str):
            return place_of(value) if "://" in value else Path(value)
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
                raise ValueError(f"endpoints.{role}: the batch transport takes one endpoint per role")
            if not any(e.weight for e in given):
                raise ValueError(f"endpoints.{role}: one endpoint at least needs a weight above 0")
        return endpoints

    @model_validator(mode="after")
    def _a_budget_can_be_kept(self) -> Settings:
        """A reply without a limit has no worst case that could be held against the budget."""
        for role in self.endpoints if self.budget.cost or self.budget.tokens else ():
            if any({"max_tokens", "max_completion_tokens"} & set(e.omit) for e in self.endpoints_of(role)):
                raise ValueError(
                    f"endpoints.{role}.omit leaves out max_tokens, so that a reply may have any length and [budget] "
                    "cannot be kept: set max_tokens_name instead, or limit budget.calls alone"
                )
        return self

    @model_validator(mode="after")
    def _an_escalation_leads_somewhere(self) -> Settings:
        """Without an endpoint of its own it would be the sample teacher that decides over real rows."""
        own = self.synthesis
        further = (own.blind_check, own.second_look)
        asked = own.escalate or any(check.answers and check.role == ESCALATION for check in further)
        if asked and self.endpoints and ESCALATION not in self.endpoints:
            raise ValueError(f"synthesis asks {ESCALATION}, which has no endpoint: add [endpoints.{ESCALATION}]")
        return self

    def shown(self, path: str | Path) -> str:
        """A path or URL as runs tell and record it: `home/…` where it lies in the home, which may move."""
        return f"home/{Path(path).relative_to(self.home)}" if Path(path).is_relative_to(self.home) else str(path)

    @property
    def sample_pack_dir(self) -> Path:
        return self.home / "sample_pack"

    @property
    def sources_dir(self) -> Path | str:
        """The root that holds the sources' folders: a folder, an archive of them, or a URL."""
        return self.sources_root or self.sample_pack_dir / "sources"

    @property
    def benchmarks_dir(self) -> Path | str:
        """What holds the 14 VLMEvalKit TSVs: a folder, an archive of them, or a URL."""
        return self.benchmarks_root or self.sample_pack_dir / "benchmarks"

    @property
    def truth_dir(self) -> Path | None:
        """What the sample pack planted; None beside real data, where no truth is known."""
        return self.truth_root or (None if self.sources_root else self.sample_pack_dir / "truth")

    @property
    def image_store_dir(self) -> Path:
        """Content-addressed copies of images that came inside another file (benchmark TSVs), or with `copy_images`."""
        return self.home / "images"

    @property
    def pictures_dir(self) -> Path:
        """Upright RGB copies of images that are not so as they lie. May be removed: they are made from them again."""
        return self.home / "pictures"

    @property
    def image_cache_dir(self) -> Path:
        """Copies of what lies in buckets and archives, as many as `cache_gb` holds. May be removed at any time."""
        return self.home / "cache" / "images"

    @property
    def archive_indexes_dir(self) -> Path:
        """What is in the sources' archives. May be removed: it is read from them again."""
        return self.home / "cache" / "archives"

    @property
    def call_index_dir(self) -> Path:
        """Where which call lies in the ledger. May be removed: it is read from the lake again."""
        return self.home / "cache" / "calls"

    @property
    def set_memory_dir(self) -> Path:
        """What was read of the evaluation sets' files. May be removed: they are read again."""
        return self.home / "cache" / "sets"

    @property
    def lineage_index_dir(self) -> Path:
        """Where in the lake's data files the rows of an id stand. May be removed: it is made from them again."""
        return self.home / "cache" / "lineage"

    @property
    def thumbnails_dir(self) -> Path:
        """Small copies of pictures that the explorer shows. May be removed: they are made again."""
        return self.home / "cache" / "thumbnails"

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
    def spill_dir(self) -> Path:
        """Where DuckDB puts what its memory limit does not hold: each database in a private folder of its own."""
        return self.lake.spill or self.home / ".work" / "spill"

    @property
    def scratch_dir(self) -> Path:
        """Rows of a stage until their commit: each stage in a private folder of its own."""
        return self.home / ".work" / "stages"

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

    @property
    def secret_variables(self) -> tuple[str, ...]:
        """Environment variables whose values are secrets, as far as the settings name them."""
        named = [
            *(endpoint.api_key_env for role in ROLES for endpoint in self.endpoints_of(role)),
            self.openlineage.api_key_env,
            self.failures.webhook_env,
        ]
        return tuple(dict.fromkeys(name for name in named if name))

    def endpoints_of(self, role: str) -> tuple[EndpointSettings, ...]:
        """All endpoints of a role, in the order of the file.

        Raises:
            KeyError: the role is not one of `ROLES`.
        """
        given = self.endpoints.get(role)
        if not given:
            given = TEACHER[role]
            if self.sample_teacher.thinking_tokens:
                given = given.model_copy(update={"thinking": True})
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
        SettingsError: the file is no TOML, a key is unknown, or a value cannot be used.
    """
    env = dict(os.environ) if env is None else env
    values: dict[str, Any] = {}
    if config := env.get("WETHINK_CONFIG"):
        path = Path(config)
        if not path.is_file():
            raise FileNotFoundError(f"WETHINK_CONFIG names {config}, which is no file. Unset it, or give a TOML file.")
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except ValueError as error:  # its message shows a place, no value
            raise SettingsError(f"{config} is no TOML: {error}") from None
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
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_told(error, env)) from None


def _told(error: ValidationError, env: dict[str, str]) -> str:
    """One line: where each wrong key was read, and what is wrong with it."""
    variables = {field: name for name, field in _PATHS.items()} | {
        "lake.catalog": "WETHINK_LAKE_CATALOG",
        "lake.data_path": "WETHINK_LAKE_DATA",
    }
    told = []
    for problem in error.errors(include_input=False, include_url=False):
        key = ".".join(str(part) for part in problem["loc"] if part not in FORMS)
        variable = variables.get(key, "")
        where = variable if env.get(variable) else ": ".join(filter(None, (env.get("WETHINK_CONFIG"), key)))
        told.append(": ".join(filter(None, (where, problem["msg"].removeprefix("Value error, ")))))
    return "; ".join(told)
