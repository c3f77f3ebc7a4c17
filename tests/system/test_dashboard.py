"""The dashboard opens from the mount in a browser."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from .conftest import Shell

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


HOSTILE = (
    "<b>&lettuce.txt",
    "<img src=x onerror=document.title='taken'>.txt",
    "a\u202egpj.txt",
    "50% #1?.txt",
)


class Browser:
    """Opens the dashboard of a mount."""

    def __init__(self, sh: Shell, profile: Path) -> None:
        self._shell = sh
        self._options = (
            f"--headless --disable-gpu --user-data-dir={profile} --virtual-time-budget=20000 "
            f"--enable-logging=stderr {'--no-sandbox ' if os.geteuid() == 0 else ''}"
        )

    def __call__(self, does: str) -> str:
        """Return the page's elements, or what else the option has Chromium print."""
        done = self._shell.run(f'{CHROMIUM} {self._options} {does} "file://$MNT/sys/dashboard.html"')
        assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return done.stdout


@pytest.fixture
def browser(fresh: Shell, tmp_path: Path) -> Browser:
    if CHROMIUM is None:
        pytest.skip("no Chromium: sudo apt install chromium")
    return Browser(fresh, tmp_path / "profile")


def test_a_browser_draws_every_file_whatever_its_name_is(
    fresh: Shell, browser: Browser, tmp_path: Path
) -> None:
    for name in HOSTILE:
        (fresh.src / name).write_text(f"Lettuce is sown in April, as {len(name)} gardeners say.\n")
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    fresh.until('cat "$MNT/sys/status"', lambda text: "6 of 6 passages can be found" in text)
    page = browser("--dump-dom")
    assert 'data-drawn="yes"' in page
    assert page.count("<circle") == 6
    assert "<title>semfs</title>" in page
    assert "&lt;b&gt;&amp;lettuce.txt" in page
    assert "<img" not in page
    assert "<title>a\ufffdgpj.txt</title>" in page  # nothing turns the letters around
    assert f'href="file://{fresh.src}/50%25%20%231%3F.txt"' in page
    picture = tmp_path / "dashboard.png"
    browser(f"--window-size=1000,1800 --screenshot={picture}")
    with Image.open(picture) as shot:
        assert shot.size == (1000, 1800)
        assert len(shot.convert("RGB").getcolors(1 << 20) or []) > 50


@pytest.mark.parametrize("files", [0, 1])
def test_a_folder_with_hardly_a_file_has_a_page_too(fresh: Shell, browser: Browser, files: int) -> None:
    for file in sorted(fresh.src.iterdir())[files:]:
        file.unlink()
    fresh('semfs mount "$SRC" "$MNT" --daemon')
    told = f"{files} of {files} passages can be found"
    fresh.until('cat "$MNT/sys/status"', lambda text: told in text and "watching" in text)
    page = browser("--dump-dom")
    assert 'data-drawn="yes"' in page
    shown = page.partition("<script")[0]
    assert shown.count("<circle") == files
    assert ("No file has been read by meaning yet." in shown) == (not files)
    assert "NaN" not in shown
