"""Scorer libraries: what several benchmark families' rules share.

Belongs here: comparing options and open answers by our verifier; VLMEvalKit's inference and arithmetic (vlmevalkit/).
Does not belong here: the rule of one family (families/), running rules (scoring.py), numbers over a whole set
(metrics.py).
"""
