"""From the table of mounts follows what is not walked, and where others may write unnoticed."""

from __future__ import annotations

from semfs.index.mounts import Mount, answering_mounts, around, mounts, shared_places

TABLE = (
    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
    "23 22 0:5 / /proc rw - proc proc rw\n"
    "24 22 0:40 / /home/me/my\\040files rw shared:3 - fuse.semfs semfs rw\n"
    "25 22 0:41 / /home/me/nas rw - nfs4 host:/export rw\n"
    "26 22 0:42 / /srv rw - cifs //host/share rw\n"
    "27 22 0:43 / /home/me/box rw - fuse.rclone box: rw\n"
    "28 22 0:44 / /home/me/vault rw - fuse.gocryptfs vault rw\n"
    "29 22 8:2 /sub /home/me/bound rw - ext4 /dev/sda2 rw\n"
)


def test_mounts_that_answer_are_not_walked() -> None:
    assert answering_mounts(TABLE) == {"/proc", "/home/me/my files"}


def test_folders_that_others_write_to_are_known_by_the_kind_of_file_system() -> None:
    found = list(mounts(TABLE))
    assert shared_places(found, ["/home/me"]) == {"/home/me/nas": "nfs4", "/home/me/box": "fuse.rclone"}
    assert shared_places(found, ["/srv/papers"]) == {"/srv/papers": "cifs"}
    assert shared_places(found, ["/home/me/vault", "/srvs"]) == {}


def test_of_the_table_only_what_is_around_the_folders_counts() -> None:
    found = list(mounts(TABLE))
    assert around(found, ["/home/me/bound/deep"]) == {Mount("/home/me/bound", "ext4", "8:2", "/sub")}
    assert {mount.point for mount in around(found, ["/srv", "/home/me/nas"])} == {"/srv", "/home/me/nas"}


def test_a_name_that_is_not_utf8_is_kept() -> None:
    [mount] = mounts("22 1 8:1 / /mnt/\udcff\\040x rw - ext4 /dev/sda1 rw\n")
    assert mount.point == "/mnt/\udcff x"
