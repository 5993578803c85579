"""Ranks that meet as a training run's do, add a number up, say so, and stay until their standard input ends.

Belongs here: what test_ranks_network.py starts. Does not belong here: training.
"""

from __future__ import annotations

import sys

import torch

from wethink_assets.training.worker import join_ranks


def main() -> None:
    join_ranks(cuda=False)
    number = torch.tensor([torch.distributed.get_rank() + 1])
    torch.distributed.all_reduce(number)
    sys.stdout.write(f"sum {number.item()}\n")
    sys.stdout.flush()
    sys.stdin.read()
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    main()
