"""semfs: files by meaning, and an operating-system layer for language models made of files."""

__version__ = "0.1.0"
