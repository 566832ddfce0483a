"""What nobody should send, made by the thousand: near misses of what is right, and anything at all."""

from __future__ import annotations

import io
import json
import struct
import tarfile
import zlib
from typing import Any

import numpy as np
import zstandard
from hypothesis import strategies as st

from hardware.mock import MockAdc, simulate
from station.conversions import CELL_WORDS, GREETING_LENGTH, Greeting
from station.packing import pack

LOG, _ = simulate(0.3)
DEEP = "[" * 3000
ODD_WORDS = [
    "", "0", "-1", "-0", "nan", "NaN", "-inf", "Infinity", "1e999", "1e300",
    "-1e9", "0,5", "1_0", "٣", "0x10",
    "1" * 400, "1" * 5000, "null", "true", "../../etc/passwd", "/dev/zero", "a'; DROP TABLE meta; --", "=1+1",
    "\x00", "\x1b[2J", "\u202e", "\ud800", "\ufeff", "\r", "\u2028", '"', '"a""', "é", "𝟘",
    " ", DEEP, "{}", "[]",
]  # fmt: skip

words: Any = st.one_of(
    st.sampled_from(ODD_WORDS), st.text(max_size=12), st.floats().map(str), st.integers().map(str)
)
numbers: Any = st.one_of(
    st.floats(),
    st.integers(),
    st.sampled_from([10**400, -(10**400), 2**63, -(2**63) - 1, 2**31, 0, -1, 1e308]),
)
values: Any = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, words),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(words, inner, max_size=3)),
    max_leaves=6,
)


def as_json(value: object) -> bytes:
    """Return JSON with all that Python's writer lets through: nan, half surrogates."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


@st.composite
def spoilt(draw: Any, whole: bytes) -> bytes:
    """Draw bytes that were right but for some: changed, cut out, doubled, cut off, in another order."""
    content = bytearray(whole)
    for _ in range(draw(st.integers(1, 5))):
        if not content:
            break
        at, length = draw(st.integers(0, len(content) - 1)), draw(st.sampled_from([1, 1, 2, 4, 8, 100, 1000]))
        match draw(st.sampled_from("scde")):
            case "s":
                content[at : at + length] = draw(st.binary(max_size=8))
            case "c":
                del content[at : at + length]
            case "d":
                content[at:at] = content[at : at + length]
            case _:
                end = draw(st.integers(0, len(content) - 1))
                content[at : at + 8] = content[end : end + 8]
    return bytes(content[: draw(st.sampled_from([len(content), len(content), len(content) // 2, 90]))])


@st.composite
def changed(draw: Any, value: Any) -> Any:
    """Draw a JSON value that is right but for one place in it."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(value)))
        match draw(st.integers(0, 5)):
            case 0:
                return {k: v for k, v in value.items() if k != key}
            case 1:
                return value | {draw(words): draw(values)}
            case _:
                return value | {key: draw(changed(value[key]))}
    if isinstance(value, list | tuple) and value and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(changed(value[at])), *value[at + draw(st.integers(0, 1)) :]]
    return draw(values)


# Force files.

HEADERS = [
    ["t_s", *(f"{cell}_n" for cell in CELL_WORDS)], ["t_s", "total_n"], ["t_s", "cell", "force_n"],
    ["time", "ground_force1_vx", "ground_force1_vy", "ground_force1_vz"],
]  # fmt: skip


