"""Small inputs that say they are large, and large ones that say nothing: refused within little memory."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from parsers import SESSIONS

from station import recording
from station.conversions import RECORD
from station.errors import UserError
from station.packing import MOST_RECORDS, pack
from station.recording import Recording

HEADER = b"t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n"
MOST_BYTES = 1500 * 2**20  # of addresses: the program alone has some 800 MB of them
LARGE = 10 * 2**30


def heeldrive(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command with little memory, and no longer than it may take."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**30, 2**30))

    return subprocess.run(
        [sys.executable, "-m", "station", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=bounded,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )


def refused(*words: str) -> str:
    """Return the one line in which a command refuses."""
    done = heeldrive(*words)
    assert done.returncode != 0
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    return line


def large(path: Path, head: bytes = b"") -> Path:
    """Make a file of 10 GB that takes no room."""
    path.write_bytes(head)
    os.truncate(path, LARGE)
    return path


@pytest.mark.parametrize("head", [b"", HEADER, HEADER + b'0,1,2,3,"', b"x\nendheader\n"])
def test_a_line_of_10_gb_is_refused(tmp_path: Path, head: bytes) -> None:
    assert "more than 65536 characters" in refused("analyze", str(large(tmp_path / "curve.csv", head)))


def test_a_line_without_an_end_is_refused_from_a_pipe() -> None:
    assert "more than 65536 characters" in refused("analyze", "/dev/zero")


def test_a_config_or_a_calibration_of_10_gb_is_refused(tmp_path: Path) -> None:
    path = large(tmp_path / "large")
    assert "is not valid TOML" in refused("doctor", "--config", str(path), "--data", str(tmp_path / "data"))
    session = SESSIONS / "session-v2.heeldrive"
    assert "no calibration" in refused("analyze", str(session), "--calibration", str(path))


def bomb(path: Path, statement: str, *rows: tuple[object, ...]) -> None:
    path.write_bytes((SESSIONS / "session-v2.heeldrive").read_bytes())
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript("PRAGMA foreign_keys = OFF;" + (statement if not rows else ""))
        if rows:
            db.executemany(statement, rows)


def test_a_few_kb_of_session_that_hold_millions_of_records_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_RECORDS_OF_A_FILE", 2 * MOST_RECORDS)
    path = tmp_path / "session.heeldrive"
    block = pack(np.zeros(MOST_RECORDS, RECORD))
    rows = [(1, 10**9 + n, 10**9 + n, 0, block) for n in range(3)]
    bomb(path, "INSERT INTO block VALUES (?, ?, ?, ?, ?)", *rows)
    assert path.stat().st_size < 400_000
    with pytest.raises(UserError, match="more than 2097152 records"):
        Recording.read(path)


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) AS value FROM n"


@pytest.mark.parametrize(
    "statement",
    [
        f"DROP TABLE meta; CREATE VIEW meta AS {ENDLESS};",
        "CREATE TRIGGER t AFTER INSERT ON mark BEGIN DELETE FROM block; END;",
        "DROP TABLE rep; CREATE TABLE rep (id, set_number, body AS (zeroblob(1000000000)));",
    ],
    ids=["a view without an end", "a trigger", "a column that is worked out"],
)
def test_what_others_wrote_into_a_session_file_is_never_run(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "session.heeldrive"
    bomb(path, statement)
    assert "its tables are not those of one" in refused("analyze", str(path))


def sparse() -> bytes:
    info = tarfile.TarInfo("station.db")
    info.type = tarfile.GNUTYPE_SPARSE
    head = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    head[386:410] = b"00000000000\x00" + b"00000000000\x00"  # one piece: nothing
    head[483:495] = b"77777777777\x00"  # of 8 GB
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\x00 " % sum(head)
    return bytes(head)


def extended(kind: bytes) -> bytes:
    info = tarfile.TarInfo("x")
    info.type, info.size = kind, 8**11 - 512
    return info.tobuf()


@pytest.mark.parametrize(
    "made",
    [sparse, lambda: extended(tarfile.XHDTYPE), lambda: extended(tarfile.GNUTYPE_LONGNAME)],
    ids=["a sparse file of 8 GB", "an extended head of 8 GB", "a name of 8 GB"],
)
def test_a_backup_fills_neither_disk_nor_memory(tmp_path: Path, made: Callable[[], bytes]) -> None:
    path = large(tmp_path / "backup.tar", made())
    data = tmp_path / "data"
    assert "nothing was replaced" in refused("restore", str(path), "--data", str(data))
    assert {left.name: left.stat().st_size for left in data.iterdir()} == {"running.json": 0}
    assert not (tmp_path / "data.restoring").exists()


def test_few_rows_far_apart_are_not_drawn_out_to_millions_of_frames(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_bytes(HEADER + b"".join(b"%.1f,1,2,3,4\n" % (9.9 * n) for n in range(100_000)))
    assert "covers more than a day" in refused("analyze", str(path))
