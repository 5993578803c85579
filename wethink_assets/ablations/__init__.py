"""Ablations: what each part of the recipe gives, as policies that differ in that part alone.

Belongs here: the arms, running what is missing of them, one table and one plot. Does not belong here: how a policy is
trained (training/), the configured policies and their scoreboard (evaluation/).
"""
