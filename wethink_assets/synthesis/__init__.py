"""Synthesis: from the image pool to accepted samples, the eight stages of the paper's pipeline and the routing of their
rows by evidence.

Belongs here: one pure module a stage, the prompts as files, and thin assets over them.
Does not belong here: how a model is reached (resources), how an answer is verified (rewards),
what a record looks like (dataset).
"""
