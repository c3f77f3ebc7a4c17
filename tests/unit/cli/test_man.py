"""The manual pages say what the code does."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from semfs import config, errors
from semfs.cli.main import NOBODY_READS, build_parser

MAN = Path(__file__).parents[3] / "man"


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the visible commands with their parsers, sub-commands as "model pull"."""
    found = {}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            visible = {choice.dest for choice in action._choices_actions}
            for name, child in action.choices.items():
                if name in visible:
                    found[name] = child
                    found |= {f"{name} {below}": it for below, it in commands(child).items()}
    return found


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {word for action in parser._actions for word in action.option_strings}


def page_options(text: str) -> set[str]:
    """Return the options that an mdoc page names: `Fl -daemon` is --daemon, `Fl v` is -v."""
    words = re.findall(r"Fl (-?[a-z][a-z-]*)", text)
    return {f"-{word}" for word in words}


def test_the_command_page_names_every_command_and_no_other() -> None:
    page = (MAN / "semfs.1").read_text()
    synopsis = page.split(".Sh DESCRIPTION")[0]
    named = {match.strip() for match in re.findall(r"^\.Cm ([a-z ]+?)$", synopsis, re.M)}
    every = commands(build_parser())
    typed = {name for name in every if not any(other.startswith(f"{name} ") for other in every)}
    assert typed == named


def test_an_unknown_command_is_answered_with_those_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["frobnicate"])
    said = capsys.readouterr().err
    assert "'doctor'" in said
    assert "'_" not in said


def test_the_command_page_names_every_option_and_no_other() -> None:
    parser = build_parser()
    known = options(parser).union(*map(options, commands(parser).values()))
    assert page_options((MAN / "semfs.1").read_text()) == known


def shape(name: str, parser: argparse.ArgumentParser) -> tuple[str, set[str], list[str]]:
    """Return a command with its options and the names of its arguments."""
    named = options(parser) - {"-h", "--help"}
    arguments = [action for action in parser._actions if not action.option_strings and action.nargs != 0]
    words = [argument.metavar or "|".join(map(str, argument.choices or ())) for argument in arguments]
    return name, named, [str(word) for word in words]


def page_shapes() -> list[tuple[str, set[str], list[str]]]:
    """Return what the synopsis says of each command."""
    synopsis = (MAN / "semfs.1").read_text().split(".Sh SYNOPSIS\n")[1].split(".Sh DESCRIPTION")[0]
    shapes = []
    for part in synopsis.split(".Nm\n")[1:]:
        _, name, rest = re.split(r"^\.Cm (.+)\n", part, maxsplit=1, flags=re.M)
        named = page_options(rest)
        for value in re.findall(r"Fl \S+ Ar \S+", rest):
            rest = rest.replace(value, "")
        words = re.findall(r"(?:Ar|Brq) (.+)", rest)
        shapes.append(
            (name, named, [word for line in words for word in re.sub(r" ?\| ?", "|", line).split()])
        )
    return shapes


def test_the_synopsis_gives_each_command_its_options_and_arguments() -> None:
    every = commands(build_parser())
    typed = {name: it for name, it in every.items() if not any(o.startswith(f"{name} ") for o in every)}
    told = {name: (named, [word for word in words if word != "..."]) for name, named, words in page_shapes()}
    assert told == {name: shape(name, parser)[1:] for name, parser in typed.items()}


def test_the_command_page_lists_every_exit_code() -> None:
    page = (MAN / "semfs.1").read_text().split(".Sh EXIT STATUS")[1].split(".Sh EXAMPLES")[0]
    listed = {int(code) for code in re.findall(r"^\.It (\d+)", page, re.M)}
    raised = {
        it.exit_code for it in vars(errors).values() if isinstance(it, type) and hasattr(it, "exit_code")
    }
    assert raised | {0, NOBODY_READS} == listed


@pytest.mark.parametrize("section,key,default,meaning", config.declared())
def test_the_configuration_page_gives_each_key_its_default_and_meaning(
    section: str, key: str, default: object, meaning: str
) -> None:
    page = (MAN / "semfs.conf.5").read_text()
    part = page.split(f".Sh [{section}]")[1].split(".Sh ")[0]
    shown = {"True": "true", "False": "false", "()": "[]", "": '""'}.get(str(default), str(default))
    shown = f'"{default}"' if isinstance(default, str) and default else shown
    assert f".It Ic {key} = Ar {shown}\n{meaning[0].upper()}{meaning[1:]}." in part


def test_the_configuration_page_has_no_other_key() -> None:
    page = (MAN / "semfs.conf.5").read_text()
    assert {key for _, key, _, _ in config.declared()} == set(re.findall(r"^\.It Ic (\w+)", page, re.M))
