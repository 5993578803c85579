"""Settings in the words of TRL, accelerate and DeepSpeed.

Belongs here: the GRPO arguments, those that all trainers take, and the DeepSpeed configuration, for one CPU process
up to many GPUs. Does not belong here: running them (grpo_worker.py), the arguments of SFT alone (sft_worker.py).
Runs in worker processes only.

What matters where:
- On a CPU: short completions, one micro-batch a step, AdamW of torch (DeepSpeed's own is compiled for minutes).
- On GPUs: `rollouts = "vllm"` (generation is most of the time), `micro_batch` as large as memory allows,
  bf16 and gradient checkpointing (on by themselves), `zero_stage` 3 where the optimizer states do not fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wethink_assets.settings import TrainingSettings
from wethink_assets.training.batches import heldout_batch, micro_batches

# Tokens that stand for pixels: sampled in a reply they would claim visual features that do not exist.
VISUAL = ("<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>")


def deepspeed_config(training: TrainingSettings, *, cuda: bool) -> dict[str, Any]:
    """The ZeRO configuration; sizes and rates marked "auto" are filled in from the GRPO arguments."""
    zero: dict[str, Any] = {"stage": training.zero_stage, "overlap_comm": cuda, "contiguous_gradients": True}
    if training.offload == "optimizer":
        zero["offload_optimizer"] = {"device": "cpu", "pin_memory": cuda}
    if training.zero_stage == 3:
        # Without it TRL saves empty weights: each process holds only its part of every tensor.
        zero["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "zero_optimization": zero,
        "optimizer": {
            "type": "AdamW",
            "params": {"lr": "auto", "betas": "auto", "eps": "auto", "weight_decay": "auto", "torch_adam": not cuda},
        },
        "bf16": {"enabled": cuda},
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "steps_per_print": 10**9,
        "wall_clock_breakdown": False,
    }


def lora_config(training: TrainingSettings) -> Any:
    """peft's arguments; None where all weights are learned.

    Adapters beside the linear layers of attention and MLP in every layer of the language model; the vision tower, the
    embedding and the head stay as they are.
    """
    if not training.lora_rank:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=training.lora_rank,
        lora_alpha=training.lora_alpha,
        lora_dropout=0.0,
        target_modules=r".*language_model\..*\.(q|k|v|o|gate|up|down)_proj",
        task_type="CAUSAL_LM",
    )


def visual_tokens(tokenizer: Any) -> list[int]:
    """Ids of the tokens that stand for pixels, as far as the tokenizer has them."""
    ids = {tokenizer.convert_tokens_to_ids(token) for token in VISUAL}
    return sorted(ids - {None, tokenizer.unk_token_id})


def common_arguments(
    training: TrainingSettings, work: Path, *, cuda: bool, micro: int, accumulated: int
) -> dict[str, Any]:
    """The arguments that TRL's trainers take alike: optimiser, schedule, checkpoints, precision, data loading."""
    return {
        "output_dir": str(work / "checkpoints"),
        "per_device_train_batch_size": micro,
        "gradient_accumulation_steps": accumulated,
        "max_steps": training.steps,
        "learning_rate": training.learning_rate,
        "lr_scheduler_type": "cosine_with_min_lr",
        "lr_scheduler_kwargs": {"min_lr_rate": training.min_lr_rate},
        "warmup_steps": min(training.warmup_steps, training.steps // 2),
        "adam_beta2": training.adam_beta2,
        "weight_decay": 0.0,
        "max_grad_norm": 1.0,
        "seed": training.seed,
        "data_seed": training.seed,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # a loss that is no number is logged as it is, for the guards
        "save_strategy": "steps",
        "save_steps": training.checkpoint_every,
        "save_total_limit": None,  # older ones go when the new one is sealed: checkpoints.py
        "report_to": list(training.report_to),
        "disable_tqdm": True,
        "use_cpu": not cuda,
        "bf16": cuda,
        "gradient_checkpointing": cuda,
        "dataloader_pin_memory": cuda,
        "dataloader_num_workers": (2 if cuda else 0) if training.decode_workers is None else training.decode_workers,
        "dataloader_persistent_workers": False,  # kept ones draw no seed in a new epoch, and a resumed run would differ
        "remove_unused_columns": False,
        "deepspeed": deepspeed_config(training, cuda=cuda),
    }


def grpo_config(
    training: TrainingSettings,
    work: Path,
    *,
    cuda: bool,
    processes: int,
    suppressed: list[int],
    reward_weights: Sequence[float],
    heldout: bool = False,
) -> Any:
    """TRL's arguments. `suppressed` are token ids that must never be sampled; `reward_weights` one per reward function.
    `heldout`: there are rows to ask in between.

    Raises:
        ValueError: the batch cannot be split over the processes and micro-batches.
    """
    from trl import GRPOConfig

    micro, accumulated = micro_batches(training, processes)
    more: dict[str, Any] = {}
    if training.rollouts == "vllm":
        more = {
            "use_vllm": True,
            "vllm_mode": "colocate",
            "vllm_gpu_memory_utilization": training.vllm_memory_share,
            "vllm_enable_sleep_mode": training.vllm_sleep,
            "vllm_max_model_length": training.max_model_length,
            "generation_kwargs": {"logit_bias": dict.fromkeys(suppressed, -100.0)},
        }
    else:
        more = {"generation_kwargs": {"suppress_tokens": suppressed}}
    if heldout:
        more |= {
            "eval_strategy": "steps",
            "eval_steps": training.heldout_every,
            "per_device_eval_batch_size": heldout_batch(training, processes),
            "num_generations_eval": 1,
        }
    return GRPOConfig(
        **common_arguments(training, work, cuda=cuda, micro=micro, accumulated=accumulated),
        num_generations=training.group_size,
        beta=training.beta,
        epsilon=training.epsilon,
        epsilon_high=training.epsilon_high,
        loss_type=training.loss,
        importance_sampling_level=training.importance_sampling_level,
        multi_objective_aggregation=training.reward_aggregation,
        temperature=training.temperature,
        top_k=0,
        top_p=1.0,
        max_completion_length=training.max_completion_length,
        reward_weights=list(reward_weights),
        shuffle_dataset=False,  # the data set is in the order of the steps: training_set.py
        **more,
    )
