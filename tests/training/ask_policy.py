"""Loads a policy folder as any client of transformers would, and asks it one question."""

from __future__ import annotations

import json
import sys

from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

if __name__ == "__main__":
    processor = AutoProcessor.from_pretrained(sys.argv[1])
    model = AutoModelForImageTextToText.from_pretrained(sys.argv[1])
    content = [
        {"type": "image", "image": Image.new("RGB", (320, 240), "red")},
        {"type": "text", "text": "What colour is the car?"},
    ]
    inputs = processor.apply_chat_template(
        [{"role": "user", "content": content}],
        tokenize=True,
        return_dict=True,
        add_generation_prompt=True,
        return_tensors="pt",
    )
    out = model.generate(**inputs, max_new_tokens=4, do_sample=False)
    visual = int((inputs["input_ids"] == model.config.image_token_id).sum())
    print(json.dumps({"tokens": int(out.shape[1] - inputs["input_ids"].shape[1]), "visual_tokens": visual}))  # noqa: T201 - a program