@st.composite
def force_files(draw: Any) -> bytes:
    """Draw a force file with a cell or two that nobody can read, in any of the dialects."""
    mark = draw(st.sampled_from(",;\t"))
    header = draw(st.sampled_from(HEADERS))
    rows = [list(header)]
    step_s = draw(st.sampled_from([0.01, 1e-9, 9.9, 1e8, 0.0, -0.01]))
    start_s = draw(st.sampled_from([0.0, -0.05, -1e9, 1e9 - 1, 12345.678]))
    for n in range(draw(st.integers(0, 12))):
        force = draw(st.sampled_from(["1.5", "200000", "-200000", "", "12"]))
        cell = CELL_WORDS[n % 4]
        filled = [
            f"{start_s + n * step_s!r}",
            *([cell, force] if "cell" in header else [force] * (len(header) - 1)),
        ]
        rows.append(filled)
    for _ in range(draw(st.integers(0, 3))):
        row = draw(st.sampled_from(rows))
        row[draw(st.integers(0, len(row) - 1))] = draw(words) if row else ""
        if draw(st.integers(0, 4)) == 0:
            row.pop()
            row.append("")
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = end.join(mark.join(row) for row in rows) + end * draw(st.integers(0, 2))
    if mark != "," and draw(st.booleans()):
        text = text.replace(".", ",")
    if header[0] == "time" or draw(st.integers(0, 9)) == 0:
        text = f"jump{end}version=1{end}nRows={len(rows)}{end}endheader{end}" + text
    encoding = draw(st.sampled_from(["utf-8"] * 6 + ["utf-8-sig", "utf-16", "latin-1", "cp037"]))
    content = text.encode(encoding, "surrogatepass" if encoding.startswith("utf") else "replace")
    return draw(spoilt(content)) if draw(st.integers(0, 4)) == 0 else content


# Blocks of records, and what hangs on them.


@st.composite
def record_bytes(draw: Any) -> bytes:
    """Draw records whose fields may hold anything, some with times and cells as they should be."""
    n = draw(st.integers(1, 40))
    records = np.frombuffer(draw(st.binary(min_size=24 * n, max_size=24 * n)), LOG.dtype).copy()
    if draw(st.booleans()):
        records["kind"], records["status"] = 0, 0
        records["cell"] %= 4
    if draw(st.booleans()):
        step_ns = draw(st.sampled_from([1000, 12_500_000, 9_900_000_000, 2**50]))
        records["t_ns"] = np.cumsum(np.full(n, step_ns)) + draw(st.sampled_from([0, 10**15, 2**61]))
    return records.tobytes()


def _planes(raw: bytes) -> bytes:
    return zlib.compress(np.frombuffer(raw, np.uint8).reshape(-1, 24).T.tobytes(), 1)


@st.composite
def bombs(draw: Any) -> bytes:
    """Draw a small block that says it is a large one."""
    n = draw(st.sampled_from([1, 1000, 2**20, 2**20 + 1, 2**32 - 1]))
    frame = zstandard.ZstdCompressor().compress(bytes(draw(st.sampled_from([0, 1000, 2**20]))))
    head = struct.pack("<BBHIQq", 2, draw(st.integers(0, 3)), 1, n, 0, 0) + struct.pack("<BBIi", 0, 0, n, 0)
    column = bytes([draw(st.integers(0, 9))]) + struct.pack("<I", len(frame)) + frame
    return head + column * draw(st.integers(0, 6))


blocks: Any = st.one_of(
    spoilt(pack(LOG)), spoilt(_planes(LOG.tobytes())), record_bytes().map(_planes), bombs(),
    st.binary(max_size=200),
    record_bytes().map(lambda raw: pack(np.frombuffer(raw, LOG.dtype))),
)  # fmt: skip


# The sampler's end of the socket.


def _greeting() -> dict[str, Any]:
    source = MockAdc(seed=1, epoch_ns=0, start_ns=0).info
    said = Greeting("0" * 32, "boot", 0, 0, 1.0, 1, source, ("a note",)).as_bytes()
    return dict(json.loads(said[GREETING_LENGTH.size :]))


GREETING = _greeting()
CALIBRATION: dict[str, Any] = GREETING["source"]["calibration"]


@st.composite
def answers(draw: Any) -> bytes:
    """Draw what something behind the sampler's socket says to a station."""
    body = draw(
        st.one_of(changed(GREETING).map(as_json), spoilt(as_json(GREETING)), st.just(as_json(GREETING)))
    )
    length = draw(st.sampled_from([len(body)] * 6 + [0, 1, len(body) + 9, 2**32 - 1, 2**31]))
    return GREETING_LENGTH.pack(length) + body + draw(record_bytes()) + draw(st.binary(max_size=23))


