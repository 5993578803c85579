"""What is correct: answer types, extraction, rule verifier, judge and hybrid reward.

Belongs here: every decision whether a reply is right, for the data set, for GRPO and for evaluation. Does not belong
here: where rows or replies come from; Dagster, torch, or any open connection. All rooms may import this one.
"""
