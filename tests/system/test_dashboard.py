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
def test_a_browser_draws_the_page_with_every_file_on_the_map(fresh: Shell, tmp_path: Path) -> None:
    (fresh.src / "<b>&lettuce.txt").write_text("Lettuce is sown in April.\n")
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    fresh.until('cat "$MNT/sys/status"', lambda text: "3 of 3 passages can be found" in text)
    picture = tmp_path / "dashboard.png"
    browser = (
        f"{CHROMIUM} --headless --disable-gpu --user-data-dir={tmp_path}/profile --virtual-time-budget=20000 "
        f"--window-size=1000,1800 {'--no-sandbox ' if os.geteuid() == 0 else ''}"
        '"file://$MNT/sys/dashboard.html"'
    )
    page = fresh(f"{browser} --dump-dom 2> /dev/null")
    assert 'data-drawn="yes"' in page
    assert page.count("<circle") == 3
    assert "&lt;b&gt;&amp;lettuce.txt" in page
    fresh(f"{browser} --screenshot={picture} 2> /dev/null")
    with Image.open(picture) as shot:
        assert shot.size == (1000, 1800)
        assert len(shot.convert("RGB").getcolors(1 << 20) or []) > 50
