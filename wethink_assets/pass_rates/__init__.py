"""Pass rates: how often a policy is right about a row of the release when it answers several times.

Belongs here: asking a policy k times for each row, scoring its answers, pass@1 and pass@k. Does not belong here:
serving policies and scoring sets (evaluation/), which rates a policy learns from (dataset/difficulty.py).
"""
