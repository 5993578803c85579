"""Settings of the policies: training and evaluation.

Belongs here: models and defaults. Does not belong here: the recipe of a real base model (docs), the sets' rules
(evaluation/).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wethink_assets.settings.base import Strict


class TrainingSettings(Strict):
    """`base`: `tiny` (created and warm-started here) or a local folder or hub name of a checkpoint.

    The defaults are the demo's, for two CPU cores; benchmarks/grpo_control.py measures what they gain. `group_size` of
    the paper is 5 [R]. A step samples `prompts_per_step` x `group_size` completions; `micro_batch` of them at a time on
    each process (0: the whole share of the process). `processes` 0: one per GPU, or on a CPU one per core, two at most.
    `threads` of a process: 0 is all cores; 1 is faster for a tiny policy, whose small operations spend longer meeting
    than computing. `decode_workers` of a process open images ahead of the step; unset: two beside a GPU, none on a CPU.
    `checkpoint_every` is in steps. `vllm_memory_share` of each GPU is for rollouts, with `rollouts =
    "vllm"`.
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
    decode_workers: int | None = Field(None, ge=0, le=64)
    checkpoint_every: int = Field(30, ge=1)
    rollouts: Literal["generate", "vllm"] = "generate"
    vllm_memory_share: float = Field(0.3, gt=0, lt=1)
    permute_rewards: bool = False


class ExtraBenchmark(Strict):
    """An evaluation set of your own: `<name>.tsv` in the folder of the others, in VLMEvalKit's format.

    `rule` is one of evaluation/families: `choice` (letters), `chartqa` (numbers within 5 %), `mathvision` (text, number
    or expression), `hallusion` (yes or no), `ocrbench`, `mmvet` (graded by the judge) and so on. `style = "choice"`
    lists the options. `suffix` ends every question. `split` keeps rows of that split alone; `md5` is that of the
    published file.
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

    `rules_only` scores without a judge: every number says so in its name. `extra` adds sets to the 14. `profile` is how
    a policy is asked: `plain` (greedy, short prompts: the demo's) or `wethink` (the prompts, sampling, image sizes and
    length of the paper's VLMEvalKit wrapper [A]); its values give way to `max_tokens` where that is set. The vLLM
    server takes `tensor_parallel` x `pipeline_parallel` x `data_parallel` GPUs: the first two share one copy of the
    policy, `data_parallel` copies of it answer side by side behind one URL. On a CPU the last two do nothing.
    `dismissed` names sets whose files are gone for good: growth waits for every other set that was ever read, and
    images and questions are held against what was last known of it.
    """

    policy_url: str = ""
    dismissed: tuple[str, ...] = ()
    profile: Literal["plain", "wethink"] = "plain"
    extra: tuple[ExtraBenchmark, ...] = ()
    max_tokens: int | None = Field(None, ge=1)
    max_model_len: int = 1024
    concurrency: int = 64
    tensor_parallel: int = Field(1, ge=1)
    pipeline_parallel: int = Field(1, ge=1)
    data_parallel: int = Field(1, ge=1)
    gpu_memory: float = Field(0.9, gt=0, le=1)
    start_timeout_s: float = 600.0
    resamples: int = 10_000
    seed: int = 0
    rules_only: bool = False
