"""A real model in another quantisation, made by the command and used by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from semfs.cli.main import main
from semfs.engine import models
from semfs.engine.gguf import read_header
from semfs.engine.llama import Llama
from semfs.engine.template import Part

SMALL = "qwen2.5-coder-0.5b"


def test_a_quantised_model_is_listed_and_loaded_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = models.path_of(SMALL)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert main(["model", "quantize", str(source), "q4_0", "--name", "small"]) == 0
    assert 'model = "small"' in capsys.readouterr().out
    assert main(["model", "list"]) == 0
    assert "small " in capsys.readouterr().out
    path = models.path_of("small")
    assert read_header(path).parameters == read_header(source).parameters
    assert path.stat().st_size < source.stat().st_size
    llama = Llama(path, cells=64, slots=1, batch=64, threads=0)
    assert llama.piece(llama.tokenise([Part("hello", False)], beginning=False)[0]) == b"hello"
    llama.close()
