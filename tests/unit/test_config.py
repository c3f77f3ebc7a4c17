"""The configuration: what is accepted, and how a mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.config import Config, load, make_private, parse
from semfs.errors import ConfigError, StoreError


def test_nothing_given_is_all_defaults() -> None:
    assert parse({}, "x") == Config()


def test_a_given_key_replaces_its_default() -> None:
    given = parse({"engine": {"threads": 3}, "index": {"ignore": ["*.iso"]}}, "x")
    assert (given.engine.threads, given.index.ignore, given.engine.context) == (3, ("*.iso",), 8192)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"engin": {}}, "unknown section: 'engin'; did you mean 'engine'?"),
        ({"engine": {"thread": 3}}, "unknown key in [engine]: 'thread'; did you mean 'threads'?"),
        ({"engine": {"threads": "3"}}, "engine.threads must be a whole number, not '3'"),
        ({"engine": {"threads": True}}, "engine.threads must be a whole number, not True"),
        ({"engine": {"threads": -1}}, "engine.threads must not be negative"),
        ({"index": {"gitignore": 1}}, "index.gitignore must be true or false, not 1"),
        ({"index": {"ignore": "x"}}, "index.ignore must be a list of text"),
        ({"engine": 3}, "[engine] must be a section, not a value"),
    ],
)
def test_a_mistake_is_named(given: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(given, "semfs.conf")
    assert str(caught.value) == f"semfs.conf: {words}"


def test_a_file_that_is_not_toml_says_where(tmp_path: Path) -> None:
    file = tmp_path / "semfs.conf"
    file.write_text("[engine\nthreads = 1")
    with pytest.raises(ConfigError, match="line 1"):
        load(file)


def test_a_file_that_was_asked_for_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.conf")


def test_the_default_file_need_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load() == Config()


def test_a_private_folder_is_made_for_the_owner_alone(tmp_path: Path) -> None:
    assert make_private(tmp_path / "a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o755, 0o770])
def test_a_folder_that_others_can_enter_is_not_used(tmp_path: Path, mode: int) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a").chmod(mode)
    with pytest.raises(StoreError, match="mode 0700"):
        make_private(tmp_path / "a")


def test_a_link_to_a_folder_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(mode=0o700)
    (tmp_path / "a").symlink_to(tmp_path / "real")
    with pytest.raises(StoreError):
        make_private(tmp_path / "a")
