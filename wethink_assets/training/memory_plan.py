"""Memory plan (GPU memory estimate): what each term of GRPO takes on one GPU, before anything is loaded.

Belongs here: the terms, each with its formula and source. Pure: no torch, no GPU is asked. Does not belong here: a
model's sizes (model_shape.py), what to change where it does not fit (memory_cures.py), printing (cli/).

It is the worst case that the settings allow: every image at `max_pixels`, every reply at `max_completion_length`.
N parameters, P GPUs, b bytes of a number (2 in bf16 on a GPU, 4 on a CPU), s tokens of a prompt with its reply.

- Weights b·N, gradients b·N, optimizer 12·N (Adam in fp32: weights, momentum, variance): 16 bytes a parameter in mixed
  precision, of which ZeRO shares out the optimizer (stage 1), the gradients (2) and the weights (3) to P GPUs: table 1
  of ZeRO (Rajbhandari et al. 2020, arXiv 1910.02054). Stage 0 keeps fp32 sums of gradients too (DeepSpeed's
  BF16_Optimizer). The reference policy of `beta` is b·N, shared out by stage 3 alone (TRL's prepare_deepspeed).
- With LoRA only the L parameters of the adapters have gradients and optimizer states, and the reference policy is the
  same weights without them (Hu et al. 2021, arXiv 2106.09685). Activations and the head are counted as without it.
- Activations: inputs of every layer, b·h a token, and one layer while it is computed again (Chen et al. 2016,
  arXiv 1604.06174); without checkpointing all layers. Of one layer they are counted as Korthikanti et al. 2022 (arXiv
  2205.05198) do, for RMS norms in fp32, grouped keys and values and a gated MLP, with attention that stores no scores.
- Logits: TRL's fused head computes them in tiles of 4,096 tokens x 32,768 words, forward and backward, and sums the
  head's gradient in fp32: 4·V·h. `whole_logits` is what they would take at once, b·V a token of the reply.
- Keys and values of a rollout: 2·b·layers·width of one head x its heads a token (Kwon et al. 2023, arXiv 2309.06180).
  vLLM has them in its share of the GPU; `generate` holds those of all completions of the process at once.
- Pixels: TRL keeps those of all completions of a step, a group's image once for each of them, in bf16: b x 1,176 a
  patch of 14 x 14, four patches a token of Qwen2.5-VL (28 x 28 pixels). It copies them once while it splits the step.
- Buffers: DeepSpeed's defaults (reduce and gather buckets of 5e8 numbers; stage 3: 1e9 live parameters).
- The driver, libraries and fragmentation: 2 GiB and 5 % of the GPU [D].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.batches import completions_of, micro_batches
from wethink_assets.training.model_shape import ModelShape

GIB = 1 << 30
# Tokens of a prompt besides those of its image: system prompt, template, question [D].
PROMPT_TOKENS = 1_024
TILE_TOKENS, TILE_WORDS = 4_096, 32_768
BUCKET, LIVE, PREFETCH = 500_000_000, 1_000_000_000, 50_000_000
VLLM_WORKING = 2 * GIB  # its graphs and the activations of 4,096 tokens [D]

# `held` all the time; `rollout` while completions are sampled; `step` while the policy learns from them.
Phase = Literal["held", "rollout", "step"]


@dataclass(frozen=True)
class Term:
    """What one thing takes on one GPU, in bytes."""

    name: str
    phase: Phase
    bytes: float
    formula: str


@dataclass(frozen=True)
class Plan:
    """The memory of one GPU by terms. `faults` are sentences about what cannot work whatever the memory;
    `host_bytes` is what all processes hold in main memory."""

    shape: ModelShape
    gpus: int
    gpu_bytes: float
    terms: tuple[Term, ...]
    micro_batch: int
    accumulation: int
    sequence: int
    image_tokens: int
    whole_logits: float
    host_bytes: float
    faults: tuple[str, ...]

    def of(self, phase: Phase) -> float:
        """Bytes of a phase alone."""
        return sum(term.bytes for term in self.terms if term.phase == phase)

    @property
    def peak(self) -> float:
        """Bytes where most is held: rollouts and learning take turns."""
        return self.of("held") + max(self.of("rollout"), self.of("step"))

    @property
    def fits(self) -> bool:
        return not self.faults and self.peak <= self.gpu_bytes


def plan(
    shape: ModelShape,
    training: TrainingSettings,
    *,
    gpus: int,
    gpu_bytes: float,
    cuda: bool = True,
    prompt_tokens: int = PROMPT_TOKENS,
) -> Plan:
    """The memory of one of `gpus` GPUs of `gpu_bytes`; without `cuda` that of one process on a CPU.

    Raises:
        ValueError: the step cannot be split over the GPUs.
    """
    micro, accumulation = micro_batches(training, gpus)
    share = completions_of(training, gpus)
    image_tokens = shape.image_tokens(shape.pixels[1])
    sequence = prompt_tokens + image_tokens + training.max_completion_length
    patches = image_tokens * shape.vision.merge**2
    b = 2 if cuda else 4
    vllm = training.rollouts == "vllm"
    terms = [*_states(shape, training, gpus, b, cuda=cuda), *_driver(gpu_bytes, cuda=cuda)]
    pixels = b * share * patches * shape.vision.numbers_per_patch
    terms += [
        Term("pixels of the step", "held", pixels, f"{share} completions x {patches} patches"),
        Term("pixels, copied", "rollout", pixels, "while the step is split"),
        _activations(shape, micro, sequence, patches, b, checkpointed=cuda),
        _logits(shape, micro * training.max_completion_length, b),
    ]
    kv = 2 * b * shape.layers * shape.kv_width
    faults: list[str] = []
    if vllm:
        terms += _vllm(training, gpu_bytes)
        faults += _vllm_faults(shape, training, gpu_bytes, sequence, kv)
    else:
        terms += _generate(shape, training, share, sequence, kv, b)
    return Plan(
        shape=shape,
        gpus=gpus,
        gpu_bytes=gpu_bytes,
        terms=tuple(terms),
        micro_batch=micro,
        accumulation=accumulation,
        sequence=sequence,
        image_tokens=image_tokens,
        whole_logits=b * micro * training.max_completion_length * shape.vocabulary,
        host_bytes=(12 + b) * _learned(shape, training) if training.offload == "optimizer" else 0,
        faults=tuple(faults),
    )


def _states(shape: ModelShape, training: TrainingSettings, gpus: int, b: int, *, cuda: bool) -> list[Term]:
    """Weights, gradients and optimizer by ZeRO stage, the reference policy, DeepSpeed's buffers."""
    n, stage, rank = shape.parameters, training.zero_stage, training.lora_rank
    learned = _learned(shape, training)
    parts = [gpus if stage >= least else 1 for least in (3, 2, 1)]
    of = ["" if part == 1 else f" / {part}" for part in parts]
    off = training.offload == "optimizer"
    a_gradient, symbol = b + (4 if stage == 0 and cuda else 0), "L" if rank else "N"
    where = "in main memory" if off else f"12{symbol}{of[2]}"
    terms = [
        Term("weights", "held", b * n / parts[0], f"{b} x {n:,}{of[0]}"),
        Term("gradients", "held", 0 if off else a_gradient * learned / parts[1], f"{b}{symbol}{of[1]}"),
        Term("optimizer", "held", 0 if off else 12 * learned / parts[2], where),
    ]
    if rank:
        terms.append(Term("adapters", "held", b * learned, f"{b} x {learned:,}, of rank {rank}"))
    if training.beta > 0 and not rank:  # with adapters it is the same weights without them
        terms.append(Term("reference policy", "held", b * n / parts[0], f"beta > 0: {b}N{of[0]}"))
    if gpus > 1 or stage == 3:
        buffers = (min(LIVE, n) + PREFETCH + min(BUCKET, n)) if stage == 3 else 3 * min(BUCKET, learned)
        terms.append(Term("buffers of ZeRO", "step", b * buffers if cuda else 0, "DeepSpeed's defaults"))
    return terms


