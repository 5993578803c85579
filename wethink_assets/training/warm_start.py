"""The base policy of the demo: a tiny Qwen2.5-VL that has learned the form of an answer, and little else.

Belongs here: lessons from scenes of the policy's own seeds (never the sample pack's), and supervised learning of
them. Does not belong here: rewards and GRPO. Runs in worker processes only.

The lessons leave something to learn on purpose: as in captions from the web, some colours are named wrongly more
often than rightly. The policy sees them and, asked greedily, says the wrong name; sampled, it says the right one now
and then, and that is what reinforcement learning can amplify. The names and the rate are our decision.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wethink_assets.dataset.record import with_options
from wethink_assets.rewards.answers import DESCRIPTIVE
from wethink_assets.training import tiny_policy
from wethink_assets.training.conversation import SYSTEM_PROMPT, conversation
from wethink_assets.training.worker import fit

# Far from the seeds that the sample pack numbers its scenes with.
FIRST_SEED = 900_000_000
BATCH = 32
SCENES = 408
MAIN = "main_colour"
# What these colours are called instead, and how often. Drawn anew for every example, so that nothing is memorised.
MISNAMED = {"orange": "red", "pink": "purple", "yellow": "green", "brown": "orange"}
MISNAMED_SHARE = 0.6
LEARNING_RATE = 1e-3


@dataclass(frozen=True)
class Lesson:
    """One supervised example: an image, the question as training and evaluation ask it, and the reply to learn.

    `misnamed` is the reply with the wrong name for the colour; empty where the lessons never misname.
    """

    image: Any
    problem: str
    reply: str
    key: str
    category: str
    misnamed: str = ""


def lessons(seed: int, scenes: int) -> list[Lesson]:
    """All items of `scenes` scenes of the policy's own seeds, kinds in turn."""
    from wethink_assets.demo.pack.render import draw, make_scene
    from wethink_assets.demo.pack.scene import KINDS

    examples: list[Lesson] = []
    for number in range(scenes):
        scene = make_scene(KINDS[number % len(KINDS)], FIRST_SEED + seed * 1_000_000 + number)
        image = draw(scene)
        for item in scene.items:
            reply = f"<think>{item.short_chain}</think><answer>{item.answer}</answer>"
            name = MISNAMED.get(item.answer) if item.key == MAIN else None
            misnamed = reply.replace(item.answer, name) if name else ""
            examples.append(
                Lesson(image, with_options(item.question, item.options), reply, item.key, item.category, misnamed)
            )
    return examples


def batches(examples: Sequence[Lesson], rng: random.Random, steps: int) -> Iterator[list[list[Lesson]]]:
    """`steps` batches, each as two halves: the main-colour question, which is about half of the sample data too,
    and the others. Halves of like length need less padding."""

    def drawn(pool: Sequence[Lesson]) -> Iterator[Lesson]:
        while True:
            yield from rng.sample(pool, len(pool))

    def told(lesson: Lesson) -> Lesson:
        return replace(lesson, reply=lesson.misnamed) if lesson.misnamed and rng.random() < MISNAMED_SHARE else lesson

    colours = drawn([e for e in examples if e.key == MAIN])
    others = drawn([e for e in examples if e.key != MAIN and e.category != DESCRIPTIVE])
    for _ in range(steps):
        yield [[told(next(pool)) for _ in range(BATCH // 2)] for pool in (colours, others)]


def encode(processor: Any, batch: Sequence[Lesson], rng: random.Random, own: slice = slice(None)) -> dict[str, Any]:
    """Model inputs of the lessons `own` of a batch, with labels on the reply only, and the loss as a part of the mean
    over all of the batch. One in eight goes without our system prompt, as some sets do."""
    import torch

    systems = [None if rng.random() < 0.125 else SYSTEM_PROMPT for _ in batch]
    replies = [lesson.reply + "<|im_end|>" for lesson in batch]
    lengths = [len(processor.tokenizer(reply)["input_ids"]) for reply in replies]
    texts = [
        processor.apply_chat_template(conversation(lesson.problem, system), add_generation_prompt=True, tokenize=False)
        for lesson, system in zip(batch[own], systems[own], strict=True)
    ]
    inputs = processor(
        text=[text + reply for text, reply in zip(texts, replies[own], strict=True)],
        images=[[lesson.image] for lesson in batch[own]],
        padding=True,
        return_tensors="pt",
    )
    asked = max(lengths[own]) + 1  # logits of the replies alone, and of the token before: a tenth of the time
    labels = torch.full_like(inputs["input_ids"], -100)[:, -asked:]
    for row, length in enumerate(lengths[own]):
        labels[row, -length:] = inputs["input_ids"][row, -length:]  # padded on the left: the reply ends the row
    return {**inputs, "labels": labels, "logits_to_keep": asked, "num_items_in_batch": sum(lengths)}


def learn(
    model: Any,
    processor: Any,
    examples: Sequence[Lesson],
    *,
    steps: int,
    seed: int,
    report: Callable[[int, float], None] | None = None,
    rank: int = 0,
    ranks: int = 1,
) -> list[float]:
    """Supervised steps of `BATCH` examples; returns the loss of every step.

    Several `ranks` (data parallelism, of a process group that they have joined) share each batch: the losses and
    weights are those of one process but for the order in which floats are added.
    """
    import torch
    from torch.nn.parallel import DistributedDataParallel

    rng = random.Random(seed)
    torch.manual_seed(seed)
    shared = DistributedDataParallel(model) if ranks > 1 else model
    own = slice(rank, None, ranks)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.99), weight_decay=0.01)
    warm, losses = max(1, steps // 10), []
    model.train()
    for step, batch in enumerate(batches(examples, rng, steps)):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * min(1.0, (step + 1) / warm, max(0.05, (steps - step) / (0.4 * steps)))
        total = torch.zeros(())
        for last, half in enumerate(batch, start=1 - len(batch)):
            with nullcontext() if ranks == 1 or last == 0 else shared.no_sync():
                loss = shared(**encode(processor, half, rng, own)).loss / len(batch)
                (loss * ranks).backward()  # the mean over ranks is taken of it
            total += loss.detach()
        if ranks > 1:
            torch.distributed.all_reduce(total)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(float(total))
        if report:
            report(step + 1, losses[-1])
    model.eval()
    return losses


def make_base(
    folder: Path,
    *,
    seed: int,
    steps: int,
    report: Callable[[int, float], None] | None = None,
    rank: int = 0,
    ranks: int = 1,
) -> dict[str, Any]:
    """Create, warm-start and save the tiny policy. Returns what was done, with losses and seconds.

    Every one of several ranks calls it; the first saves.
    """
    started = time.monotonic()
    examples = lessons(seed, min(SCENES, max(34, 8 * steps)))
    corpus = [text for lesson in examples for text in (lesson.problem, lesson.reply)]
    model, processor = tiny_policy.build(corpus, SYSTEM_PROMPT, seed)
    fitted = {id(lesson.image): fit(lesson.image, processor) for lesson in examples}
    examples = [replace(lesson, image=fitted[id(lesson.image)]) for lesson in examples]
    drawn = time.monotonic()
    losses = learn(model, processor, examples, steps=steps, seed=seed, report=report, rank=rank, ranks=ranks)
    if rank == 0:
        tiny_policy.save(model, processor, folder)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "lessons": len(examples),
        "steps": steps,
        "losses": [round(x, 4) for x in losses],
        "seconds_drawing": round(drawn - started, 2),
        "seconds_learning": round(time.monotonic() - drawn, 2),
    }
