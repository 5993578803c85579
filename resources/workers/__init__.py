"""Processes of their own: GPU workers, the vLLM server and the sample teacher, and the supervisor that ends them whole.

Belongs here: starting, watching and ending processes. Does not belong here: what a worker does (training/), what a
server is asked (calls/).
"""
