"""What is taken: a set, a session, an athlete, everything; from the command line, and what is refused."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

import pytest
from exported import HOSTILE

from station import progress
from station.__main__ import main
from station.door import Scope
from station.export import LEFT_OUT, files
from station.library import Library
from station.progress import Progress


def export(library: Library, out: Path, *words: str) -> int:
    return main(["export", *words, "--out", str(out), "--data", str(library.folder)])


def numbers(folder: Path) -> set[str]:
    return {path.name[:13] for path in folder.iterdir()}


def test_each_scope_gives_what_it_says(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export(library, tmp_path / "one", "1", "--format", "csv") == 0
    assert sorted(capsys.readouterr().out.split()) == sorted(
        str(path) for path in (tmp_path / "one").iterdir()
    )
    assert numbers(tmp_path / "one") == {"session-00001"}
    assert export(library, tmp_path / "set", "1", "--set", "2") == 0
    assert {path.name.split("_")[1] for path in (tmp_path / "set").iterdir()} == {"set-02"}
    assert export(library, tmp_path / "who", "--athlete", HOSTILE) == 0
    assert numbers(tmp_path / "who") == {"athlete_%3D1+", "session-00002"}
    assert export(library, tmp_path / "all", "--everything", "--format", "all") == 0
    flat = {path.name for path in (tmp_path / "all").rglob("*") if path.is_file()}
    assert {name[:13] for name in flat} == {"session-00001", "session-00002"}
    assert {Path(name).suffix for name in flat} == {".csv", ".json", ".parquet", ".c3d", ".mot", ".html"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("7",), "There is no session 7"),
        (("1", "--set", "9"), "Session 1 has no set 9"),
        (("--athlete", "Bob"), "No athlete called Bob"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], says: str
) -> None:
    assert export(library, tmp_path, *words) == 1
    said = capsys.readouterr().err
    assert says in said
    assert len([line for line in said.splitlines() if " … " not in line]) == 1  # progress apart
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [(), ("1", "--everything"), ("--everything", "--set", "1"), ("1", "--format", "xls")]
)
def test_wrong_words_end_with_two(library: Library, tmp_path: Path, words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        export(library, tmp_path, *words)
    assert ended.value.code == 2


def test_a_damaged_session_is_named_and_the_others_are_there(library: Library, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(library.folder, data)
    damaged = Library(data)
    path = damaged.find(1)
    path.write_bytes(path.read_bytes()[:5_000])
    found = {name: b"".join(parts) for name, parts in files(damaged, Scope(), ["csv"])}
    assert {name[:13] for name in found} == {"session-00002", LEFT_OUT}
    assert found[LEFT_OUT].decode().startswith("Session 1: ")


def test_a_folder_that_can_not_be_written_is_told(
    library: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert export(library, tmp_path / "file", "1") == 1
    assert "choose another with --out" in capsys.readouterr().err


def test_sessions_are_worked_out_one_after_the_other(library: Library) -> None:
    said: list[str] = []
    found = files(library, Scope(), ["csv"], said.append)
    assert said == []
    name, _ = next(found)
    assert (name, said) == ("session-00001_curves.csv", ["session 1, 1 of 2"])
    assert [name for name, _ in found][-1] == "session-00002_metadata.json"
    assert said == ["session 1, 1 of 2", "session 2, 2 of 2"]


def test_a_curve_comes_in_pieces_of_one_size(library: Library) -> None:
    found = dict(files(library, Scope(1), ["csv"]))
    header, *parts = found["session-00001_curves.csv"]
    lines = [part.count(b"\n") for part in parts]
    assert header.count(b"\n") == 1
    assert sum(lines) > 9_000
    assert max(lines) == 5_000


def test_long_work_says_what_it_is_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_S", 0.001)
    out = io.StringIO()
    with Progress(out) as shown:
        for text in ("session 1", "session 2"):
            shown.say(text)
            deadline_s = time.monotonic() + 10
            while text not in out.getvalue() and time.monotonic() < deadline_s:
                time.sleep(0.001)
    said = out.getvalue().splitlines()
    assert [line.split(" …")[0] for line in said] == ["heeldrive: session 1", "heeldrive: session 2"]


def test_quick_work_says_nothing() -> None:
    out = io.StringIO()
    with Progress(out) as shown:
        shown.say("session 1")
    assert out.getvalue() == ""