def _learned(shape: ModelShape, training: TrainingSettings) -> int:
    """Parameters that are learned: L of the adapters, or all N."""
    return shape.lora_parameters(training.lora_rank) if training.lora_rank else shape.parameters


def _driver(gpu_bytes: float, *, cuda: bool) -> list[Term]:
    return [Term("driver, fragmentation", "held", 2 * GIB + gpu_bytes / 20, "2 GiB and 5 %")] if cuda else []


def layer_bytes(width: int, kv: int, ffn: int, b: int) -> int:
    """What one layer stores of a token for its backward pass, with the gradients of its MLP.

    Of either norm what goes in, what is scaled and what comes out; queries, what attention gives, twice; keys, values;
    of the MLP the gate before and after its activation, the other half, their product.
    """
    norms = 2 * 4 * width if b == 2 else 0  # their fp32 copies
    return b * (9 * width + 3 * kv + 4 * ffn) + norms + b * 3 * ffn


def _activations(shape: ModelShape, micro: int, sequence: int, patches: int, b: int, *, checkpointed: bool) -> Term:
    tower = shape.vision
    text = layer_bytes(shape.width, shape.kv_width, shape.ffn, b)
    seen = layer_bytes(tower.width, tower.width, tower.ffn, b)
    if checkpointed:
        a_token = b * shape.width * shape.layers + text
        a_patch = b * tower.width * tower.layers + seen
    else:
        a_token, a_patch = text * shape.layers, seen * tower.layers
    total = micro * (sequence * a_token + patches * a_patch)
    how = "checkpointed" if checkpointed else "all layers"
    return Term("activations", "step", total, f"{micro} x ({sequence} tokens, {patches} patches), {how}")


