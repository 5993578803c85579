"""Settings of the policies: training and evaluation.

Belongs here: models and defaults. Does not belong here: the recipe of a real base model (docs), the sets' rules
(evaluation/).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from wethink_assets.settings.base import Strict
from wethink_assets.settings.fine_tuning import SftSettings
from wethink_assets.settings.guards import GuardSettings
from wethink_assets.settings.presets import read_preset


class TrainingSettings(Strict):
    """`base`: `tiny` (created and warm-started here) or a local folder or hub name of a checkpoint.

    The defaults are the demo's, for two CPU cores; benchmarks/grpo_control.py measures what they gain. `group_size` of
    the paper is 5 [R]. A step samples `prompts_per_step` x `group_size` completions; `micro_batch` of them at a time on
    each process (0: the whole share of the process). `processes` 0: one per GPU, or on a CPU one per core, two at most.
    `threads` of a process: 0 is all cores; 1 is faster for a tiny policy, whose small operations spend longer meeting
    than computing. `decode_workers` of a process open images ahead of the step; unset: two beside a GPU, none on a CPU.
    `checkpoint_every` is in steps, the newest `checkpoints_kept` stay while it trains. `on_other_ranks` says what
    becomes of a run that was left unfinished on another number of processes. `vllm_memory_share` of each GPU is for
    rollouts, with `rollouts = "vllm"`; `vllm_sleep` gives it back while the policy learns, `max_model_length` is the
    longest prompt with its reply that vLLM makes room for.

    `preset` names a recipe of `presets/`, each field of which the file still overrides. `gpu_memory_gib` is that of one
    GPU: a recipe that does not fit is refused before anything is loaded, with the setting that would make it fit; 0:
    known only once training starts on a GPU. `offload` keeps the optimizer's states in main memory. `min_pixels` and
    `max_pixels` are what images are scaled to, the base's own unless set.

    `loss` is a loss of TRL, `epsilon` and `epsilon_high` its clipping, `importance_sampling_level = "sequence"` the
    ratio of GSPO, `reward_aggregation = "normalize_then_sum"` normalises each reward term apart.

    `order = "easy_first"` puts the rows of each pass in order by the base policy's pass rate, the highest first
    (curriculum); it needs `[pass_rates]`. `flat_groups` says what becomes of groups whose completions all earn the
    same: `keep` lets them count in the loss, to which they add nothing, `drop` takes their tokens out of what it is
    divided by, `resample` asks another row in the place of each, up to `resample_limit` times in a step, and drops what
    is left.

    `lora_rank` above 0 learns low-rank adapters (LoRA) of that rank beside the frozen linear layers of the language
    model, scaled by `lora_alpha` / `lora_rank`; the policy is the merged weights, with the adapter beside them.

    Every `heldout_every` steps (0: never) the policy answers `heldout_rows` held-out rows of the release that rules
    score, once each, as it samples while it learns. `report_to` sends metrics to TensorBoard or
    MLflow too, as files in the home, where they are installed.

    `start_from = "sft"` lets reinforcement learning begin from `sft_policy` instead of `base_policy`.
    """

    preset: str = ""
    base: str = "tiny"
    start_from: Literal["base", "sft"] = "base"
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
    loss: Literal["grpo", "dr_grpo", "dapo", "bnpo", "cispo"] = "dapo"
    epsilon: float = Field(0.2, gt=0)
    epsilon_high: float = Field(0.28, gt=0)
    importance_sampling_level: Literal["token", "sequence"] = "token"
    reward_aggregation: Literal["sum_then_normalize", "normalize_then_sum"] = "sum_then_normalize"
    temperature: float = Field(1.0, gt=0)
    max_completion_length: int = Field(24, ge=1)
    min_pixels: int | None = Field(None, ge=1)
    max_pixels: int | None = Field(None, ge=1)
    accuracy_weight: float = Field(0.7, ge=0)
    format_weight: float = Field(0.3, ge=0)
    zero_stage: int = Field(2, ge=0, le=3)
    offload: Literal["none", "optimizer"] = "none"
    processes: int = Field(0, ge=0)
    gpu_memory_gib: float = Field(0.0, ge=0)
    threads: int = Field(1, ge=0)
    decode_workers: int | None = Field(None, ge=0, le=64)
    checkpoint_every: int = Field(30, ge=1)
    checkpoints_kept: int = Field(1, ge=1)
    on_other_ranks: Literal["refuse", "restart"] = "refuse"
    rollouts: Literal["generate", "vllm"] = "generate"
    vllm_memory_share: float = Field(0.3, gt=0, lt=1)
    vllm_sleep: bool = False
    max_model_length: int | None = Field(None, ge=1)
    lora_rank: int = Field(0, ge=0)
    lora_alpha: int = Field(32, ge=1)
    order: Literal["shuffled", "easy_first"] = "shuffled"
    flat_groups: Literal["keep", "drop", "resample"] = "keep"
    resample_limit: int = Field(2, ge=1)
    permute_rewards: bool = False
    heldout_every: int = Field(0, ge=0)
    heldout_rows: int = Field(64, ge=1)
    report_to: tuple[Literal["tensorboard", "mlflow"], ...] = ()
    guards: GuardSettings = GuardSettings()
    sft: SftSettings = SftSettings()

    @model_validator(mode="before")
    @classmethod
    def _of_its_preset(cls, given: Any) -> Any:
        """What the preset says, where nothing else is said."""
        if not isinstance(given, dict) or not given.get("preset"):
            return given
        return read_preset(str(given["preset"]), cls.model_fields.keys() - {"preset"}) | given

    @model_validator(mode="after")
    def _least_is_not_above_most(self) -> TrainingSettings:
        if self.min_pixels and self.max_pixels and self.min_pixels > self.max_pixels:
            raise ValueError("min_pixels is above max_pixels: swap them")
        if self.offload != "none" and self.zero_stage == 0:
            raise ValueError('offload = "optimizer" needs shards to move: set zero_stage to 1, 2 or 3')
        if self.lora_rank and self.zero_stage == 3:
            raise ValueError(
                "lora_rank merges whole weights at the end, of which zero_stage 3 leaves parts: set it to 2"
            )
        return self


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
    `vlmevalkit` is the state of VLMEvalKit whose verdicts its scorer reproduces: `2026-05`, or `2026-11` with the later
    fallback to "answer is A"; the numbers of each have their own names. `dismissed` names sets whose files are gone for
    good: growth waits for every other set that was ever read, and images and questions are held against what was last
    known of it.
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
    vlmevalkit: Literal["2026-05", "2026-11"] = "2026-05"
