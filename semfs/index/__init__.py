"""From files to the catalogue: scan, watch, extract, chunk, embed."""
