"""Evaluation profiles (generation configuration): with which prompts, sampling and image sizes a policy is asked.

Belongs here: one typed row per profile. Does not belong here: an item's text (prompts.py), serving or sending.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wethink_assets.benchmark_sets.registry import Benchmark
from wethink_assets.settings import EvaluationSettings

_PATCH = 28 * 28  # pixels that become one token of Qwen2.5-VL


@dataclass(frozen=True)
class Profile:
    """Evaluation profile: sampling parameters, prompt texts and image sizes with which a policy is asked.

    `parameters` go with every request. `wrapper` takes VLMEvalKit's own texts, character by character, and its places
    of images. `pixels` are the least and most that an image is scaled to, for vLLM; `pixels_of` overrides the least
    for single sets.
    """

    name: str
    max_tokens: int
    parameters: Mapping[str, Any]
    wrapper: bool = False
    pixels: tuple[int, int] | None = None
    pixels_of: Mapping[str, int] = field(default_factory=dict)

    def sampling(self, benchmark: Benchmark, settings: EvaluationSettings) -> dict[str, Any]:
        """Sampling parameters of the request for an item of the set."""
        parameters = {**self.parameters, "max_tokens": settings.max_tokens or self.max_tokens, "seed": settings.seed}
        if self.pixels:
            least, most = self.pixels
            sizes = {"min_pixels": self.pixels_of.get(benchmark.name, least), "max_pixels": most}
            parameters["mm_processor_kwargs"] = sizes
        return parameters


# The demo's: greedy, as short as a tiny policy needs it.
PLAIN = Profile("plain", 64, {"temperature": 0.0})
# The authors' wrapper in VLMEvalKit [A]: its sampling is greedy in all but name.
WETHINK = Profile(
    "wethink",
    2048,
    {"temperature": 0.01, "top_p": 0.001, "top_k": 1, "repetition_penalty": 1.0},
    wrapper=True,
    pixels=(1280 * _PATCH, 16384 * _PATCH),
    pixels_of={"OCRBench": 100 * _PATCH},
)
PROFILES = {p.name: p for p in (PLAIN, WETHINK)}
