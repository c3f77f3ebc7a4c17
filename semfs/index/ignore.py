"""Which files are left out of the index.

In this order, the first that says anything decides:

1. `SECRETS`: keys and passwords are never read, whatever the folder itself says.  Who wants
   one of them indexed names it as a source.
2. `.semfsignore` files, the deepest first; `!pattern` brings back what the rest leaves out.
3. `index.ignore` of the configuration.
4. `.gitignore` files, the deepest first, and `DEFAULTS`: left out if either says so.  A
   `!pattern` in a .gitignore is a word to git only and undoes no default.

Hidden files and folders are among the defaults, as `ls` and desktop search do not show them
either: `!.config/` in a `.semfsignore` has that folder indexed.  A folder that says of itself
that it is a cache (`CACHEDIR.TAG`) or a virtual environment (`pyvenv.cfg`) is left out.
The source folder itself is never left out, even if it is hidden.

Patterns are those of gitignore(5).  Ignore files above the source folder are not looked at.
"""

from __future__ import annotations

import fnmatch
import logging
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import AnyStr

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

logger = logging.getLogger(__name__)

SEMFSIGNORE = ".semfsignore"
GITIGNORE = ".gitignore"
LONGEST_FILE = 1_000_000  # characters of an ignore file that are read
MOST_SLOW = 2  # wildcards of one pattern that may each multiply the time that it takes
MARKERS = ("CACHEDIR.TAG", "pyvenv.cfg")

SECRETS = (
    ".ssh/",
    ".gnupg/",
    ".password-store/",
    ".aws/",
    ".kube/",
    ".docker/",
    ".netrc",
    ".pgpass",
    ".git-credentials",
    ".env",
    ".env.*",
    "*.env",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.ppk",
)

DEFAULTS = (
    ".*",
    # made by package managers, compilers and test runs
    "node_modules/",
    "bower_components/",
    "__pycache__/",
    "site-packages/",
    "venv/",
    "*.egg-info/",
    "*.pyc",
    "*.o",
    "*.class",
    "*.min.js",
    "*.min.css",
    "*.map",
    "*.lock",
    "package-lock.json",
    "pnpm-lock.yaml",
    "go.sum",
    # left behind by editors, office programs, downloads and desktops
    "*~",
    "#*#",
    "~$*",
    "*.tmp",
    "*.swp",
    "*.part",
    "*.crdownload",
    "Thumbs.db",
    "desktop.ini",
    "$RECYCLE.BIN/",
    "System Volume Information/",
    "lost+found/",
)


def _matcher(patterns: Iterable[str]) -> Callable[[str], re.Match[str] | None]:
    """Make one expression of patterns for names; a folder's name is given with its slash."""
    parts = (fnmatch.translate(pattern.rstrip("/"))[:-2] + _slash(pattern) for pattern in patterns)
    return re.compile("|".join(f"(?:{part})" for part in parts)).fullmatch


def _slash(pattern: str) -> str:
    return "/" if pattern.endswith("/") else "/?"


# In the expressions that pathspec makes: a `*`, single characters of any sort, and before another `*`.
_SINGLE = r"\\[^/]|\[\^/\](?!\*)|\[[^/\]]+\](?!\*)|[^\\\[\](){}|.*+?^$/]"
_STAR_BEFORE_STAR = re.compile(rf"\[\^/\]\*((?:{_SINGLE})*)(?=\[\^/\]\*)")
_SLOW = re.compile(r"\[\^/\]\*(?!\?)(?=(?:[^/]|\[\^/\])*?\[\^/\]\*)|\(\?:/\.\+\)\?")

# Every file of a scan passes by here, so these are not left to pathspec, which made scans take twice as long.
IS_SECRET = _matcher(SECRETS)
IS_DEFAULT = _matcher(DEFAULTS)


def is_left_out(name: str) -> bool:
    """Return whether a file of this relative path is left out where the folder itself says nothing."""
    *folders, last = name.split("/")
    parts = [f"{folder}/" for folder in folders if folder.strip(".")] + [last]
    return any(IS_SECRET(part) or IS_DEFAULT(part) for part in parts)


Specs = tuple[tuple[str, GitIgnoreSpec], ...]  # folder of an ignore file, what it says


