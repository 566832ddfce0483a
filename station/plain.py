"""Text that somebody typed, or another program wrote, made fit for where it is to stand."""

from __future__ import annotations

# In a file's or a folder's name, on one system or another.
UNSAFE = frozenset('%/\\:*?"<>|=')
LONGEST_PART = 200  # bytes of a name of 255 that a text may take


def one_line(text: str) -> str:
    r"""Return a text without line breaks, control characters and what turns the direction of reading.

    Each of them is written as Python does (``\n``, ``\x1b``, ``\u202e``), so that it can still be told.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def file_part(text: str) -> str:
    """Return a text as a part of a file's or a folder's name; what is unsafe there as %XX of its UTF-8."""
    safe = "".join(_safe(c) for c in text)
    while len(safe.encode()) > LONGEST_PART:
        safe = safe[:-1]
    return safe


def _shown(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


def _safe(letter: str) -> str:
    if letter.isprintable() and letter not in UNSAFE:
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode(errors="replace"))
