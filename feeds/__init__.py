"""Posts in, feeds out. The public names, loaded when they are first used."""
