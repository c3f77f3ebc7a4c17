"""Names that programs look for by themselves, and that are therefore never queries.  Pure.

Shells, file managers, version control, editors and build tools probe every directory that
they pass.  Such a name does not exist in `search/` and `ask/`, without a search or a log
line.  Whoever does mean one of these words writes it with another one, or in quotes.
"""

from __future__ import annotations

import fnmatch
import re
import string

# Whole names.  A single word that begins with a dot is denied anyway.
_NAMES = """
HEAD _svn CVS RCS SCCS _darcs _FOSSIL_ _MTN {arch}

autorun autorun.inf autorun.sh AUTORUN.INF desktop.ini Desktop.ini lost+found $RECYCLE.BIN RECYCLER
Thumbs.db thumbs.db ehthumbs.db folder.jpg Folder.jpg folder.png cover.jpg Cover.jpg AlbumArt.jpg

package.json node_modules bower_components tsconfig.json jsconfig.json deno.json pyproject.toml
setup.py setup.cfg Pipfile requirements.txt tox.ini mypy.ini __pycache__ pyvenv.cfg environment.yml
conda.yaml poetry.lock uv.lock pixi.toml Cargo.toml go.mod go.work pom.xml build.gradle
build.gradle.kts build.sbt composer.json Gemfile Rakefile Podfile mix.exs rebar.config stack.yaml
cabal.project CMakeLists.txt CMakeCache.txt Makefile makefile GNUmakefile meson.build WORKSPACE
Dockerfile docker-compose.yml docker-compose.yaml compose.yml compose.yaml Justfile justfile
Vagrantfile flake.nix shell.nix default.nix Chart.yaml Package.swift pubspec.yaml dub.json
Project.toml JuliaProject.toml DESCRIPTION

glibc-hwcaps

compile_commands.json compile_flags.txt tags TAGS GTAGS cscope.out Session.vim
4913
"""
NAMES = frozenset(_NAMES.split()) | {"System Volume Information"}

PATTERNS = (
    *("*.so", "*.so.[0-9]*"),  # the loader of programs, where LD_LIBRARY_PATH ends with a colon
    *("._*", ".#*", "#*#", "*~", "*.swp", "*.swo", "*.swx", ".~lock.*#", "~$*"),
    *(".Trash*", ".nfs*", ".fuse_hidden*", ".goutputstream-*", "*.crdownload", "*.part", "*.kate-swp"),
)

_PATTERN = re.compile("|".join(fnmatch.translate(pattern) for pattern in PATTERNS))
_PUNCTUATION = frozenset(string.punctuation + string.whitespace)


def is_denied(name: str) -> bool:
    """Whether a name is one that nobody types to ask something.

    Besides the table: a single word that begins with a dot, and a name of punctuation
    alone, which is what a shell leaves of a pattern such as "*" that matched nothing.
    """
    if name in NAMES or _PATTERN.match(name):
        return True
    if name.startswith(".") and " " not in name:
        return True
    return _PUNCTUATION.issuperset(name)
