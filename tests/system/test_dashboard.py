"""The dashboard opens from the mount in a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Shell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: sudo apt install chromium")
def test_a_browser_draws_the_page_with_every_file_on_the_map(library: Shell, tmp_path: Path) -> None:
    library('mkdir "$SRC/odd"; printf "A note on lettuce.\\n" > "$SRC/odd/<b>&lettuce.txt"')
    library.until('cat "$MNT/sys/dashboard.html"', lambda page: "lettuce.txt" in page)
    picture = tmp_path / "dashboard.png"
    browser = (
        f"{CHROMIUM} --headless --disable-gpu --user-data-dir={tmp_path}/profile --virtual-time-budget=20000 "
        f"--window-size=1000,1800 {'--no-sandbox ' if os.geteuid() == 0 else ''}"
        '"file://$MNT/sys/dashboard.html"'
    )
    page = library(f"{browser} --dump-dom 2> /dev/null")
    assert 'data-drawn="yes"' in page
    files = int(library('find "$SRC" -type f | wc -l'))
    unread = int(library('tail -n +2 "$MNT/sys/errors/all.tsv" | wc -l'))
    assert 0.8 * files <= page.count("<circle") <= files - unread  # some are found by their names only
    assert "&lt;b&gt;&amp;lettuce.txt" in page
    library(f"{browser} --screenshot={picture} 2> /dev/null")
    with Image.open(picture) as shot:
        assert shot.size == (1000, 1800)
        assert len(shot.convert("RGB").getcolors(1 << 20) or []) > 50
    library('rm -r "$SRC/odd"')
