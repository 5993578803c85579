"""The sample teacher: an OpenAI-compatible server that plays all model roles for the sample pack.

Belongs here: answering from the scene records of the pack, and errors planted at set rates.
Does not belong here: anything that another room needs; it is reached over HTTP only, as a real endpoint would be.

It says what it is: every reply carries the model name `sample-teacher-<role>`.
"""
