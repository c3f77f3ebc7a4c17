"""`semfs _ingest`: the process that keeps the catalogue equal to the folders."""

from __future__ import annotations

import argparse
import logging
import os
from typing import NoReturn

from semfs.cli.children import command
from semfs.config import Config
from semfs.supervise import die_with_parent


def run(arguments: argparse.Namespace, config: Config) -> NoReturn:
    die_with_parent()
    from semfs.index.ingest import run as ingest
    from semfs.indexers.registry import default_registry

    ingest(
        name=arguments.name,
        sources=arguments.sources,
        reader_command=command("_extract", config=arguments.config),
        config=config,
        kind_of=default_registry().kind_of,
        embed_command=command("_embed", "--model", config.index.embedder, config=arguments.config),
    )
    logging.shutdown()
    # All is closed.  Taking the interpreter apart would need more of the processor, at the lowest
    # priority, than all else on the way, and the mount waits for it.
    os._exit(0)
