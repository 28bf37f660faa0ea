"""Damage that decoders pass over: a PNG's checksums, which Pillow doesn't compare where the pixels lie."""

from __future__ import annotations

import zlib

_PNG = b"\x89PNG\r\n\x1a\n"


def png_is_damaged(data: bytes) -> bool:
    """Whether `data` is a PNG with a chunk whose CRC is wrong (PNG, 3rd edition, 5.5); a cut one is for the decoder."""
    if not data.startswith(_PNG):
        return False
    view, position = memoryview(data), len(_PNG)
    while position + 12 <= len(data):
        end = position + 8 + int.from_bytes(view[position : position + 4], "big")
        if end + 4 > len(data):
            return False
        if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            return True
        position = end + 4
    return False
