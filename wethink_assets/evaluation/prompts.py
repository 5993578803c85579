"""Policy prompts: the request for one item, with its family's wording.

Belongs here: text, system prompt rule, sampling. Does not belong here: a family's wording (wording.py, families/),
sending, serving, scoring.
"""

from __future__ import annotations

from functools import cache

from resources.calls.messages import ModelRequest
from wethink_assets.accounting import content_id
from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.families.registry import BUILT_IN, family
from wethink_assets.evaluation.item import Item
from wethink_assets.evaluation.profiles import PROFILES
from wethink_assets.evaluation.wording import SELECT
from wethink_assets.rewards.format import SYSTEM_PROMPT
from wethink_assets.settings import EvaluationSettings


def text_of(benchmark: Benchmark, item: Item) -> str:
    """The prompt text of an item in the profile `plain`."""
    return family(benchmark.rule).text(benchmark, item)


def request(benchmark: Benchmark, item: Item, settings: EvaluationSettings) -> ModelRequest:
    """The chat request for one item, as the configured profile asks it."""
    profile = PROFILES[settings.profile]
    own = family(benchmark.rule)
    return ModelRequest(
        role="policy",
        subject_id=item.subject,
        prompt=f"evaluation/{benchmark.name}",
        prompt_version=f"{_wrapper_version(own)}-{profile.name}" if profile.wrapper else _plain_version(own),
        system=SYSTEM_PROMPT if benchmark.system else None,
        text=own.wrapper_text(benchmark, item) if profile.wrapper else own.text(benchmark, item),
        image_ids=item.image_ids,
        interleaved=profile.wrapper and benchmark.style == "interleaved",
        parameters=profile.sampling(benchmark, settings),
    )


def _added_words(own: Family) -> tuple[object, ...]:
    """Instructions of a family that an extension adds: the built-in families share one version of their prompts."""
    return () if BUILT_IN.get(own.name) is own else own.instructions


@cache
def _plain_version(own: Family) -> str:
    return content_id("evaluation prompts 1", SELECT, SYSTEM_PROMPT, *_added_words(own))[:12]


@cache
def _wrapper_version(own: Family) -> str:
    shared = [words for known in BUILT_IN.values() for words in known.instructions]
    return content_id("wrapper prompts 2", *shared, SYSTEM_PROMPT, *_added_words(own))[:8]
