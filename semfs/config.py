"""The configuration: one TOML file, every key with its type, default and meaning here.

`semfs.conf.5` is checked against these declarations.  An unknown key is an error.
"""

from __future__ import annotations

import difflib
import os
import stat
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from semfs.errors import ConfigError, StoreError


def key(default: Any, meaning: str) -> Any:
    """Declare a key of the configuration with its default and one line of meaning."""
    if isinstance(default, list):
        return field(default_factory=lambda: tuple(default), metadata={"meaning": meaning})
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, slots=True)
class Index:
    """[index]: what is read, and how much it may cost."""

    ignore: tuple[str, ...] = key([], "patterns in the form of .gitignore, added to the default list")
    gitignore: bool = key(True, "whether .gitignore files are honoured besides .semfsignore")
    max_file_mb: int = key(100, "larger files are found by name only")
    workers: int = key(0, "processes that read files; 0 is one a core, two at most")
    file_seconds: int = key(60, "time after which the reading of one file is given up")
    file_memory_mb: int = key(1500, "address space that a reading process may use")
    rescan_seconds: int = key(
        60, "time between looks for changes that nobody tells of, as in network folders"
    )
    pause_on_battery: bool = key(True, "whether much work waits while the machine runs on battery")
    pause_on_load: bool = key(True, "whether much work slows down while others use the processors")
    ocr: bool = key(True, "whether text in pictures and scanned pages is recognised, once all else is done")
    embedder: str = key("all-minilm-l6-v2", "model for meaning: a name from `semfs model list`, or a folder")


@dataclass(frozen=True, slots=True)
class Search:
    """[search]: what a query directory shows."""

    limit: int = key(50, "hits shown at most; a filter without words shows all")


@dataclass(frozen=True, slots=True)
class Engine:
    """[engine]: the language model."""

    model: str = key("qwen2.5-coder-1.5b", "a name from `semfs model list`, or a path to a GGUF file")
    threads: int = key(0, "threads that compute; 0 is one a physical core")
    tuned: bool = key(True, "whether what `semfs model bench` has found is used")
    context: int = key(8192, "tokens of context shared by all sequences")
    sequences: int = key(16, "sequences that run side by side")
    memory_mb: int = key(0, "memory that models may take side by side; 0 is half of the machine's")
    idle_seconds: int = key(300, "a model that nobody used for so long leaves memory")
    # 3,600 tokens, the longest answer there is, take 12 minutes beside eleven others on two cores.
    answer_seconds: int = key(1800, "an answer that takes longer, waiting included, is given up; 0 is never")
    url: str = key("", "an OpenAI-compatible server to use instead, such as http://127.0.0.1:8080/v1")
    key_file: str = key("", "file with that server's key, which nobody else may read")


@dataclass(frozen=True, slots=True)
class Jobs:
    """[jobs]: requests and their programs."""

    queue: int = key(64, "jobs that may wait; above it a write to `run` fails with EAGAIN")
    max_request_bytes: int = key(65536, "a longer request fails with E2BIG")
    sandbox_seconds: int = key(60, "time that one sandboxed program may take")
    sandbox_memory_mb: int = key(1024, "memory that one sandboxed program may use")
    sandbox_output_mb: int = key(64, "what one sandboxed program may write")


@dataclass(frozen=True, slots=True)
class Mount:
    """[mount]: the file system."""

    max_readers: int = key(48, "reads that may wait at once; above it EAGAIN")
    allow_other: bool = key(False, "whether root may use the mount too, which otherwise only its owner may")


@dataclass(frozen=True, slots=True)
class Config:
    """All of it."""

    index: Index = field(default_factory=Index)
    search: Search = field(default_factory=Search)
    engine: Engine = field(default_factory=Engine)
    jobs: Jobs = field(default_factory=Jobs)
    mount: Mount = field(default_factory=Mount)


def _xdg(variable: str, fallback: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / fallback) / "semfs"


def config_file() -> Path:
    return _xdg("XDG_CONFIG_HOME", ".config") / "semfs.conf"


