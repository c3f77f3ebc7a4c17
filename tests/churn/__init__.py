"""Random histories of a folder, and whether the catalogue ends up as the folder is."""