class Ignore:
    """Decide for one source folder; an instance remembers ignore files, so make one for each scan."""

    def __init__(
        self,
        root: str,
        patterns: Sequence[str] = (),
        *,
        gitignore: bool = True,
        never: frozenset[str] = frozenset(),
    ) -> None:
        """`never` are folders by their whole path, such as our own data and mount points."""
        self.root = root.rstrip("/") or "/"
        self._never = never
        self._gitignore = gitignore
        valid = [line for line in patterns if _valid(line, "index.ignore")]
        self._configured = _spec(valid) if valid else None
        self._folders: dict[str, bool] = {self.root: False}
        self._chains: dict[tuple[str, str], Specs] = {}

    def excluded(self, path: str, is_dir: bool) -> bool:
        """Return whether `path`, or a folder that it lies in, is left out."""
        if not self._inside(path):
            return path != self.root
        unknown, folder = [], os.path.dirname(path)
        while folder not in self._folders:
            unknown.append(folder)
            folder = os.path.dirname(folder)
        for folder in reversed(unknown):
            self._folders[folder] = self._below(folder, True)
        result = self._below(path, is_dir)
        if is_dir:
            self._folders[path] = result
        return result

    def _below(self, path: str, is_dir: bool) -> bool:
        """Decide about an entry whose folder is decided."""
        return self._folders[os.path.dirname(path)] or self._entry(path, is_dir)

    def _inside(self, path: str) -> bool:
        return path.startswith(self.root if self.root == "/" else f"{self.root}/")

    def _entry(self, path: str, is_dir: bool) -> bool:
        """Decide about one entry whose folder is not left out."""
        name = os.path.basename(path) + ("/" if is_dir else "")
        if IS_SECRET(name) or (is_dir and (path in self._never or self._marked(path))):
            return True
        verdict = self._by_files(SEMFSIGNORE, path, is_dir)
        if verdict is None and self._configured:
            verdict = _says(self._configured, self._relative(self.root, path, is_dir))
        if verdict is not None:
            return verdict
        return bool(IS_DEFAULT(name) or (self._gitignore and self._by_files(GITIGNORE, path, is_dir)))

    def _by_files(self, kind: str, path: str, is_dir: bool) -> bool | None:
        """Ask the ignore files of one kind from the entry's folder up to the root."""
        for folder, spec in self._above(os.path.dirname(path), kind):
            verdict = _says(spec, self._relative(folder, path, is_dir))
            if verdict is not None:
                return verdict
        return None

    def _above(self, folder: str, kind: str) -> Specs:
        """Return the ignore files in a folder and above, the deepest first."""
        unknown = []
        while (found := self._chains.get((folder, kind))) is None:
            unknown.append(folder)
            if folder == self.root:
                found = ()
                break
            folder = os.path.dirname(folder)
        for below in reversed(unknown):
            spec = _load(f"{below}/{kind}")
            found = ((below, spec), *found) if spec else found
            self._chains[below, kind] = found
        return found

    def _marked(self, path: str) -> bool:
        return any(os.path.exists(f"{path}/{marker}") for marker in MARKERS)

    @staticmethod
    def _relative(folder: str, path: str, is_dir: bool) -> str:
        return path[len(folder.rstrip("/")) + 1 :] + ("/" if is_dir else "")


class _Pattern(GitIgnoreSpecPattern):
    """A pattern that takes a time in proportion to a name, whoever wrote it.

    As pathspec has it, each further `*` multiplies the time by the length of the name, and a
    folder that came from somewhere else could stop the scan for good.  Of several `*` in a
    name all but the last may stop at the first place that fits (as in `fnmatch.translate`).
    """

    __slots__ = ()

    @classmethod
    def pattern_to_regex(cls, pattern: AnyStr) -> tuple[AnyStr | None, bool | None]:
        regex, include = super().pattern_to_regex(pattern)
        if isinstance(regex, str):
            regex = _STAR_BEFORE_STAR.sub(r"(?>[^/]*?\1)", regex)
            if len(_SLOW.findall(regex)) > MOST_SLOW:
                raise ValueError(f"it has too many wildcards: {pattern!r}")
        return regex, include


def _spec(patterns: Iterable[str]) -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(patterns, _Pattern, backend="simple")


def _says(spec: GitIgnoreSpec, name: str) -> bool | None:
    return spec.check_file(name).include


def _load(path: str) -> GitIgnoreSpec | None:
    """Read an ignore file; a line that is no pattern is passed over, as git does."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read(LONGEST_FILE).splitlines()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        logger.info("%s is not honoured: %s", path, error)
        return None
    return _spec(line for line in lines if _valid(line, path))


def _valid(line: str, path: str) -> bool:
    try:
        _spec([line])
    except ValueError as error:
        logger.info("a line of %s is not honoured: %s", path, error)
        return False
    return True
