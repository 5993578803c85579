"""Annotation readers: one pure module per native format (COCO JSON, scene graphs, VQA files, label lists).

Each has `annotate(tree, collector)`: it finds its files in the source's tree, streams them, and tells the collector
what they say of the requested images. Belongs here: native formats; registry.py finds a reader by name, files.py is
what several share. Does not belong here: which source has which format (catalog.py).

A reader never opens an image, never follows a path out of an annotation, and never raises for what is in a file.
"""
