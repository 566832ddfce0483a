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
        self._filling = -length_bytes % BLOCKSIZE

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

    def pass_over(self) -> None:
        """Read what is left of it, and what fills its last block."""
        self._left, self._filling = self._left + self._filling, 0
        for _ in self.pieces():
            pass


def members(content: Content) -> Iterator[tuple[str, Part]]:
    """Yield name and content of each file; what of a content was not read is passed over.

    Raises
    ------
    tarfile.TarError : it is no tar, is cut short or holds what is no plain file

    """
    more: dict[str, str] = {}
    while any(head := Part(content, BLOCKSIZE).whole(BLOCKSIZE)):
        info = TarInfo.frombuf(head, "utf-8", "surrogateescape")
        if info.type == XHDTYPE and info.size <= LONGEST_MORE_BYTES:
            part = Part(content, info.size)
            more = _records(part.whole(LONGEST_MORE_BYTES))
        elif info.type in (REGTYPE, AREGTYPE):
            part = Part(content, int(more.get("size", info.size)))
            yield more.get("path", info.name), part
            more = {}
        else:
            raise ReadError(f"it holds {shown(info.name)}, which is no plain file")
        part.pass_over()


def _records(text: bytes) -> dict[str, str]:
    """Return what an extended head says: of each record the length, a space, key=value and a new line."""
    said: dict[str, str] = {}
    while text:
        length, _, _ = text.partition(b" ")
        if not length.isdigit() or not text[: int(length)].endswith(b"\n"):
            raise ReadError("an extended head that is none")
        key, _, value = (
            text[len(length) + 1 : int(length) - 1].decode(errors="surrogateescape").partition("=")
        )
        said[key], text = value, text[int(length) :]
    if not said.get("size", "0").isdecimal():
        raise ReadError("an extended head whose length is none")
    return said
