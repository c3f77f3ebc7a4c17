"""`semfs _bench`: the process that measures a model under given settings."""

from __future__ import annotations

import argparse

from semfs.config import Config
from semfs.supervise import die_with_parent


def run(arguments: argparse.Namespace, config: Config) -> int:
    from semfs.engine import trial

    die_with_parent()
    trial.run(arguments.model, arguments.build)
    return 0
