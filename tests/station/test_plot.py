"""The picture of `analyze --plot`: what stands where, read back from the file."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from station.__main__ import main

SVG = "{http://www.w3.org/2000/svg}"
LIFT_OFFS_S = (5.0, 12.0, 19.0)
UP_S, HOLD_S, DOWN_S = 1.2, 1.5, 1.6


def write_lifts(path: Path, *, lift_offs_s=LIFT_OFFS_S, end_s=26.0, heel=0.6) -> Path:
    """Write a force curve by hand: a resting leg, and lifts with the inertia of a trapezoid of speed."""
    t = np.arange(0.0, end_s, 0.01)
    total = np.full(len(t), 90.0)
    for lift_off in lift_offs_s:
        touchdown = lift_off + UP_S + HOLD_S + DOWN_S
        share = np.clip((t - lift_off + 0.3) / 0.3, 0, 1) - np.clip((t - touchdown) / 0.25, 0, 1)
        total += 190.0 * share
        for start, length, sign in ((lift_off, UP_S, 1), (lift_off + UP_S + HOLD_S, DOWN_S, -1)):
            x = (t - start) / length
            moving = (x > 0) & (x < 1)
            minimum_jerk = (60 * x - 180 * x**2 + 120 * x**3) / length**2
            total += np.where(moving, sign * 9.0 * minimum_jerk + 70.0 * x * (1 - x), 0.0)
    total += np.random.default_rng(1).normal(0.0, 1.0, len(t))
    rows = [f"{a:.2f},{heel * f / 2:.3f},{heel * f / 2:.3f},{(1 - heel) * f / 2:.3f},{(1 - heel) * f / 2:.3f}"
            for a, f in zip(t, total, strict=True)]  # fmt: skip
    path.write_text("t_s,heel_left_n,heel_right_n,toe_left_n,toe_right_n\n" + "\n".join(rows) + "\n")
    return path


def picture(path: Path) -> ET.Element:
    return ET.fromstring(path.read_text())  # noqa: S314, our own file


def by_name(root: ET.Element, name: str) -> list[ET.Element]:
    return [e for e in root.iter(f"{SVG}g") if re.fullmatch(name, e.get("id", ""))]


def left_and_right(group: ET.Element) -> tuple[float, float]:
    """Return the first and last x of a drawn path."""
    (path,) = group.iter(f"{SVG}path")
    x = [float(pair[0]) for pair in re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path.get("d", ""))]
    return min(x), max(x)


def words(root: ET.Element) -> str:
    return " | ".join("".join(e.itertext()) for e in root.iter(f"{SVG}text"))


def test_phases_and_numbers_stand_where_the_lifts_are(tmp_path: Path) -> None:
    path, out = write_lifts(tmp_path / "lifts.csv"), tmp_path / "lifts.svg"
    assert main(["analyze", str(path), "--side", "left", "--plot", str(out)]) == 0
    root = picture(out)
    assert len(by_name(root, r"number-\d+")) == len(LIFT_OFFS_S)
    ups = [left_and_right(g) for g in by_name(root, r"up-\d+")]
    holds = [left_and_right(g) for g in by_name(root, r"hold-\d+")]
    downs = [left_and_right(g) for g in by_name(root, r"down-\d+")]
    per_s = (ups[-1][0] - ups[0][0]) / (LIFT_OFFS_S[-1] - LIFT_OFFS_S[0])
    zero = ups[0][0] - LIFT_OFFS_S[0] * per_s
    curve = left_and_right(by_name(root, "force-0")[0])
    assert (curve[0] - zero) / per_s == pytest.approx(0.0, abs=0.1)
    assert (curve[1] - zero) / per_s == pytest.approx(26.0, abs=0.1)
    for lift_off, up, hold, down in zip(LIFT_OFFS_S, ups, holds, downs, strict=True):
        assert (up[0] - zero) / per_s == pytest.approx(lift_off, abs=0.06)
        assert (up[1] - zero) / per_s == pytest.approx(lift_off + UP_S, abs=0.15)
        assert hold[0] == pytest.approx(up[1], abs=0.01)
        assert down[0] == pytest.approx(hold[1], abs=0.01)
        assert (down[1] - zero) / per_s == pytest.approx(lift_off + UP_S + HOLD_S + DOWN_S, abs=0.1)


def test_heel_share_and_count_are_written_as_words(tmp_path: Path) -> None:
    path, out = write_lifts(tmp_path / "a $1$ b.csv", heel=0.57), tmp_path / "p.svg"
    assert main(["analyze", str(path), "--side", "left", "--plot", str(out)]) == 0
    said = words(picture(out))
    assert "a $1$ b.csv" in said
    assert "3 reps in 26.0 s" in said
    assert "left foot" in said
    assert said.count("57 %") == 3


def test_a_file_without_reps_is_drawn_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write_lifts(tmp_path / "flat.csv", lift_offs_s=()), tmp_path / "flat.svg"
    assert main(["analyze", str(path), "--plot", str(out)]) == 0
    assert "No rep found" in words(picture(out))
    assert "no rep was found" in capsys.readouterr().err


def test_a_rep_that_the_end_cuts_is_hatched_and_has_no_number(tmp_path: Path) -> None:
    path, out = write_lifts(tmp_path / "cut.csv", end_s=20.5), tmp_path / "cut.svg"
    assert main(["analyze", str(path), "--plot", str(out)]) == 0
    root = picture(out)
    assert len(by_name(root, r"number-\d+")) == 2
    assert len(by_name(root, r"cut-\d+")) == 1


def test_a_recording_that_begins_just_before_its_clock_has_no_minus_zero(tmp_path: Path) -> None:
    session = Path(__file__).parent / "session_files" / "session-v2.heeldrive"
    out = tmp_path / "session.svg"
    assert main(["analyze", str(session), "--plot", str(out)]) == 0
    axis = words(picture(out)).split(" | ")
    assert "0 s" in axis
    assert "-0 s" not in axis


def test_a_long_recording_is_wrapped_between_reps(tmp_path: Path) -> None:
    lift_offs_s = tuple(5.0 + 7.0 * k for k in range(12))
    path, out = write_lifts(tmp_path / "long.csv", lift_offs_s=lift_offs_s, end_s=92.0), tmp_path / "long.svg"
    assert main(["analyze", str(path), "--plot", str(out)]) == 0
    root = picture(out)
    assert len(by_name(root, r"force-\d+")) == 3
    assert len(by_name(root, r"number-\d+")) == 12
    assert len(by_name(root, r"up-\d+")) == 12  # each in one row only
    assert len(by_name(root, r"down-\d+")) == 12


def test_a_png_is_one(tmp_path: Path) -> None:
    path, out = write_lifts(tmp_path / "lifts.csv"), tmp_path / "lifts.PNG"
    assert main(["analyze", str(path), "--plot", str(out)]) == 0
    head = out.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(head[16:20], "big") > 1500


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path) -> None:
    path = write_lifts(tmp_path / "lifts.csv")
    for name in ("a.svg", "b.svg", "a.png", "b.png"):
        assert main(["analyze", str(path), "--plot", str(tmp_path / name)]) == 0
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize(
    ("out", "says"),
    [
        ("p.pdf", "neither .png nor .svg"),
        ("p", "neither .png nor .svg"),
        ("no/such/p.svg", "can't be written"),
    ],
)
def test_a_picture_that_cannot_be_made_is_one_line(
    out: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lifts(tmp_path / "lifts.csv")
    assert main(["analyze", str(path), "--plot", str(tmp_path / out)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_the_recording_is_never_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_lifts(tmp_path / "lifts.csv").rename(tmp_path / "lifts.svg")
    before = path.read_bytes()
    assert main(["analyze", str(path), "--plot", str(path)]) == 1
    assert "is the recording itself" in capsys.readouterr().err
    assert path.read_bytes() == before
