"""`semfs doctor`: check what semfs needs, for real, and say what to do about each failure."""

from __future__ import annotations

import argparse
import ctypes.util
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from semfs.cli.children import command
from semfs.config import Config
from semfs.errors import ModelError, SemfsError
from semfs.model import Prompt, Sampling

Check = Callable[[Config], str]  # returns what was found, raises Failure
DECODE_S = 120.0
LIBARCHIVE = "libarchive.so.13"


class Failure(Exception):
    """A check failed; the first argument says why, the second what to do."""


def run(arguments: argparse.Namespace, config: Config) -> int:
    failures = 0
    for name, check in CHECKS:
        try:
            print(f"ok    {name}: {check(config)}")
        except Failure as failure:
            failures += 1
            reason, remedy = failure.args
            print(f"FAIL  {name}: {reason}\n      {remedy}")
        sys.stdout.flush()
    if failures and os.geteuid() != 0:
        print("What begins with sudo is for somebody who may administer this machine.")
    return 1 if failures else 0


def fuse_device(config: Config) -> str:
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except FileNotFoundError:
        raise Failure("/dev/fuse is not there", "load the module: sudo modprobe fuse") from None
    except PermissionError:
        raise Failure(
            "/dev/fuse may not be opened", "sudo chmod 666 /dev/fuse, as systems usually have it"
        ) from None
    except OSError as error:
        raise Failure(
            f"/dev/fuse: {error.strerror}", "in a container, start it with --device /dev/fuse"
        ) from None
    return "/dev/fuse opens"


def libfuse(config: Config) -> str:
    library = ctypes.util.find_library("fuse3")
    if library is None:
        raise Failure("libfuse 3 is not installed", "sudo apt install libfuse3-3 fuse3")
    return library


def fusermount(config: Config) -> str:
    path = shutil.which("fusermount3")
    if path is None:
        raise Failure("fusermount3 is not installed", "sudo apt install fuse3")
    if os.geteuid() == 0:
        return path
    if not os.stat(path).st_mode & stat.S_ISUID:
        raise Failure(f"{path} has no right to mount for others than root", f"sudo chmod u+s {path}")
    if re.search(r"^NoNewPrivs:\s*1", Path("/proc/self/status").read_text(), re.M):
        raise Failure(
            "programs that are started here gain no rights (no_new_privs), which fusermount3 has to",
            "start semfs outside of this sandbox or container, or this one without no-new-privileges",
        )
    return path


def bubblewrap(config: Config) -> str:
    path = shutil.which("bwrap")
    if path is None:
        raise Failure(
            "bubblewrap is not installed; `python` steps are refused", "sudo apt install bubblewrap"
        )
    tried = subprocess.run(
        [path, "--unshare-all", "--ro-bind", "/", "/", "true"], capture_output=True, text=True, timeout=30
    )
    if tried.returncode:
        raise Failure(
            f"a sandbox cannot be made: {tried.stderr.strip()}",
            "allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1 (and, on Ubuntu, "
            "kernel.apparmor_restrict_unprivileged_userns=0)",
        )
    return f"{path} makes a sandbox"


def libarchive(config: Config) -> str:
    try:
        ctypes.CDLL(LIBARCHIVE)
    except OSError:
        raise Failure(
            "libarchive is not installed; archives are found by name only", "sudo apt install libarchive13"
        ) from None
    return f"{LIBARCHIVE} opens archives"


def embedder(config: Config) -> str:
    from semfs.engine.embed import Embedder

    try:
        model = Embedder.open(config.index.embedder)
        model.embed_query("a first question")
    except SemfsError as error:
        raise Failure(str(error), f"semfs model pull {config.index.embedder}") from None
    return f"{model.name}, {model.dimension} dimensions"


def language_model(config: Config) -> str:
    if config.engine.url:
        return f"{config.engine.url} is used instead"
    from semfs.engine import models

    try:
        path = models.path_of(config.engine.model)
        models.verify(config.engine.model)
    except ModelError as error:
        raise Failure(str(error), f"semfs model pull {config.engine.model}") from None
    return f"{config.engine.model} ({path.stat().st_size / 1e6:,.0f} MB)"


def first_decode(config: Config) -> str:
    from semfs.engine.client import EngineClient
    from semfs.supervise import Supervised

    with tempfile.TemporaryDirectory(prefix="semfs-doctor-") as folder:
        socket, log = Path(folder, "engine"), Path(folder, "log")
        process = Supervised(
            command("_engine", "--socket", str(socket), "--model", config.engine.model),
            name="engine",
            log=log,
        )
        try:
            engine = EngineClient(socket, start=process.start)
            text = "".join(engine.generate(Prompt(user="Say hello."), Sampling(max_tokens=4)))
        except SemfsError as error:
            raise Failure(
                str(error), "run `make setup` again: it builds llama-cpp-python for this CPU and tries it"
            ) from None
        finally:
            process.stop()
    return f"the model says {text.strip()!r}"


CHECKS: tuple[tuple[str, Check], ...] = (
    ("FUSE", fuse_device),
    ("libfuse 3", libfuse),
    ("fusermount3", fusermount),
    ("bubblewrap", bubblewrap),
    ("libarchive", libarchive),
    ("embedder", embedder),
    ("language model", language_model),
    ("first decode", first_decode),
)
