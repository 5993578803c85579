"""Registry of benchmark sets: one typed row per evaluation set, built in, added by an extension or by the settings.

Belongs here: what distinguishes one set from another: file, prompt, family, metric, figures of the paper.
Does not belong here: how a family scores (evaluation/families/). A new benchmark is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wethink_assets.settings import EvaluationSettings

HELDOUT = "heldout"

Group = Literal["reasoning", "academic", "added", "heldout"]


@dataclass(frozen=True)
class Benchmark:
    """One evaluation set, a benchmark's file and how it is asked.

    `name` is VLMEvalKit's, and the file's. `rule` names its family (evaluation/families/). `metric` is the headline
    number, empty for the family's; `strict` in it says that answers were extracted and compared by our own verifier, as
    opposed to VLMEvalKit's rules with their defects. `split` keeps only rows of that split. `system` says whether the
    system prompt is sent. `columns` are those of the file without which the rule has nothing to work on. `md5` is that
    of the published file. `paper_base`, `paper_rl`: the authors' board of 2025-05-30, Qwen2.5-VL-7B and WeThink-7B [A];
    `paper_note` where a figure is not this set's alone. `suffix` ends every question.
    """

    name: str
    group: Group
    rule: str
    metric: str = ""
    scale: float = 100.0
    style: Literal["choice", "question", "interleaved"] = "question"
    system: bool = True
    split: str | None = None
    md5: str | None = None
    paper_base: float | None = None
    paper_rl: float | None = None
    paper_note: str = ""
    suffix: str = ""
    columns: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}.tsv"


_MMBENCH_NOTE = "mean of MMBench EN and CN"

BENCHMARKS: tuple[Benchmark, ...] = (
    Benchmark(
        "MathVista_MINI",
        "reasoning",
        "mathvista",
        "strict_accuracy",
        columns=("question_type", "answer_type", "choices", "answer_option"),
        md5="f199b98e178e5a2a20e7048f5dcb0464",
        paper_base=68.1,
        paper_rl=71.6,
    ),
    Benchmark(
        "MathVision",
        "reasoning",
        "mathvision",
        "strict_accuracy",
        columns=("choices",),
        md5="93f6de14f7916e598aa1b7165589831e",
        paper_base=25.4,
        paper_rl=26.0,
    ),
    Benchmark(
        "MathVerse_MINI_Vision_Only",
        "reasoning",
        "mathverse",
        "strict_accuracy",
        md5="68a11d4680014ac881fa37adeadea3a4",
        paper_base=41.1,
        paper_rl=44.2,
    ),
    Benchmark(
        "DynaMath",
        "reasoning",
        "dynamath",
        "strict_worst_case",
        columns=("qid", "answer_type"),
        md5="b8425ad9a7114571fc9366e013699494",
        paper_base=21.8,
        paper_rl=24.8,
    ),
    Benchmark(
        "WeMath",
        "reasoning",
        "wemath",
        "strict_score",
        style="choice",
        columns=("ID", "key", "A"),
        md5="b5e969a075f01290a542411fb7766388",
        paper_base=36.2,
        paper_rl=48.0,
    ),
    Benchmark(
        "LogicVista",
        "reasoning",
        "logicvista",
        "strict_accuracy",
        columns=("skill",),
        md5="41c5d33adf33765c399e0e6ae588c061",
        paper_base=47.9,
        paper_rl=51.2,
    ),
    Benchmark(
        "MMBench_TEST_EN_V11",
        "academic",
        "mmbench",
        "strict_circular_accuracy",
        style="choice",
        columns=("A", "B"),
        md5="8d1a704e791df6f5d9fb3ef782b65365",
        paper_base=82.2,
        paper_rl=81.8,
        paper_note=_MMBENCH_NOTE,
    ),
    Benchmark(
        "MMBench_TEST_CN_V11",
        "academic",
        "mmbench",
        "strict_circular_accuracy",
        style="choice",
        columns=("A", "B"),
        md5="74bbe4556dac745613c7cbe5ad787050",
        paper_base=82.2,
        paper_rl=81.8,
        paper_note=_MMBENCH_NOTE,
    ),
    Benchmark(
        "MMStar",
        "academic",
        "choice",
        "strict_accuracy",
        style="choice",
        columns=("A", "B"),
        md5="e1ecd2140806c1b1bbf54b43372efb9e",
        paper_base=64.1,
        paper_rl=64.2,
    ),
    Benchmark(
        "MMMU_DEV_VAL",
        "academic",
        "mmmu",
        "strict_accuracy",
        split="validation",
        style="interleaved",
        columns=("A", "B", "split"),
        md5="585e8ad75e73f75dcad265dfd0417d64",
        paper_base=58.0,
        paper_rl=61.0,
    ),
    Benchmark(
        "HallusionBench",
        "academic",
        "hallusion",
        "strict_mean_of_aAcc_fAcc_qAcc",
        md5="0c23ac0dc9ef46832d7a24504f2a0c7c",
        paper_base=51.9,
        paper_rl=55.3,
    ),
    Benchmark(
        "AI2D_TEST",
        "academic",
        "choice",
        "strict_accuracy",
        style="choice",
        system=False,
        columns=("A", "B"),
        md5="0f593e0d1c7df9a3d69bf1f947e71975",
        paper_base=84.3,
        paper_rl=84.0,
    ),
    Benchmark(
        "OCRBench",
        "academic",
        "ocrbench",
        "strict_score",
        scale=1000.0,
        system=False,
        md5="e953d98a987cc6e26ef717b61260b778",
        paper_base=888,
        paper_rl=890,
    ),
    Benchmark(
        "MMVet",
        "academic",
        "mmvet",
        "strict_score",
        md5="748aa6d4aa9d4de798306a63718455e3",
        paper_base=69.7,
        paper_rl=73.2,
    ),
)

# The release's own held-out samples: no file, and no figure in the paper.
HELDOUT_SET = Benchmark(HELDOUT, "heldout", "heldout", "accuracy")

ALL_SETS: tuple[Benchmark, ...] = (*BENCHMARKS, HELDOUT_SET)
BY_NAME: dict[str, Benchmark] = {b.name: b for b in ALL_SETS}
_REGISTERED: dict[str, Benchmark] = {}


def register(benchmark: Benchmark) -> None:
    """Add an evaluation set. The same object again changes nothing.

    Raises:
        ValueError: another set has that name.
    """
    known = BY_NAME.get(benchmark.name) or _REGISTERED.setdefault(benchmark.name, benchmark)
    if known is not benchmark:
        raise ValueError(f"two evaluation sets are named {benchmark.name!r}: {known} and {benchmark}")


def unregister(name: str) -> None:
    """Remove an evaluation set that `register` added.

    Raises:
        KeyError: no added set has that name.
    """
    del _REGISTERED[name]


def sets_of(settings: EvaluationSettings) -> tuple[Benchmark, ...]:
    """The evaluation sets: the built-in ones, then those that extensions and the settings add.

    The held-out samples, which have no file, are not among them. An added set's rule is checked where families are
    known (evaluation/families/registry.py).

    Raises:
        ValueError: an added set repeats a name.
    """
    added: dict[str, Benchmark] = dict(_REGISTERED)
    for extra in settings.extra:
        where = f"[[evaluation.extra]] {extra.name!r}"
        if extra.name in BY_NAME or extra.name in added:
            raise ValueError(f"{where}: a set of that name is there already")
        added[extra.name] = Benchmark(
            extra.name,
            "added",
            extra.rule,
            scale=extra.scale,
            style=extra.style,
            system=extra.system,
            split=extra.split,
            md5=extra.md5,
            suffix=extra.suffix,
        )
    return (*BENCHMARKS, *added.values())


# The board's two means [A]: six reasoning sets; eight academic ones, with MathVista again and MMBench as one.
_MMBENCH = tuple(b.name for b in BENCHMARKS if b.name.startswith("MMBench"))
MEANS: dict[str, tuple[tuple[str, ...], ...]] = {
    "reasoning": tuple((b.name,) for b in BENCHMARKS if b.group == "reasoning"),
    "academic": (
        ("MathVista_MINI",),
        _MMBENCH,
        *((b.name,) for b in BENCHMARKS if b.group == "academic" and b.name not in _MMBENCH),
    ),
}


def mean_of(name: str, values: Mapping[str, float]) -> float | None:
    """The board's named mean over sets that have a value, in percent of each set's scale; None where no set has one."""
    means = []
    for part in MEANS[name]:
        known = [100 * values[s] / BY_NAME[s].scale for s in part if s in values]
        if known:
            means.append(sum(known) / len(known))
    return sum(means) / len(means) if means else None
