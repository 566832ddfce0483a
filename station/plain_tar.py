"""The plain files of a tar, in order, as it comes over a line; whatever else one may hold is refused.

`tarfile.open` acts on a head before anybody can look at it: a sparse file of 1 kB could fill the disk, an
extended head the memory. So the heads are read here, one by one, and tarfile only says what they mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from tarfile import AREGTYPE, BLOCKSIZE, REGTYPE, XHDTYPE, ReadError, TarInfo

from station.errors import shown
from station.safekeeping import Content

CHUNK = 1 << 18
LONGEST_MORE_BYTES = 4096  # of an extended head, which tells a length above 8 GB, or a long name


class Part:
    """The content of one file: no more of the tar can be read through it."""

    def __init__(self, content: Content, length_bytes: int) -> None:
        if length_bytes < 0:
            raise ReadError("a length below 0")
        self._content, self._left = content, length_bytes

    def read(self, size: int, /) -> bytes:
        """Return at most `size` more bytes, none at the end; raise ReadError where the tar ends before it."""
        piece = self._content.read(min(size, self._left))
        if self._left and size and not piece:
            raise ReadError("it is cut short")
        self._left -= len(piece)
        return piece

    def pieces(self) -> Iterator[bytes]:
        """Yield what is left of it."""
        return iter(lambda: self.read(CHUNK), b"")

    def whole(self, most_bytes: int) -> bytes:
        """Return what is left of it, which is no longer than that."""
        if self._left > most_bytes:
            raise ReadError(f"more than {most_bytes} bytes where less are enough")
        return b"".join(self.pieces())


def members(content: Content) -> Iterator[tuple[str, Part]]:
    """Yield name and content of each file; what of a content was not read is passed over.

    Raises
    ------
    tarfile.TarError, ValueError : it is no tar, is cut short or holds what is no plain file

    """
    more: dict[str, str] = {}
    while any(head := Part(content, BLOCKSIZE).whole(BLOCKSIZE)):
        info = TarInfo.frombuf(head, "utf-8", "surrogateescape")
        if info.type == XHDTYPE and info.size <= LONGEST_MORE_BYTES:
            part = Part(content, info.size)
            more = _records(part.whole(LONGEST_MORE_BYTES))
        elif info.type in (REGTYPE, AREGTYPE):
            name, length_bytes = more.get("path", info.name), int(more.get("size", info.size))
            part, more = Part(content, length_bytes), {}
            yield name, part
            info.size = length_bytes
        else:
            raise ReadError(f"it holds {shown(info.name)}, which is no plain file")
        for left in (part, Part(content, -info.size % BLOCKSIZE)):
            for _ in left.pieces():
                pass


def _records(text: bytes) -> dict[str, str]:
    """Return what an extended head says: of each record the length, a space, key=value and a new line."""
    said = {}
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or not text[: int(length)].endswith(b"\n"):
            raise ReadError("an extended head that is none")
        key, _, value = text[len(length) + 1 : int(length) - 1].decode().partition("=")
        said[key], text = value, text[int(length) :]
    return said
