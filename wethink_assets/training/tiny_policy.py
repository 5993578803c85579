"""A Qwen2.5-VL small enough to learn on a laptop: own tokenizer, random weights, real architecture.

Belongs here: the shape of the tiny policy and how its folder is written, so that transformers
(`AutoProcessor`, `Qwen2_5_VLForConditionalGeneration`) and vLLM load it like any other Qwen2.5-VL.
Does not belong here: learning (warm_start.py, grpo_worker.py). Runs in worker processes only.

What a server or a client of the policy has to know:
- Messages: an optional system message, then a user message with the image first and the text after it. The
  template is Qwen2.5-VL's: `<|im_start|>role\\n…<|im_end|>\\n`, image as `<|vision_start|><|image_pad|><|vision_end|>`,
  "You are a helpful assistant." where no system message is given.
- Images are resized to at most `MAX_PIXELS` and at least `MIN_PIXELS` (preprocessor_config.json), which makes
  4 to 9 visual tokens. 4,096 positions, head size 32 (vLLM's CPU attention takes 32, 64, 80, 96, 112, 128).
- Tokens: byte-level BPE learned from the sample questions and answers (digits one by one). `<think>`, `</think>`,
  `<answer>`, `</answer>` and the two constant system prompts are single tokens, but not special ones: they stay
  in decoded text. Replies end with `<|im_end|>`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

MIN_PIXELS = 56 * 56
MAX_PIXELS = 84 * 84
VOCABULARY = 768
DEFAULT_SYSTEM = "You are a helpful assistant."
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    "<|vision_start|>",
    "<|vision_end|>",
    "<|vision_pad|>",
    "<|image_pad|>",
    "<|video_pad|>",
)
TAGS = ("<think>", "</think>", "<answer>", "</answer>")

_CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    + DEFAULT_SYSTEM
    + "<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}<|im_end|>\n"
    "{% else %}{% for content in message['content'] %}"
    "{% if content['type'] == 'image' or 'image' in content or 'image_url' in content %}"
    "<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif content['type'] == 'video' or 'video' in content %}<|vision_start|><|video_pad|><|vision_end|>"
    "{% elif 'text' in content %}{{ content['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def train_tokenizer(corpus: Iterable[str], system_prompt: str) -> Any:
    """Learn the tokenizer from texts; equal texts give an equal tokenizer."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast
    from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX

    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated", invert=False),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    whole = [*TAGS, system_prompt, DEFAULT_SYSTEM]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(SPECIAL) - len(whole),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIAL])
    tokenizer.add_tokens([AddedToken(t, special=False, normalized=False) for t in whole])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",  # noqa: S106 - of the vocabulary
        pad_token="<|endoftext|>",  # noqa: S106 - of the vocabulary
        additional_special_tokens=[t for t in SPECIAL if t not in ("<|im_end|>", "<|endoftext|>")],
        padding_side="left",
        model_max_length=4096,
        clean_up_tokenization_spaces=False,
    )


def model_config(tokenizer: Any) -> Any:
    """The tiny Qwen2.5-VL: 3 text layers and 2 vision layers of width 96, tied embeddings."""
    from transformers import Qwen2_5_VLConfig

    token = tokenizer.convert_tokens_to_ids
    eos, pad = token("<|im_end|>"), token("<|endoftext|>")
    return Qwen2_5_VLConfig(
        text_config={
            "vocab_size": -(-len(tokenizer) // 64) * 64,
            "hidden_size": 96,
            "intermediate_size": 256,
            "num_hidden_layers": 3,
            "num_attention_heads": 3,
            "num_key_value_heads": 3,
            "max_position_embeddings": 4096,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 6, 6]},
            "initializer_range": 0.04,
            "bos_token_id": None,
            "eos_token_id": eos,
            "pad_token_id": pad,
            "tie_word_embeddings": True,
        },
        vision_config={
            "depth": 2,
            "hidden_size": 96,
            "intermediate_size": 192,
            "num_heads": 3,
            "out_hidden_size": 96,
            "fullatt_block_indexes": [0, 1],
            "window_size": 112,
            "patch_size": 14,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "initializer_range": 0.04,
        },
        image_token_id=token("<|image_pad|>"),
        video_token_id=token("<|video_pad|>"),
        vision_start_token_id=token("<|vision_start|>"),
        vision_end_token_id=token("<|vision_end|>"),
        tie_word_embeddings=True,
        architectures=["Qwen2_5_VLForConditionalGeneration"],
    )


def make_processor(tokenizer: Any) -> Any:
    """Tokenizer, image processor and chat template as one."""
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    size = {"min_pixels": MIN_PIXELS, "max_pixels": MAX_PIXELS}
    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**size),
        tokenizer=tokenizer,
        video_processor=Qwen2VLVideoProcessor(**size),
        chat_template=_CHAT_TEMPLATE,
    )


def build(corpus: Iterable[str], system_prompt: str, seed: int) -> tuple[Any, Any]:
    """A fresh model with random weights, and its processor."""
    import torch
    from transformers import GenerationConfig, Qwen2_5_VLForConditionalGeneration

    processor = make_processor(train_tokenizer(corpus, system_prompt))
    config = model_config(processor.tokenizer)
    torch.manual_seed(seed)
    model = Qwen2_5_VLForConditionalGeneration(config).float()
    model.generation_config = GenerationConfig(
        eos_token_id=[config.text_config.eos_token_id], pad_token_id=config.text_config.pad_token_id, do_sample=False
    )
    return model, processor


def save(model: Any, processor: Any, folder: Path) -> None:
    """Write the folder that transformers and vLLM load."""
    model.save_pretrained(folder, safe_serialization=True)
    processor.save_pretrained(folder)
