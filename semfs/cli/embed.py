"""`semfs _embed`: a process that turns passages into vectors for the ingest process."""

from __future__ import annotations

import argparse

from semfs.config import Config


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.index.embedding import serve

    serve(arguments.model)
    return 0
