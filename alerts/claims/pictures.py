"""
A picture that is too large for one file, as strips from top to bottom that lose no pixel.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A picture of more pixels than this is not worked on: it may be made to exhaust us.
_MOST_PIXELS = 20_000_000


class NotSplitError(Exception):
    """
    The picture is no PNG that can be cut, or one row of it is too large.
    """


def strips(png: bytes, limit: int) -> tuple[bytes, ...]:
    """
    The picture as PNG files of at most ``limit`` bytes, from top to bottom.

    A browser's pictures have 8 bits a colour, which are kept as they are. Raises
    :class:`NotSplitError` when that cannot be done.
    """
    if len(png) <= limit:
        return (png,)
    image = _read(png)
    wanted = len(png) // limit + 1
    while wanted <= image.height:
        found = tuple(_cut(image, -(-image.height // wanted)))
        if all(len(strip) <= limit for strip in found):
            return found
        wanted *= 2
    raise NotSplitError("one row of it is larger than a file may be")


def _read(png: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(png), formats=["PNG"])
        if image.width * image.height > _MOST_PIXELS:
            raise NotSplitError("it is too large to be worked on")
        image.load()
    except UnidentifiedImageError as error:
        raise NotSplitError("it is no PNG") from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise NotSplitError(f"it is no whole PNG ({error})") from error
    return image


def _cut(image: Image.Image, height: int) -> Iterator[bytes]:
    for top in range(0, image.height, height):
        file = BytesIO()
        image.crop((0, top, image.width, min(top + height, image.height))).save(file, "PNG")
        yield file.getvalue()
