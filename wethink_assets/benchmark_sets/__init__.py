"""Benchmark sets: the 14 evaluation sets and those that the settings add, read from VLMEvalKit's TSV files into items and images.

Read before the image pool, whose contamination gate holds its images and questions against them. Does not belong here: asking
a policy or scoring its replies (evaluation/).
"""
