"""Row filters (data quality filters): what is wrong with one question, answer and reasoning path by its text alone.

Belongs here: pure functions with a reason code each, their order, and what each is worth against known truth.
Does not belong here: checks of assets (gates.py), what a model must be asked (synthesis/).
"""