def data_dir(name: str) -> Path:
    """Where one mount's catalogue, state and jobs live."""
    return _xdg("XDG_DATA_HOME", ".local/share") / name


def models_dir() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") / "models"


OF_A_LOGIN, FALLBACK = "/run/user/{}/semfs", "/tmp/semfs-{}"


def runtime_dir() -> Path:
    """Where running mounts leave their sockets and records; gone after a logout or reboot."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    return Path(base) / "semfs" if base else Path(FALLBACK.format(os.getuid()))


def runtime_dirs() -> tuple[Path, ...]:
    """Return where this user's mounts may have left their records.

    A login has XDG_RUNTIME_DIR, and cron or su have none: each is to see the mounts of the other.
    """
    usual = tuple(Path(place.format(os.getuid())) for place in (OF_A_LOGIN, FALLBACK))
    here = runtime_dir()
    places = (here, *(place for place in usual if place != here)) if here in usual else (here,)
    return tuple(place for place in places if _is_ours(place))


def _is_ours(folder: Path) -> bool:
    try:
        return folder.lstat().st_uid == os.geteuid()
    except OSError:
        return False


def make_private(folder: Path) -> Path:
    """Make a directory for the owner alone; StoreError if somebody else has it already.

    The fallback of `runtime_dir` has a name that others can guess, in a folder that all may write to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.lstat()
    except OSError as error:
        raise StoreError(str(folder), f"it cannot be made: {error.strerror}") from error
    if found.st_uid != os.geteuid() or found.st_mode & 0o077 or not stat.S_ISDIR(found.st_mode):
        raise StoreError(
            str(folder), "it must be a directory of your own with mode 0700; set XDG_RUNTIME_DIR"
        )
    return folder


def load(path: Path | None = None) -> Config:
    """Read the configuration; a missing file at the default place is all defaults.

    Raises ConfigError for TOML that cannot be parsed, an unknown section or key (with a
    suggestion) or a value of the wrong type.
    """
    file = path or config_file()
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(str(file), "there is no such file") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(str(file), str(error)) from error
    return parse(given, str(file))


def parse(given: dict[str, Any], source: str) -> Config:
    """Check parsed TOML against the declarations."""
    sections = get_type_hints(Config)
    _known(given, sections, source, "section")
    return Config(**{name: _section(sections[name], name, value, source) for name, value in given.items()})


def _section(declared: type, name: str, given: Any, source: str) -> Any:
    if not isinstance(given, dict):
        raise ConfigError(source, f"[{name}] must be a section, not a value")
    types = get_type_hints(declared)
    _known(given, types, source, f"key in [{name}]")
    return declared(
        **{key: _value(types[key], f"{name}.{key}", value, source) for key, value in given.items()}
    )


def _known(given: dict[str, Any], known: dict[str, Any], source: str, what: str) -> None:
    for word in given:
        if word not in known:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(known)}"
            raise ConfigError(source, f"unknown {what}: '{word}'; {hint}")


def _value(wanted: Any, name: str, given: Any, source: str) -> Any:
    if get_origin(wanted) is tuple:
        if isinstance(given, list) and all(type(item) is get_args(wanted)[0] for item in given):
            return tuple(given)
        raise ConfigError(source, f"{name} must be a list of text")
    if type(given) is not wanted:
        words = {bool: "true or false", int: "a whole number", str: "text"}
        raise ConfigError(source, f"{name} must be {words[wanted]}, not {given!r}")
    if wanted is int and given < 0:
        raise ConfigError(source, f"{name} must not be negative")
    return given


def declared() -> list[tuple[str, str, Any, str]]:
    """Return (section, key, default, meaning) of every key, for the manual page and `sys/config`."""
    return [
        (
            section.name,
            item.name,
            getattr(getattr(Config(), section.name), item.name),
            item.metadata["meaning"],
        )
        for section in fields(Config)
        for item in fields(get_type_hints(Config)[section.name])
    ]
