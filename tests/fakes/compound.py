"""Write compound files, the container of old Office files and Outlook messages ([MS-CFB])."""

from __future__ import annotations

import struct
from collections.abc import Mapping

SECTOR, MINI = 512, 64
FREE, END, IN_FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
STORAGE, STREAM, ROOT = 1, 2, 5

Tree = Mapping[str, "bytes | Tree"]


def compound(tree: Tree) -> bytes:
    """Return a file with these streams, none of 4,096 bytes or more, and folders."""
    entries: list[bytearray] = []
    small = bytearray()
    chains: list[int] = []
    _write("Root Entry", tree, ROOT, entries, small, chains)
    root = entries[0]
    directory = b"".join(entries) + bytes(-len(entries) % 4 * 128)
    parts = [directory, struct.pack(f"<{len(chains)}I", *chains), bytes(small)]
    sectors = [_padded(part) for part in parts]
    fat: list[int] = [IN_FAT]
    starts = []
    for sector in sectors:
        starts.append(len(fat) if sector else END)
        count = len(sector) // SECTOR
        fat += [*range(len(fat) + 1, len(fat) + count), END] if count else []
    assert len(fat) <= SECTOR // 4
    struct.pack_into("<IQ", root, 116, starts[2], len(small))
    sectors[0] = _padded(b"".join(entries) + bytes(-len(entries) % 4 * 128))
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, starts[0], 0, 4096, starts[1], len(sectors[1]) // SECTOR, END, 0, 0),
    )
    header += struct.pack("<108I", *[FREE] * 108)
    return header + _padded(struct.pack(f"<{len(fat)}I", *fat), b"\xff") + b"".join(sectors)


def _padded(data: bytes, fill: bytes = b"\0") -> bytes:
    return data + fill * (-len(data) % SECTOR)


def _write(
    name: str, content: bytes | Tree, type: int, entries: list[bytearray], small: bytearray, chains: list[int]
) -> int:
    """Add an entry and what is below it; siblings are a list, each on the right of the one before."""
    entry, number = bytearray(128), len(entries)
    entries.append(entry)
    encoded = name.encode("utf-16-le") + b"\0\0"
    struct.pack_into(f"<{len(encoded)}s", entry, 0, encoded)
    struct.pack_into("<HBBIII", entry, 64, len(encoded), type, 1, FREE, FREE, FREE)
    if isinstance(content, bytes):
        start = len(chains)
        small += content + bytes(-len(content) % MINI)
        blocks = len(small) // MINI - start
        chains += [*range(start + 1, start + blocks), END] if blocks else []
        struct.pack_into("<IQ", entry, 116, start if blocks else END, len(content))
        return number
    before = -1
    for child, inner in content.items():
        added = _write(child, inner, STREAM if isinstance(inner, bytes) else STORAGE, entries, small, chains)
        if before < 0:
            struct.pack_into("<I", entry, 76, added)
        else:
            struct.pack_into("<I", entries[before], 72, added)
        before = added
    return number
