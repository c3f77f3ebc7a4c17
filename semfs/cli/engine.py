"""`semfs _engine`: the process that owns the language model."""

from __future__ import annotations

import argparse

from semfs.config import Config


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine.server import serve

    serve(socket=arguments.socket, model=arguments.model, config=config.engine)
    return 0