def _logits(shape: ModelShape, tokens: int, b: int) -> Term:
    tile = 4 * min(tokens, TILE_TOKENS) * min(shape.vocabulary, TILE_WORDS)
    head = (4 + 2 * b) * shape.head_parameters  # fp32 sums, the gradient made of them, the gathered head
    return Term("logits and head", "step", tile + head + 4 * tokens * shape.width, f"{tokens} tokens in tiles")


def _vllm(training: TrainingSettings, gpu_bytes: float) -> list[Term]:
    phase: Phase = "rollout" if training.vllm_sleep else "held"
    return [Term("vLLM", phase, training.vllm_memory_share * gpu_bytes, f"{training.vllm_memory_share:g} of the GPU")]


def vllm_least(shape: ModelShape, training: TrainingSettings, sequence: int, kv: int) -> float:
    """The least that vLLM starts with: the whole weights, one sequence of the longest length, what it works in, and the
    largest image of the model's own image processor, with which it tries itself out."""
    tower = shape.vision
    image = 2 * shape.image_tokens(shape.largest) * tower.merge**2 * (6 * tower.width + 3 * tower.ffn)
    return 2 * shape.parameters + kv * max(sequence, training.max_model_length or 0) + VLLM_WORKING + image


def _vllm_faults(shape: ModelShape, training: TrainingSettings, gpu_bytes: float, sequence: int, kv: int) -> list[str]:
    faults = []
    least = vllm_least(shape, training, sequence, kv)
    share = training.vllm_memory_share * gpu_bytes
    if share < least:
        faults.append(
            f"vLLM's share of a GPU is {share / GIB:.0f} GiB and it needs {least / GIB:.1f} GiB: set "
            f"training.vllm_memory_share to at least {least / gpu_bytes:.2f}"
        )
    if training.max_model_length is not None and training.max_model_length < sequence:
        faults.append(
            f"training.max_model_length = {training.max_model_length} is less than a prompt with the largest image "
            f"and the longest reply: set it to {sequence}"
        )
    return faults


def _generate(shape: ModelShape, training: TrainingSettings, share: int, sequence: int, kv: int, b: int) -> list[Term]:
    """What transformers' generate holds: all completions of the process grow together, scores in fp32 thrice (raw,
    filtered, probabilities), and with ZeRO-3 the whole weights, which TRL gathers for it."""
    prompt = sequence - training.max_completion_length
    terms = [
        Term("keys and values", "rollout", kv * share * sequence, f"{share} x {sequence} tokens"),
        Term("scores of a token", "rollout", 3 * 4 * share * shape.vocabulary, f"{share} completions"),
        Term("prompts read", "rollout", b * share * prompt * (4 * shape.width + 3 * shape.ffn), "one layer"),
    ]
    if training.zero_stage == 3:
        terms.append(Term("weights, gathered", "rollout", b * shape.parameters, "ZeRO-3 generates whole"))
    return terms
