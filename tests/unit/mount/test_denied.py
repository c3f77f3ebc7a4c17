"""Names that programs probe for are no queries; what people type is."""

from __future__ import annotations

import pytest

from semfs.mount.denied import is_denied

PROBED = """
.git .hg .svn HEAD .hidden .directory .Trash .Trash-1000 .xdg-volume-info autorun.inf desktop.ini
.DS_Store ._budget .localized .nomedia folder.jpg notes.swp .notes.swp notes~ .envrc .python-version
glibc-hwcaps libpcre2-8.so.0 libm.so.6 libfoo.so
package.json .editorconfig Cargo.toml 4913 .~lock.a.odt# #notes# Makefile * ? ** ... -
"""


@pytest.mark.parametrize("name", PROBED.split())
def test_probed_names_are_denied(name: str) -> None:
    assert is_denied(name)


@pytest.mark.parametrize(
    "name",
    ["budget", "what is a PEP?", "2024", "C++", "\".net\"", ".net framework", "head of department", "预算",
     "päckchen", "🍕", "a*b", "ümlaut~ und mehr", "tax.pdf", "makefile for the compiler"],
)  # fmt: skip
def test_what_people_type_is_not_denied(name: str) -> None:
    assert not is_denied(name)
