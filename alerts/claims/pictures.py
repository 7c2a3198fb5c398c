"""
A picture that is too large for one file, as strips from top to bottom.

Lossless and without an image library: a PNG's rows are packed anew as they are. Only the first row
of a strip has to be worked out, because it may have been stored as its difference to the row above.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_HEADER = struct.Struct(">IIBBBBB")
#: A picture of more bytes than this, unpacked, is not worked on: it may be made to exhaust us.
_MOST_UNPACKED = 60_000_000


class NotSplitError(Exception):
    """
    The picture is no PNG that can be cut, or one row of it is too large.
    """


@dataclass(frozen=True, slots=True)
class _Image:
    width: int
    height: int
    head: tuple[int, ...]  # bit depth, colour type, compression, filter, interlace
    before: bytes  # palette and transparency, as they stand
    rows: bytes
    stride: int  # bytes of one row with its filter byte
    pixel: int  # bytes to the pixel on the left


def strips(png: bytes, limit: int) -> tuple[bytes, ...]:
    """
    The picture as PNG files of at most ``limit`` bytes, from top to bottom.

    Raises :class:`NotSplitError` when that cannot be done.
    """
    if len(png) <= limit:
        return (png,)
    try:
        image = _read(png)
    except (struct.error, zlib.error, IndexError) as error:
        raise NotSplitError(f"it is no whole PNG ({error})") from error
    wanted = len(png) // limit + 1
    while wanted <= image.height:
        height = -(-image.height // wanted)
        found = tuple(_cut(image, height))
        if all(len(strip) <= limit for strip in found):
            return found
        wanted *= 2
    raise NotSplitError("one row of it is larger than a file may be")


def _read(png: bytes) -> _Image:
    if not png.startswith(_SIGNATURE):
        raise NotSplitError("it is no PNG")
    packed, before, header = b"", b"", b""
    for kind, data in _chunks(png):
        if kind == b"IHDR":
            header = data
        elif kind in {b"PLTE", b"tRNS"}:
            before += _chunk(kind, data)
        elif kind == b"IDAT":
            packed += data
    width, height, *head = _HEADER.unpack(header)
    depth, colour, interlaced = head[0], head[1], head[4]
    if interlaced or depth not in {8, 16} or colour not in _CHANNELS or not width:
        raise NotSplitError("it is a kind of PNG that is not cut")
    pixel = _CHANNELS[colour] * depth // 8
    stride = width * pixel + 1
    if stride * height > _MOST_UNPACKED:
        raise NotSplitError("it is too large to be worked on")
    rows = zlib.decompressobj().decompress(packed, stride * height)
    if len(rows) < stride * height:
        raise NotSplitError("it is cut off")
    return _Image(width, height, tuple(head), before, rows, stride, pixel)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12


def _cut(image: _Image, height: int) -> Iterator[bytes]:
    above = bytes(image.stride - 1)
    for top in range(0, image.height, height):
        rows = [
            image.rows[line * image.stride : (line + 1) * image.stride]
            for line in range(top, min(top + height, image.height))
        ]
        first = _plain(rows[0], above, image.pixel)
        above = first
        for row in rows[1:]:
            above = _plain(row, above, image.pixel)
        yield _png(image, [b"\0" + first, *rows[1:]])


def _png(image: _Image, rows: Sequence[bytes]) -> bytes:
    header = _HEADER.pack(image.width, len(rows), *image.head)
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", header),
            image.before,
            _chunk(b"IDAT", zlib.compress(b"".join(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)


def _plain(row: bytes, above: bytes, pixel: int) -> bytes:
    """
    The row's own bytes: what its filter had taken away is added again (PNG specification, 9.2).
    """
    kind, stored = row[0], row[1:]
    if kind == 0:
        return stored
    if kind == 2:  # noqa: PLR2004 - "Up", the filter that needs no neighbour on the left
        return bytes((a + b) & 255 for a, b in zip(stored, above, strict=True))
    plain = bytearray(pixel) + bytearray(stored)  # so that the first pixel has a left neighbour
    over = bytes(pixel) + above
    for at in range(pixel, len(plain)):
        left, up, corner = plain[at - pixel], over[at], over[at - pixel]
        plain[at] = (plain[at] + _predicted(kind, left, up, corner)) & 255
    return bytes(plain[pixel:])


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 1:
        return left
    if kind == 3:  # noqa: PLR2004 - "Average"
        return (left + up) // 2
    if kind != 4:  # noqa: PLR2004 - "Paeth", the last one
        raise NotSplitError("it has a filter that PNG does not know")
    estimate = left + up - corner
    distances = (abs(estimate - left), abs(estimate - up), abs(estimate - corner))
    return (left, up, corner)[distances.index(min(distances))]
