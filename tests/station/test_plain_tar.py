from __future__ import annotations

import io
import tarfile

import numpy as np
import pytest

from station.plain_tar import members

Files = list[tuple[str, bytes]]


def read(tar: bytes) -> Files:
    return [(name, b"".join(part.pieces())) for name, part in members(io.BytesIO(tar))]


def made(files: Files, form: int, **more: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form, pax_headers=None) as tar:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.pax_headers = len(content), 1_790_000_000, more
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def some_files(long: bool) -> Files:
    rng = np.random.default_rng(5)
    lengths = [0, 1, 511, 512, 513, 300_000, *rng.integers(0, 5000, 20).tolist()]
    name = "sessions/ü-" + "x" * (150 if long else 20) + "-{}"
    return [(name.format(k), rng.bytes(length)) for k, length in enumerate(lengths)]


@pytest.mark.parametrize(
    ("form", "long"), [(tarfile.USTAR_FORMAT, False), (tarfile.PAX_FORMAT, True), (tarfile.GNU_FORMAT, False)]
)
def test_it_reads_what_another_program_wrote(form: int, long: bool) -> None:
    files = some_files(long)
    assert read(made(files, form)) == files
    assert read(made(files, tarfile.PAX_FORMAT, comment="of another program")) == files


def test_what_is_not_read_of_a_file_is_passed_over() -> None:
    files = some_files(False)
    assert [name for name, _ in members(io.BytesIO(made(files, tarfile.PAX_FORMAT)))] == [n for n, _ in files]


def test_a_length_above_8_gb_is_in_the_extended_head() -> None:
    info = tarfile.TarInfo("station.db")
    info.pax_headers = {"size": "3"}  # its own head says 0, as if there were no room for more
    tar = info.tobuf(tarfile.PAX_FORMAT) + b"abc".ljust(512, b"\0") + bytes(1024)
    with tarfile.open(fileobj=io.BytesIO(tar)) as peer:
        assert peer.getmembers()[0].size == 3
    assert read(tar) == [("station.db", b"abc")]


class Crumbs(io.BytesIO):
    """A line that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size or 0, 7))


def test_it_comes_in_crumbs() -> None:
    files = some_files(False)[:4]
    found = [(name, part.whole(600)) for name, part in members(Crumbs(made(files, tarfile.PAX_FORMAT)))]
    assert found == files


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, b"7", b"Z",
        tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.GNUTYPE_SPARSE, tarfile.XGLTYPE,
    ],
)  # fmt: skip
def test_anything_else_is_refused(kind: bytes) -> None:
    info = tarfile.TarInfo("x")
    info.type = kind
    with pytest.raises(tarfile.ReadError, match="which is no plain file"):
        read(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))


def head(name: str, **more: object) -> bytes:
    info = tarfile.TarInfo(name)
    for key, value in more.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    ("tar", "told"),
    [
        (head("x", size=-1), "a length below 0"),
        (head("x", type=tarfile.XHDTYPE, size=5000), "which is no plain file"),
        *(
            (head("x", type=tarfile.XHDTYPE, size=11) + text.ljust(512, b"\0") + head("x"), "length is none")
            for text in (b"11 size=-9\n", b"11 size=xy\n")
        ),
        *(
            (head("x", type=tarfile.XHDTYPE, size=512) + text.ljust(512, b"\0") + head("x"), "that is none")
            for text in (b"0 a=b\n", b"-7 a=b\n", b"99999 a=b\n", b"a=b\n", b"")
        ),
        (b"no tar at all".ljust(512), "checksum"),
    ],
)
def test_a_head_that_says_nonsense_is_refused(tar: bytes, told: str) -> None:
    with pytest.raises(tarfile.TarError, match=told):
        read(tar + bytes(1024))


def test_wherever_it_is_cut_it_is_told() -> None:
    files = some_files(False)[:5]
    tar = made(files, tarfile.PAX_FORMAT)
    whole = 512 * sum(1 + -(-len(content) // 512) + 2 * (not name.isascii()) for name, content in files)
    for length in [*range(0, whole, 512), *range(1, whole, 37)]:
        with pytest.raises(tarfile.ReadError, match="cut short"):
            read(tar[:length])