calibrations: Any = st.one_of(
    changed(CALIBRATION).map(as_json), spoilt(as_json(CALIBRATION)), values.map(as_json),
    st.binary(max_size=60),
    st.just(b"[" * 20_000),
)  # fmt: skip


# config.toml

CONFIG = b"""
[adc]
backend = "mock"
rate_hz = 80.0
[adc.pins]
heel_left = { dout = 5, sck = 6 }
heel_right = { dout = 17, sck = 18 }
toe_left = { dout = 22, sck = 23 }
toe_right = { dout = 24, sck = 25 }
[plate]
type = "split"
heel_spacing_mm = 200
cell_capacity_kg = 50
[server]
host = "127.0.0.1"
port = 8000
host_names = ["plate.gym.example"]
[coach]
heel_share_least = 0.4
mastery_reps = 12
"""
_TOML = [
    b"nan", b"-inf", b"1e999", b"true", b'""', b"[]", b"{}", b"0x" + b"f" * 5000, b"1" * 5000, b"1" * 400,
    b"[" * 3000,
    b"2026-11-21", b"'../../x'", b'"\\u0000"', b"\xff", b"-1", b"[1, [2]]", b"{ a.b = 1 }",
]  # fmt: skip


@st.composite
def configs(draw: Any) -> bytes:
    """Draw a config with values that are none."""
    lines = CONFIG.splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(1, len(lines) - 1))
        key = lines[at].split(b" = ")[0]
        value = draw(
            st.one_of(st.sampled_from(_TOML), st.text(max_size=8).map(lambda t: t.encode("utf-8", "replace")))
        )
        lines[at] = key + b" = " + value if draw(st.integers(0, 7)) else value
    whole = b"\n".join(lines)
    return draw(spoilt(whole)) if draw(st.integers(0, 5)) == 0 else whole


# Backups.

_NAMES = [
    "station.db", "truth.jsonl", "manifest.json", "sessions/session-00001.heeldrive", "../x", "/tmp/x",
    "a/../../x",
    "sessions/session-00001.heeldrive/x", "sessions/session-99999999999999.heeldrive", "station.db\n",
    "\x1b[2J",
]  # fmt: skip
_KINDS = [
    tarfile.REGTYPE, tarfile.REGTYPE, tarfile.REGTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE,
    tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE,
    tarfile.XGLTYPE, tarfile.CONTTYPE, b"?",
]  # fmt: skip


@st.composite
def archives(draw: Any, whole: bytes) -> bytes:
    """Draw a backup that is damaged, or has members that no station makes."""
    content = b""
    for _ in range(draw(st.integers(0, 3))):
        info = tarfile.TarInfo(draw(st.one_of(st.sampled_from(_NAMES), words.filter(str.isascii))))
        info.type, info.linkname = (
            draw(st.sampled_from(_KINDS)),
            draw(st.sampled_from(["/etc/passwd", "../x"])),
        )
        text = draw(
            st.sampled_from([b"", b"30 GNU.sparse.size=99999999999\n", DEEP.encode(), b'{"files": []}'])
        )
        info.size = draw(st.sampled_from([len(text), 0, 10**10, 8**11 - 1]))
        content += info.tobuf(
            draw(st.sampled_from([tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])), errors="surrogateescape"
        )
        content += text.ljust(-(-len(text) // 512) * 512, b"\0")
    if draw(st.booleans()):
        return content + whole
    return content + draw(spoilt(whole))


@st.composite
def manifests(draw: Any, whole: bytes) -> bytes:
    """Draw a backup whose list of files says something else."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar, tarfile.open(fileobj=out, mode="w") as made:
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            text = content.read()
            if member.name == "manifest.json":
                text = as_json(draw(changed(json.loads(text))))
                member.size = len(text)
            made.addfile(member, io.BytesIO(text))
    return out.getvalue()
