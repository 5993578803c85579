"""One pure module a native format. Each has `annotate(folder, wanted)`: it finds its files below the
source's folder, streams them, and tells `wanted` what they say of the images that are wanted.

A reader never opens an image, never follows a path out of an annotation, and never raises for what is in a file.
"""
