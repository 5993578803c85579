"""Exports of a release in the formats of other tools: Hub Parquet, LLaMA-Factory, EasyR1, verl, TRL, WebDataset.

Belongs here: a release's rows and pictures in another tool's form. Does not belong here: the release's own export and
which rows it holds (dataset/).
"""
