"""Data synthesis: the eight stages from the image pool to accepted samples, and the routing of rows by evidence.

Belongs here: one pure module per stage, the prompts as files, and thin assets over them.
Does not belong here: how a model is reached (resources), how an answer is verified (rewards),
what a record looks like (dataset).
"""
