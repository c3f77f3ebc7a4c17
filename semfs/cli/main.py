"""The command line: one parser, one module a command, imported only when it is used."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from semfs import __version__, config, log
from semfs.errors import SemfsError

EPILOG = (
    "A mount explains itself in MNT/README; the manual is semfs(1), semfs-tree(5), semfs-plan(5)"
    " and semfs.conf(5)."
)

NOBODY_READS = 141  # as a shell says of a program that SIGPIPE has ended


def build_parser() -> argparse.ArgumentParser:
    """Return the parser that the command line, the completions and the manual page share."""
    parser = argparse.ArgumentParser(prog="semfs", description="Mount files by meaning.", epilog=EPILOG)
    parser.add_argument("--version", action="version", version=f"semfs {__version__}")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="log more; twice for all")
    parser.add_argument("--config", metavar="FILE", type=Path, help="use this instead of semfs.conf")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    mount = commands.add_parser("mount", help="mount folders by meaning")
    mount.add_argument("sources", metavar="SRC", nargs="+", help="folder to index")
    mount.add_argument("mountpoint", metavar="MNT", help="where the tree appears; made if it is not there")
    mount.add_argument("--daemon", action="store_true", help="return when the mount answers")
    mount.add_argument("--name", help="name of the index; by default made from the sources")

    umount = commands.add_parser("umount", help="unmount")
    umount.add_argument("mountpoint", metavar="MNT")
    umount.add_argument("--lazy", action="store_true", help="detach now, even while it is in use")

    status = commands.add_parser("status", help="show what a mount is doing")
    status.add_argument("--watch", action="store_true", help="follow it until Ctrl-C")
    status.add_argument("--json", action="store_true", help="print one JSON object a mount")
    _mounted(status)

    top = commands.add_parser("top", help="follow a mount's index, jobs and engine")
    _mounted(top)

    search = commands.add_parser("search", help="list the files that match, best first")
    search.add_argument("words", metavar="WORDS", nargs="+")
    search.add_argument("--json", action="store_true", help="print one JSON object a hit")
    _mounted(search)

    ask = commands.add_parser("ask", help="answer a question from the files, with sources")
    ask.add_argument("words", metavar="WORDS", nargs="+")
    _mounted(ask)

    run = commands.add_parser("run", help="carry out a request and print what it made")
    run.add_argument("words", metavar="WORDS", nargs="+", help="the request; - reads it from standard input")
    run.add_argument("--no-wait", action="store_true", help="print the job's number and return")
    _mounted(run)

    model = commands.add_parser("model", help="list, fetch, quantise and measure models")
    actions = model.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("list", help="list the models and what is here")
    pull = actions.add_parser("pull", help="fetch a model and verify it")
    pull.add_argument("names", metavar="NAME", nargs="+")
    quantize = actions.add_parser("quantize", help="write a model in another quantisation")
    quantize.add_argument("source", metavar="SOURCE", help="a name from the list, or a path to a GGUF file")
    quantize.add_argument("type", metavar="TYPE", help="such as Q8_0, Q6_K, Q4_K_M or Q4_0")
    quantize.add_argument("--name", default="", help="its name; by default the source's with the type")
    bench = actions.add_parser("bench", help="find out which settings are best on this machine, and use them")
    bench.add_argument("name", metavar="NAME", nargs="?", default="", help="by default the one of [engine]")
    bench.add_argument("--quick", action="store_true", help="measure less, in half a minute")

    audit = commands.add_parser("audit", help="check that nobody changed the audit trail")
    audit.add_argument("names", metavar="NAME", nargs="*", help="index; all of them if none is named")
    audit.add_argument("--head", metavar="HASH", help="a head noted before, which must still be there")

    commands.add_parser("doctor", help="check what semfs needs and say what to do")

    completion = commands.add_parser("completion", help="print a completion script for a shell")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"))

    # What the mount starts as its children; nobody types these.
    ingest = commands.add_parser("_ingest")
    ingest.add_argument("--name", required=True)
    ingest.add_argument("sources", nargs="+")
    commands.add_parser("_extract")
    embed = commands.add_parser("_embed")
    embed.add_argument("--model", required=True)
    engine = commands.add_parser("_engine")
    engine.add_argument("--socket", type=Path, required=True)
    engine.add_argument("--model", required=True)
    quantise = commands.add_parser("_quantise")
    quantise.add_argument("--source", type=Path, required=True)
    quantise.add_argument("--target", type=Path, required=True)
    quantise.add_argument("--type", type=int, required=True)
    bench = commands.add_parser("_bench")
    bench.add_argument("--model", type=Path, required=True)
    bench.add_argument("--build", default="")
    _hide(commands, "_bench", "_ingest", "_extract", "_embed", "_engine", "_quantise")
    return parser


def _mounted(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mount", metavar="MNT", help="which mount, if several are running")


class _Offered(dict[str, argparse.ArgumentParser]):
    """Commands of which an error names only those for people."""

    def __iter__(self) -> Iterator[str]:
        return (name for name in super().__iter__() if not name.startswith("_"))


def _hide(commands: argparse._SubParsersAction[argparse.ArgumentParser], *names: str) -> None:
    """Leave commands out of the help, the completions and the manual."""
    for name in names:
        commands._name_parser_map[name].prog = f"semfs {name}"
    commands._choices_actions = [a for a in commands._choices_actions if a.dest not in names]
    commands.choices = _Offered(commands._name_parser_map)
    commands.metavar = "COMMAND"


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; a SemfsError becomes one line on standard error."""
    arguments = build_parser().parse_args(argv)
    log.start(verbose=arguments.verbose)
    module = importlib.import_module(f"semfs.cli.{arguments.command.lstrip('_')}")
    try:
        settings = config.load(arguments.config)
        return int(module.run(arguments, settings) or 0)
    except SemfsError as error:
        print(f"semfs: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    finally:
        logging.shutdown()


if __name__ == "__main__":
    sys.exit(main())
