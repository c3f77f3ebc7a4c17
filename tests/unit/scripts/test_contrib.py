"""What joins semfs to a desktop: unit, menu entry, bookmarks."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CONTRIB = Path(__file__).parents[3] / "contrib"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two folders, and a `semfs` and `systemctl` that do nothing on the path."""
    for folder in ("My papers", "notes", "bin"):
        (tmp_path / folder).mkdir()
    for program in ("semfs", "systemctl"):
        (tmp_path / "bin" / program).symlink_to("/bin/true")
    return tmp_path


def contrib(home: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    return subprocess.run(
        [CONTRIB / script, *arguments],
        env={**kept, "HOME": str(home), "PATH": f"{home}/bin:{os.environ['PATH']}"},
        cwd=home,
        capture_output=True,
        text=True,
    )


def test_paths_with_spaces_reach_the_unit_as_one_word(home: Path) -> None:
    done = contrib(home, "install", "--name", "mine", "My papers", "notes", "my sem")
    assert done.returncode == 0, done.stderr
    assert (home / ".config/semfs/mine.env").read_text() == (
        f"""SOURCES='"{home}/My papers" "{home}/notes"'\nMOUNTPOINT="{home}/my sem"\n"""
    )
    unit = (home / ".config/systemd/user/semfs@.service").read_text()
    assert f"ExecStart={home}/bin/semfs mount --name %i $SOURCES ${{MOUNTPOINT}}\n" in unit
    entry = (home / ".local/share/applications/semfs-mine.desktop").read_text()
    assert f'Exec=xdg-open "{home}/my sem"\n' in entry
    assert "semfs@mine.service" in entry


def test_what_was_installed_goes_away_again(home: Path) -> None:
    contrib(home, "install", "--name", "mine", "notes", "sem")
    assert contrib(home, "install", "--remove", "mine").returncode == 0
    assert list(home.glob(".local/share/applications/*")) == []
    assert list(home.glob(".config/semfs/*")) == []
    assert list(home.glob(".config/systemd/user/*")) == []
    assert (home / ".config/gtk-3.0/bookmarks").read_text() == ""


def test_the_unit_stays_while_another_mount_has_it(home: Path) -> None:
    for name in ("mine", "other"):
        contrib(home, "install", "--name", name, "notes", "sem")
    assert contrib(home, "install", "--remove", "mine").returncode == 0
    assert (home / ".config/systemd/user/semfs@.service").exists()


def test_without_a_service_manager_it_says_how_to_mount_all_the_same(home: Path) -> None:
    (home / "bin" / "systemctl").unlink()
    (home / "bin" / "systemctl").symlink_to("/bin/false")
    done = contrib(home, "install", "My papers", "sem")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no systemd answers for this user" in done.stdout
    assert f'semfs mount --daemon --name home "{home}/My papers" "{home}/sem"' in done.stdout


@pytest.mark.parametrize("path", ["a$b", "a%b", "a'b", 'a"b', "a`b", "a\\b", "a\nb"])
def test_a_path_that_systemd_would_read_otherwise_is_refused(home: Path, path: str) -> None:
    (home / path).mkdir()
    assert contrib(home, "install", "notes", path).returncode == 1
    assert contrib(home, "install", path, "sem").returncode == 1
    assert not (home / ".config/semfs").exists()


def test_bookmarks_of_others_stay_and_ours_come_once(home: Path) -> None:
    bookmarks = home / ".config/gtk-3.0/bookmarks"
    bookmarks.parent.mkdir(parents=True)
    bookmarks.write_text("file:///home/a%20b A b\nsftp://host/x")
    for _ in range(2):
        assert contrib(home, "bookmark", "my sem").returncode == 0
    ours = f"file://{home}/my%20sem"
    assert bookmarks.read_text().splitlines() == [
        "file:///home/a%20b A b",
        "sftp://host/x",
        f"{ours} Meaning",
        f"{ours}/saved Saved queries",
        f"{ours}/jobs Jobs",
    ]
    assert contrib(home, "bookmark", "--remove", "my sem").returncode == 0
    assert bookmarks.read_text() == "file:///home/a%20b A b\nsftp://host/x\n"
