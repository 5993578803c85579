"""Settings of the data half: lake, sources, images, synthesis, release.

Belongs here: models and defaults. Does not belong here: what reads the data.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from wethink_assets.settings.base import Strict, holds_password, place_of
from wethink_assets.settings.mix import MixSettings

LEAST_MEMORY = 64_000_000  # bytes: less, and DuckDB cannot even spill [D]


class LakeSettings(Strict):
    """`catalog`: `sqlite:<path>` or `postgres:<libpq string>`, whose password is in PGPASSWORD, ~/.pgpass or a service
    file. `data_path`: folder or `s3://bucket/prefix`.

    `memory` is what DuckDB may take in one process, such as "4GB" or "512MB"; None: a quarter of the machine's memory,
    or of what its cgroup allows, and at least 1 GB. What does not fit is spilled to a private folder below
    `spill`; None: `.work/spill` below `home`. `wethink maintain` lets snapshots go that are older than `keep_days`;
    those that a release or policy read stay. `maintain`: when the schedule `maintenance` does so once it is started in
    the UI, as a line of cron (UTC).
    """

    catalog: str | None = None
    data_path: str | None = None
    memory: str | None = Field(None, pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")
    spill: Path | None = None
    keep_days: float = Field(30.0, ge=0)
    maintain: str = "0 5 * * 0"

    @field_validator("maintain")
    @classmethod
    def _times(cls, maintain: str) -> str:
        if not re.fullmatch(r"[\d*/,-]+( [\d*/,A-Za-z-]+){4}", maintain):
            raise ValueError('maintain is a line of cron with five fields, such as "0 5 * * 0" (Sundays at 5)')
        return maintain

    @field_validator("catalog")
    @classmethod
    def _without_password(cls, catalog: str | None) -> str | None:
        if catalog is not None and catalog.startswith("postgres:") and holds_password(catalog):
            raise ValueError(
                "catalog holds a password, which would be shown and kept in files: leave it out, and give it in "
                "PGPASSWORD, in ~/.pgpass, or in a service file (~/.pg_service.conf) that service=NAME names"
            )
        return catalog

    @field_validator("spill", mode="before")
    @classmethod
    def _of_the_user(cls, spill: Path | str | None) -> Path | None:
        return None if spill is None else Path(spill).expanduser().absolute()

    @field_validator("memory")
    @classmethod
    def _enough(cls, memory: str | None) -> str | None:
        if memory is not None and _bytes(memory) < LEAST_MEMORY:
            raise ValueError("DuckDB needs at least 64MB")
        return memory

    @property
    def memory_bytes(self) -> int:
        """The limit in bytes; 0 where none is set."""
        return _bytes(self.memory) if self.memory else 0


def _bytes(text: str) -> int:
    number, unit = float(text.rstrip("KMGTiB ")), text.lstrip("0123456789. ")
    return int(number * (1024 if "i" in unit else 1000) ** " KMGT".index(unit[0]))


class ExtraSource(Strict):
    """A source of your own.

    `key` names its folder and begins its images' URIs; `reader` is a module of sources/readers/, such as `coco`,
    `conversations` (LLaVA's and ShareGPT4V's JSON) or `images` (no annotations).

    `folders` are where its images lie below its place, in order; empty: anywhere. `share` of a release is in rows of
    120,000. `document` is a pattern with a named group that tells files of one document, such as
    `(?P<report>\\w+)_\\d+\\.png`: they take one side of the split.
    """

    key: str = Field(pattern=r"^[\w+-][\w.+-]*$")
    title: str
    licence: str = Field(min_length=1)
    reader: str = Field("images", pattern=r"^[a-z][a-z0-9_]*$")
    folders: tuple[str, ...] = ()
    share: int = Field(0, ge=0)
    home: str = ""
    annotations: str = ""
    document: str = ""


class SourceSettings(Strict):
    """`quota`: images per source and growth batch (None: all, 100,000 at a time); `quotas` overrides it per source.

    `places` gives single sources a folder, a .tar or .zip, or a URL (s3://, gs://, hf://) of their own; credentials
    come from the environment only. `copy_images` keeps a copy of every image taken; else images stay where they are,
    and those of buckets and archives pass through a cache of `cache_gb` where a file is needed. Where more than
    `max_failed_share` of a batch's files of a source cannot be read, the source fails and has taken nothing.
    """

    quota: int | None = Field(24, ge=0)
    quotas: dict[str, int] = Field(default_factory=dict)
    paused: tuple[str, ...] = ()
    places: dict[str, str] = Field(default_factory=dict)
    extra: tuple[ExtraSource, ...] = ()
    copy_images: bool = False
    cache_gb: float = Field(20.0, gt=0)
    max_failed_share: float = Field(0.2, ge=0, le=1)

    @field_validator("quotas")
    @classmethod
    def _not_negative(cls, quotas: dict[str, int]) -> dict[str, int]:
        if wrong := sorted(key for key, quota in quotas.items() if quota < 0):
            raise ValueError(f"quotas of {', '.join(wrong)}: a number of images, 0 for none")
        return quotas

    @field_validator("places")
    @classmethod
    def _without_credentials(cls, places: dict[str, str]) -> dict[str, str]:
        return {key: place_of(value) for key, value in places.items()}

    @property
    def cache_bytes(self) -> int:
        return int(self.cache_gb * 1e9)


class ImageSettings(Strict):
    """How images are decoded, and what of them goes.

    `engine`: `processes` on this machine, or `ray` on a cluster, whose nodes have this environment and see the image
    files under the same paths, or read them from a bucket. `ray_address`: `auto` or host:port; empty: a Ray of its own
    on this machine. `workers`: 0 is one per core, and one per 48 files at most.
    `limit_s` is the time that one file may take.

    `benchmark_look_alikes`: a copy of an evaluation set's image always goes; what only looks like one, such as another
    chart of the same template, stays with `keep` and goes with `drop`.
    """

    engine: Literal["processes", "ray"] = "processes"
    ray_address: str = ""
    workers: int = Field(0, ge=0)
    limit_s: float = Field(30.0, gt=0)
    benchmark_look_alikes: Literal["keep", "drop"] = "keep"


# A test holds these against the registry, which lies above the settings.
RowFilterName = Literal[
    "answer_in_question",
    "two_right_options",
    "path_names_description",
    "path_gives_answer_first",
    "path_changes_language",
    "path_loops",
    "path_contradicts_itself",
    "path_wrong_step",
    "path_ends_elsewhere",
]


class BlindCheckSettings(Strict):
    """The blind check: `answers` to every question without its image, sampled by the model of `role`; 0 asks none.

    A question of which at least `least_right` answers are right by its rule could be answered without looking: it is
    dropped, or with `solvable = "mark"` stays with a mark in the release. Descriptive questions, which have no rule,
    are not asked (docs/gates.md).
    """

    answers: int = Field(0, ge=0, le=64)
    least_right: int = Field(3, ge=1, le=64)
    role: Literal["reasoner", "vlm", "adjudicator", "adjudicator_2", "rewriter"] = "reasoner"
    solvable: Literal["drop", "mark"] = "drop"

    @model_validator(mode="after")
    def _can_be_reached(self) -> BlindCheckSettings:
        if 0 < self.answers < self.least_right:
            raise ValueError(
                f"least_right is {self.least_right} of {self.answers} answers: no question could be solvable"
            )
        return self


class SecondLookSettings(Strict):
    """The second look: `answers` to every question with its image, sampled by the model of `role`, which answered it
    neither from the description nor from the image and is not shown the kept answer; 0 asks none.

    A question of which fewer than `least_agreeing` answers agree with the kept one by its rule is dropped, or with
    `unconfirmed = "mark"` stays with a mark in the release. Descriptive questions, which have no rule, are not asked
    (docs/gates.md).
    """

    answers: int = Field(0, ge=0, le=64)
    least_agreeing: int = Field(2, ge=1, le=64)
    role: Literal["adjudicator", "adjudicator_2", "rewriter"] = "adjudicator"
    unconfirmed: Literal["drop", "mark"] = "drop"

    @model_validator(mode="after")
    def _can_be_reached(self) -> SecondLookSettings:
        if 0 < self.answers < self.least_agreeing:
            raise ValueError(
                f"least_agreeing is {self.least_agreeing} of {self.answers} answers: no answer could be confirmed"
            )
        return self


class SynthesisSettings(Strict):
    """`turns`: refinement turns at most; `questions`: asked for per image; `max_failed_share` of a stage's rows stops a
    batch, already while it asks once more than `stop_after_failed` rows failed.

    `max_malformed_share` of a stage's replies may need a repair before its check warns. A stage works on `window_rows`
    rows at a time: more need more memory, fewer leave endpoints idle between windows. `filters_off` names row filters
    that drop nothing (docs/gates.md); they still count. `escalate = "adjudicator_2"` asks that endpoint about questions
    for which the adjudicator finds neither answer right, before they are dropped.
    """

    turns: int = Field(2, ge=0, le=8)
    questions: int = Field(3, ge=1, le=16)
    max_failed_share: float = Field(0.25, ge=0, le=1)
    stop_after_failed: int = Field(20, ge=0)
    max_malformed_share: float = Field(0.1, ge=0, le=1)
    window_rows: int = Field(4_096, ge=1)
    filters_off: tuple[RowFilterName, ...] = ()
    escalate: Literal["", "adjudicator_2"] = ""
    blind_check: BlindCheckSettings = BlindCheckSettings()
    second_look: SecondLookSettings = SecondLookSettings()
    seed: int = 0


class ExplorerSettings(Strict):
    """`url` is where links of asset pages to single rows lead: the address of `wethink explore` for a browser;
    the command takes its port unless told another. Empty: no links.
    """

    url: str = Field("http://127.0.0.1:3200", pattern=r"^(https?://[A-Za-z0-9.-]+(:\d{1,5})?|)$")

    @property
    def port(self) -> int:
        """The port of the address; 3200 where it names none."""
        port = self.url.rpartition(":")[2]
        return int(port) if port.isdigit() else 3200


class ReleaseSettings(Strict):
    """`target` rows (paper: 120,000); `heldout_share` of the clusters of images never trains; `shares` override the
    mix.

    `similar_questions`: a row that asks the same of the same image or of one of its cluster, with the same answer, is
    left out with `drop`, stays with a mark with `mark`, and is not looked for with `keep`.

    `mix` aims at shares of categories, abilities, difficulties and answer types, too. What an earlier release held
    comes first, unless `keep_released` is false: then a release is chosen anew, on the sides of the split as they are.
    """

    target: int = Field(120_000, ge=1)
    heldout_share: float = Field(0.25, ge=0, lt=1)
    similar_questions: Literal["drop", "mark", "keep"] = "mark"
    shares: dict[str, float] = Field(default_factory=dict)
    mix: MixSettings = MixSettings()
    keep_released: bool = True
    seed: int = Field(0, ge=0, lt=2**63)

    @field_validator("shares")
    @classmethod
    def _weights(cls, shares: dict[str, float]) -> dict[str, float]:
        if wrong := sorted(key for key, share in shares.items() if not 0 <= share < float("inf")):
            raise ValueError(f"shares of {', '.join(wrong)}: a weight from 0 on")
        return shares
