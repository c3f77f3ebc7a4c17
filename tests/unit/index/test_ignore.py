"""What is left out of the index, and what brings it back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pathspec import GitIgnoreSpec

from semfs.index.ignore import Ignore, _spec


def put(root: Path, **files: str) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def left_out(root: Path, name: str, *patterns: str, gitignore: bool = True) -> bool:
    ignore = Ignore(str(root), patterns, gitignore=gitignore)
    return ignore.excluded(f"{root}/{name.rstrip('/')}", name.endswith("/"))


LEFT_OUT = (
    ".ssh/ .ssh/config keys/id_ed25519 server.pem tls/server.key app/.env app/.env.local .config/ .bashrc"
    " node_modules/a/b.js x/__pycache__/ notes.txt~ .notes.swp ~$a.docx yarn.lock a/.git/config lost+found/"
)


@pytest.mark.parametrize("name", LEFT_OUT.split())
def test_secrets_caches_and_hidden_files_are_left_out(tmp_path: Path, name: str) -> None:
    assert left_out(tmp_path, name)


@pytest.mark.parametrize("name", ["notes.txt", "build/plan.md", "dist/", "environment.md", "key notes.txt"])
def test_a_users_own_files_are_not(tmp_path: Path, name: str) -> None:
    assert not left_out(tmp_path, name)


def test_a_hidden_folder_that_is_the_source_is_indexed(tmp_path: Path) -> None:
    root = tmp_path / ".notes"
    root.mkdir()
    assert not left_out(root, "a.txt")
    assert not Ignore(str(root)).excluded(str(root), True)


def test_the_deepest_gitignore_decides(tmp_path: Path) -> None:
    put(tmp_path, **{".gitignore": "*.log\n/top.txt\nout/\n", "sub/.gitignore": "!keep.log\n"})
    assert left_out(tmp_path, "a.log")
    assert left_out(tmp_path, "top.txt")
    assert left_out(tmp_path, "out/x.txt")
    assert not left_out(tmp_path, "out")
    assert left_out(tmp_path, "sub/a.log")
    assert not left_out(tmp_path, "sub/keep.log")
    assert not left_out(tmp_path, "sub/top.txt")
    assert not left_out(tmp_path, "a.log", gitignore=False)


def test_what_lies_in_a_folder_that_is_left_out_cannot_come_back(tmp_path: Path) -> None:
    put(tmp_path, **{".gitignore": "out/\n", "out/.gitignore": "!a.txt\n"})
    assert left_out(tmp_path, "out/a.txt")


def test_semfsignore_brings_back_hidden_files_but_no_secrets(tmp_path: Path) -> None:
    put(tmp_path, **{".semfsignore": "!.config/\n!*.pem\n!notes.log\n", ".gitignore": "*.log\n"})
    assert not left_out(tmp_path, ".config/app.toml")
    assert not left_out(tmp_path, "notes.log")
    assert left_out(tmp_path, "server.pem")


def test_gitignore_undoes_no_default(tmp_path: Path) -> None:
    put(tmp_path, **{".gitignore": "!.hidden\n"})
    assert left_out(tmp_path, ".hidden")


def test_configured_patterns_are_added(tmp_path: Path) -> None:
    assert left_out(tmp_path, "private/a.txt", "private/")
    assert not left_out(tmp_path, ".notes/a.txt", "!.notes/")


def test_folders_that_say_they_are_caches_are_left_out(tmp_path: Path) -> None:
    put(tmp_path, **{"target/CACHEDIR.TAG": "", "env/pyvenv.cfg": ""})
    assert left_out(tmp_path, "target/debug/notes.txt")
    assert left_out(tmp_path, "env/")


def test_folders_named_by_path_are_never_looked_into(tmp_path: Path) -> None:
    ignore = Ignore(str(tmp_path), never=frozenset({f"{tmp_path}/data"}))
    assert ignore.excluded(f"{tmp_path}/data/catalog.db", False)


def test_what_lies_outside_is_left_out(tmp_path: Path) -> None:
    assert Ignore(str(tmp_path / "a")).excluded(str(tmp_path / "ab"), False)


def test_a_line_that_is_no_pattern_is_passed_over(tmp_path: Path) -> None:
    put(tmp_path, **{".semfsignore": "!\n*.log\n"})
    assert not left_out(tmp_path, "a.txt")
    assert left_out(tmp_path, "a.log")


def test_a_very_deep_folder_is_decided_without_recursion(tmp_path: Path) -> None:
    assert not left_out(tmp_path, "d/" * 1500 + "f")


@pytest.mark.parametrize("pattern", ["*a" * 60 + "*b", "*[]a]" * 60 + "b", "x" + "/**/a" * 60 + "/b"])
def test_a_pattern_of_many_wildcards_holds_up_no_scan(tmp_path: Path, pattern: str) -> None:
    (tmp_path / ".gitignore").write_text(f"{pattern}\n*.log\n")
    ignore = Ignore(str(tmp_path))
    assert not ignore.excluded(f"{tmp_path}/{'a' * 250}", False)
    assert ignore.excluded(f"{tmp_path}/a.log", False)


@given(
    st.lists(st.sampled_from(["*", "a", "b", "?", "[ab]", ".", "/"]), min_size=1, max_size=8).map("".join),
    st.lists(st.sampled_from("ab."), min_size=1, max_size=8).map("".join),
)
def test_a_pattern_says_what_pathspec_says(pattern: str, name: str) -> None:
    try:
        plain = GitIgnoreSpec.from_lines([pattern])
    except ValueError:
        return
    try:
        ours = _spec([pattern])
    except ValueError:
        return  # too many wildcards
    assert ours.check_file(name).include == plain.check_file(name).include
