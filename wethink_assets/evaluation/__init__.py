"""Scores: the 14 evaluation sets, what policies answer to them, and numbers with intervals.

Belongs here: reading the sets, prompts, extraction, score rules, statistics, the scoreboard and their assets.
Does not belong here: whether two answers are equal (rewards/), serving (resources/workers/vllm_server.py).
"""
