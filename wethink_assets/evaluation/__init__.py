"""Evaluation of policies (benchmarking): what policies answer to the evaluation sets, and scores with intervals.

Belongs here: reading the sets, prompts, extraction, score rules, statistics, the scoreboard and their assets.
Does not belong here: whether two answers are equal (rewards/), serving (resources/workers/vllm_server.py).
"""
