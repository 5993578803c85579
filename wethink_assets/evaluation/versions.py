"""Code versions of the evaluation's assets: what of code and prompts decides predictions, scores and the scoreboard.

Belongs here: which modules, prompts and fields of the sets' rows each asset rests on. Pure. Does not belong here:
following imports and hashing (code_versions.py).

Registries and `Family` import every family, so they are no part of what follows imports: an asset names the modules of
its own families, and counts what they and the sets' rows say by value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.code_versions import ASKING, SHOWING, code_version
from wethink_assets.evaluation.families.family import Family
from wethink_assets.evaluation.families.registry import BUILT_IN, MODULES, family


def predictions_version(sets: Sequence[Benchmark]) -> str:
    """Code version of what a policy is asked: wording, profiles, how the sets want to be asked, and what is sent.

    Of a family's module the file alone counts: its rules and what they reach ask a policy nothing.
    """
    wordings = [word for b in sets for word in (family(b.rule).text, family(b.rule).wrapper_text)]
    return code_version(
        [
            "evaluation/predictions",
            "evaluation/prompts",
            "evaluation/profiles",
            "evaluation/wording",
            *ASKING,
            *SHOWING,
        ],
        also=sorted([b.name, b.rule, b.style, b.system, b.suffix, b.split or ""] for b in sets),
        alone=_modules(wordings),
    )


def score_version(benchmark: Benchmark) -> str:
    """Code version of a set's scores: its family's rules, numbers and categories, with what they ask the judge."""
    own = family(benchmark.rule)
    return code_version(
        [
            "evaluation/set_scores",
            "evaluation/set_numbers",
            *scoring_modules(own),
            *(ASKING if own.judge_prompts else ()),
        ],
        [("rewards" if name == "judge" else "evaluation", name) for name in own.judge_prompts],
        also=[benchmark.name, benchmark.rule, benchmark.metric, benchmark.scale, benchmark.split],
        alone=["evaluation/families/family"],
    )


def scoreboard_version(sets: Sequence[Benchmark]) -> str:
    """Code version of the comparison: its statistics, what the sets' families count as one observation, and the
    paper's figures.
    """
    return code_version(
        ["evaluation/scoreboard", "evaluation/statistics", "evaluation/promotion"],
        also=[[b.name, b.rule, b.metric, b.scale, b.paper_base, b.paper_rl] for b in sets],
        alone=_modules(family(b.rule).observe for b in sets),
    )


def scoring_modules(own: Family) -> list[str]:
    """Dotted names of the modules that hold a family's rules, numbers and categories, its own among them."""
    functions = (
        own.strict,
        own.vlmevalkit,
        own.vlmevalkit_without_judge,
        own.observe,
        own.observe_category,
        own.categories,
        own.times_counted,
    )
    its_own = {MODULES[own.name]} if BUILT_IN.get(own.name) is own else set()
    return sorted(its_own.union(_modules(function for function in functions if function is not None)))


def _modules(functions: Iterable[Callable[..., Any]]) -> list[str]:
    return sorted({function.__module__ for function in functions})
