"""Sample benchmark files: every evaluation set in VLMEvalKit's columns, and the truth about its images."""
