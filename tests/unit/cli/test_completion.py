"""The completion scripts come from the parser and are accepted by their shells."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from semfs.cli.completion import script

COMMANDS = {"mount", "umount", "status", "search", "ask", "run", "model", "doctor", "completion"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_script_names_every_command_and_no_hidden_one(shell: str) -> None:
    text = script(shell)
    assert [name for name in COMMANDS if name not in text] == []
    assert "_ingest" not in text


@pytest.mark.parametrize("shell", [shell for shell in ("bash", "zsh", "fish") if shutil.which(shell)])
def test_each_script_can_be_parsed_by_its_shell(shell: str, tmp_path: Path) -> None:
    file = tmp_path / f"semfs.{shell}"
    file.write_text(script(shell))
    subprocess.run([shell, "-n", file], check=True)


def test_bash_completes_a_command_and_an_option(tmp_path: Path) -> None:
    file = tmp_path / "semfs.bash"
    file.write_text(script("bash"))
    program = (
        f"source {file}; complete -p semfs >/dev/null;"
        ' try() { COMP_WORDS=(semfs "$@"); COMP_CWORD=$#; COMPREPLY=(); _shtab_semfs;'
        " echo ${COMPREPLY[*]}; };"
        " try sea; try mount --da; try completion f"
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["search", "--daemon", "fish"]
