"""What a GGUF file says of itself, and that a hostile one is refused at once."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.gguf_files import write_tiny
from semfs.engine.gguf import Header, read_header
from semfs.errors import ModelDamaged, ModelMissing


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("gguf") / "tiny.gguf", general__name="Tiny")


def test_a_header_is_read_past_arrays(tiny: Path) -> None:
    assert read_header(tiny) == Header("qwen2", "model", "", "Tiny", 15, 12, frozenset({0}))


def test_an_adapter_says_that_it_is_one(tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "a.gguf", general__type="adapter", adapter__type="lora")
    header = read_header(path)
    assert (header.type, header.adapter) == ("adapter", "lora")


def test_what_is_not_there_or_not_a_gguf_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="there is no model"):
        read_header(tmp_path / "none.gguf")
    with pytest.raises(ModelMissing, match="cannot be read"):
        read_header(tmp_path)
    for content in (b"", b"GG", b"PK\3\4 an archive"):
        (tmp_path / "other").write_bytes(content)
        with pytest.raises(ModelDamaged, match="not a GGUF file"):
            read_header(tmp_path / "other")


def header(*values: tuple[str, int | bytes]) -> bytes:
    """Return the beginning of a file: the magic and these fields."""
    fields = (value if isinstance(value, bytes) else struct.pack("<" + code, value) for code, value in values)
    return b"GGUF" + b"".join(fields)


def text(content: bytes) -> bytes:
    return struct.pack("<Q", len(content)) + content


@pytest.mark.parametrize(
    "content",
    [
        header(("I", 1), ("Q", 0), ("Q", 0)),
        header(("I", 3), ("Q", 1 << 60), ("Q", 0)),
        header(("I", 3), ("Q", 0), ("Q", 1 << 60)),
        header(("I", 3), ("Q", 0), ("Q", 1), ("Q", 1 << 40)),
        header(("I", 3), ("Q", 0), ("Q", 1), ("", text(b"key")), ("I", 99)),
        header(("I", 3), ("Q", 0), ("Q", 1), ("", text(b"key")), ("I", 9), ("I", 8), ("Q", 1 << 60)),
        header(("I", 3), ("Q", 0), ("Q", 1), ("", text(b"key")), ("I", 9), ("I", 4), ("Q", 1 << 62)),
        header(("I", 3), ("Q", 1), ("Q", 0), ("", text(b"tensor")), ("I", 1 << 30)),
    ],
)
def test_a_length_that_cannot_be_is_refused_at_once(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "hostile.gguf").write_bytes(content + b"\0" * 100)
    with pytest.raises(ModelDamaged, match="not a whole GGUF file"):
        read_header(tmp_path / "hostile.gguf")


@given(st.data())
def test_a_file_that_is_cut_or_changed_anywhere_gives_a_header_or_a_clear_error(
    tiny: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = bytearray(tiny.read_bytes())
    for _ in range(data.draw(st.integers(0, 3))):
        whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
    changed = tmp_path_factory.getbasetemp() / "changed.gguf"
    changed.write_bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        assert read_header(changed).parameters >= 0
    except ModelDamaged as error:
        assert "changed.gguf" in str(error)
