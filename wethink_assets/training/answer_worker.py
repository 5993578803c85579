"""The process that lets policies answer rows greedily, by transformers' own generate: no server, no ledger.

Belongs here: loading, batches, the file of answers. Does not belong here: scoring (rewards/), which rows and policies
are asked (ablations/run.py), the answers that the scoreboard stands on (evaluation/, by a served policy). Never
imported by assets: it imports torch.

Started as `python -m wethink_assets.training.answer_worker REQUEST_FILE`; the file has `policy`, `rows`, `max_tokens`,
`batch` and `answers`, the path that is written: a JSON list of texts, in the order of the rows.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from wethink_assets.decoding.decode import decode
from wethink_assets.training.conversation import conversation
from wethink_assets.training.trainer_config import visual_tokens
from wethink_assets.training.worker import fit, load_policy, reporting, worker_main


def answers(policy: str, rows: list[dict[str, Any]], max_tokens: int, batch: int, pipes: Any) -> list[str]:
    """The greedy reply of a policy to each row, special tokens left out."""
    import torch

    cuda = torch.cuda.is_available()
    model, processor = load_policy(policy, cuda=cuda)
    model.to("cuda" if cuda else "cpu").eval()
    barred = visual_tokens(processor.tokenizer)
    texts: list[str] = []
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        prompts = [
            processor.apply_chat_template(conversation(row["problem"]), add_generation_prompt=True, tokenize=False)
            for row in part
        ]
        images = [[fit(decode(Path(row["image"]).read_bytes()).image, processor)] for row in part]
        inputs = processor(text=prompts, images=images, padding=True, padding_side="left", return_tensors="pt")
        with torch.no_grad():
            out = model.generate(
                **inputs.to(model.device), max_new_tokens=max_tokens, suppress_tokens=barred, do_sample=False
            )
        texts += processor.batch_decode(out[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        pipes.progress(step=len(texts), steps=len(rows))
    return texts


def main(path: str) -> None:
    asked = json.loads(Path(path).read_text("utf-8"))
    with reporting() as pipes:
        texts = answers(asked["policy"], asked["rows"], asked["max_tokens"], asked["batch"], pipes)
    part = Path(asked["answers"]).with_suffix(".part")
    part.write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    part.replace(asked["answers"])


if __name__ == "__main__":
    worker_main(main, sys.argv)
