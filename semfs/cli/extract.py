"""`semfs _extract`: a process that reads files for the ingest process."""

from __future__ import annotations

import argparse

from semfs.config import Config


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.index.extract import serve
    from semfs.indexers.registry import default_registry

    serve(default_registry())
    return 0
