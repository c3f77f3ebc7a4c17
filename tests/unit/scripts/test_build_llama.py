"""llama.cpp is built with what this CPU can do, and with less if that does not run."""

from __future__ import annotations

import zipfile
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "scripts" / "build_llama"
AVX2 = frozenset({"sse4_2", "avx", "avx2", "fma", "f16c", "bmi2"})
AVX512 = AVX2 | {"avx512f", "avx512cd", "avx512vl", "avx512dq", "avx512bw", "avx512_vnni", "avx_vnni"}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the script, on a machine without clang."""
    spec = spec_from_loader("build_llama", SourceFileLoader("build_llama", str(SCRIPT)))
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "recent_clang", lambda: None)
    return module


def sets(script: ModuleType, flags: frozenset[str]) -> list[set[str]]:
    """Return the instruction sets of each candidate."""
    return [
        {name.removeprefix("GGML_") for name, value in arguments.items() if value == "ON"}
        for arguments, _ in script.candidates(flags)
    ]


def test_a_wide_cpu_falls_back_twice(script: ModuleType) -> None:
    modest = {"SSE42", "AVX", "AVX2", "FMA", "F16C", "BMI2"}
    assert sets(script, AVX512) == [modest | {"AVX512", "AVX512_VNNI"}, modest, set()]


def test_nothing_is_built_twice(script: ModuleType) -> None:
    assert len(sets(script, AVX2)) == 2
    assert sets(script, frozenset({"fpu"})) == [set()]


def test_half_of_avx512_is_not_avx512(script: ModuleType) -> None:
    assert "AVX512" not in sets(script, AVX2 | {"avx512f", "avx512cd"})[0]


def test_a_compiler_never_chooses_for_itself_on_x86(script: ModuleType) -> None:
    assert all(arguments["GGML_NATIVE"] == "OFF" for arguments, _ in script.candidates(AVX512))


def test_amx_is_left_to_a_clang_that_knows_it(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "recent_clang", lambda: "clang-19")
    arguments, compilers = next(script.candidates(AVX512 | {"amx_tile"}))
    assert arguments["GGML_NATIVE"] == "ON"
    assert compilers == {"CC": "clang-19", "CXX": "clang++-19"}


def test_the_same_sets_are_compared_with_clang(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(script.compared(AVX512)) == []
    monkeypatch.setattr(script, "recent_clang", lambda: "clang-19")
    ((arguments, compilers),) = script.compared(AVX512 | {"amx_tile"})
    assert (arguments["GGML_NATIVE"], arguments["GGML_AVX512"]) == ("OFF", "ON")
    assert compilers["CC"] == "clang-19"


def test_other_builds_are_kept_only_if_they_pass_their_trial(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def built(key: str, *rest: object) -> Path:
        wheel = tmp_path / key / "llama.whl"
        wheel.parent.mkdir()
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("llama_cpp/__init__.py", "")
        return wheel

    outcomes = ["signal 11", ""]
    monkeypatch.setattr(script, "cpu_flags", lambda: AVX512)
    monkeypatch.setattr(script, "built", built)
    monkeypatch.setattr(script, "trial", lambda model, folder: outcomes.pop(0))
    installed, *others = (script.build_key(*options) for options in script.candidates(AVX512))
    script.keep_others(installed, tmp_path / "tiny")
    assert [(tmp_path / key / "tried" / "llama_cpp").is_dir() for key in others] == [False, True]
    assert (tmp_path / others[1] / "what").read_text() == "gcc plain\n"
    assert "does not run here (signal 11)" in capsys.readouterr().out


def test_a_compiler_without_openmp_is_told_apart(script: ModuleType, tmp_path: Path) -> None:
    assert script.has_openmp("cc")
    without = tmp_path / "cc"
    without.write_text("#!/bin/sh\nexit 1\n")
    without.chmod(0o700)
    assert not script.has_openmp(str(without))


def test_the_key_tells_builds_apart(script: ModuleType) -> None:
    keys = {script.build_key(arguments, compilers) for arguments, compilers in script.candidates(AVX512)}
    assert len(keys) == 3


def test_a_build_that_dies_is_followed_by_a_plainer_one(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = ["signal 4", ""]
    built: list[str] = []
    monkeypatch.setattr(script.sys, "argv", ["build_llama", "tiny"])
    monkeypatch.setattr(script.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(script, "cpu_flags", lambda: AVX512)
    monkeypatch.setattr(script, "path_of", lambda name: tmp_path / name)
    monkeypatch.setattr(script, "built", lambda key, *rest: built.append(key) or tmp_path / key)
    monkeypatch.setattr(script, "pip", lambda *arguments: None)
    monkeypatch.setattr(script, "trial", lambda model: outcomes.pop(0))
    assert script.main() == 0
    assert len(built) == 2
    assert "signal 4" in capsys.readouterr().out
    assert (tmp_path / "semfs-llama").read_text() == built[1]


def test_a_machine_on_which_nothing_runs_is_told_so(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script.sys, "argv", ["build_llama", "tiny"])
    monkeypatch.setattr(script.sys, "prefix", str(tmp_path))
    monkeypatch.setattr(script, "path_of", lambda name: tmp_path / name)
    monkeypatch.setattr(script, "built", lambda *rest: None)
    assert script.main() == 1
    assert "no build of llama-cpp-python runs" in capsys.readouterr().out
