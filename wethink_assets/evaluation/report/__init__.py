"""Evaluation reports: plots, the scoreboard page, comparisons of two policies, files for other tools.

Belongs here: showing rows that are in the lake. Does not belong here: making any number.
"""
