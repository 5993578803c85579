"""Benchmark families: how each kind of benchmark is worded, scored and summed up, one module per family.

Belongs here: a family's strict rule, VLMEvalKit's rule with its defects, numbers, categories and wording; a set's row
in benchmark_sets/registry.py names its family. Does not belong here: what several rules share (scorers/), which sets
there are (benchmark_sets/).

A new family is one module, a line in registry.py, and a line in benchmark_sets/registry.py for each set that uses it.
"""
