"""Benchmark sets: the evaluation sets' files in VLMEvalKit's TSV format, read into items and images.

Read before the image pool, whose contamination gate holds its images and questions against them. Does not belong here:
asking a policy or scoring its replies (evaluation/).
"""
