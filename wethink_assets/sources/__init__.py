"""What is distributed: the 18 sources, their native formats, and which images a growth batch takes."""
