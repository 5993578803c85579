"""Sample files of the 14 evaluation sets, in VLMEvalKit's columns, and the truth about their images."""
