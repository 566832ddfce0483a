"""How long sessions are kept: the rule by hand, the sweep on a virtual clock, over real files."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from traces import begun, holding, recorded

from station.config import Config, load
from station.door import CommandRefused, SessionRow
from station.errors import UserError
from station.keeper import Keeper
from station.library import Library
from station.retention import due, kept_until, outlook
from station.safekeeping import Retention
from station.service import StationService
from station.session_writer import SessionWriter
from station.signal.model import Plate
from station.sweeper import AGAIN_AFTER_S, AT_A_TIME, EVERY_S, Sweeper

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def row(number: int, started_utc: str, *, dated: bool = True, state: str = "closed") -> SessionRow:
    return SessionRow(number, "Ada", started_utc, 60.0, 1, 8, state, False, "", dated)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("began", "months", "until"),
    [
        ("2026-01-31T10:00:00Z", 1, "2026-02-28T10:00:00+00:00"),
        ("2024-01-31T10:00:00Z", 1, "2024-02-29T10:00:00+00:00"),
        ("2026-12-05T00:00:00Z", 1, "2027-01-05T00:00:00+00:00"),
        ("2025-11-21T12:00:00Z", 24, "2027-11-21T12:00:00+00:00"),
        ("2026-03-01T01:00:00+02:00", 1, "2026-03-28T23:00:00+00:00"),
        ("2026-03-01T01:00:00", 1, "2026-04-01T01:00:00+00:00"),
    ],
)
def test_a_month_is_one_of_the_calendar(began: str, months: int, until: str) -> None:
    end = kept_until(row(1, began), months)
    assert end is not None
    assert end.isoformat() == until


@pytest.mark.parametrize("began", ["", "yesterday", "9999-12-01T00:00:00Z"])
def test_no_date_is_no_reason(began: str) -> None:
    assert kept_until(row(1, began), 12) is None
    assert due([row(1, began)], 12, NOW) == ()


def test_for_ever_is_for_ever() -> None:
    old = [row(1, "1990-01-01T00:00:00Z")]
    assert due(old, 0, NOW) == ()
    assert outlook(old, 0) == Retention(0)


def test_it_goes_by_the_second() -> None:
    rows = [row(1, "2026-10-21T12:00:00Z"), row(2, "2026-10-21T12:00:01Z")]
    assert due(rows, 1, NOW) == (1,)
    assert outlook(rows, 1) == Retention(1, 1, "2026-11-21T12:00:00Z")


OLD, YOUNG, NEVER_SET = "2020-01-01T00:00:00Z", "2026-11-01T00:00:00Z", "1970-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("rows", "gone"),
    [
        # the clock was never set: nothing is known
        ([row(1, NEVER_SET, dated=False)], ()),
        ([row(1, OLD, dated=False), row(2, YOUNG)], ()),
        # a later session is old: so is this one
        ([row(1, NEVER_SET, dated=False), row(2, OLD), row(3, YOUNG)], (1, 2)),
        ([row(1, "", state="damaged", dated=False), row(2, OLD)], (1, 2)),
        # it may have been after the old one
        ([row(1, OLD), row(2, NEVER_SET, dated=False), row(3, YOUNG)], (1,)),
        # files were brought here: their order proves nothing
        ([row(1, YOUNG), row(2, NEVER_SET, dated=False), row(3, OLD)], (3,)),
        ([row(0, NEVER_SET, dated=False), row(3, OLD)], (3,)),
        # an open one never goes, and proves nothing
        ([row(1, OLD, state="open")], ()),
        ([row(1, NEVER_SET, dated=False), row(2, OLD, state="open")], ()),
        ([row(1, OLD, state="interrupted")], (1,)),
    ],
)
def test_only_what_is_surely_old_goes(rows: list[SessionRow], gone: tuple[int, ...]) -> None:
    assert due(rows, 12, NOW) == gone
    assert due(rows[::-1], 12, NOW) == gone


@given(
    st.lists(
        st.tuples(st.integers(2018, 2026), st.booleans(), st.sampled_from(["closed", "open"])), max_size=12
    )
)
def test_no_session_that_is_young_in_truth_goes(truth: list[tuple[int, bool, str]]) -> None:
    """Sessions of one station, in order of time; of those with an unset clock the date is a lie."""
    truth.sort(key=lambda one: one[0])
    rows = [
        row(n, f"{year if dated else 1970}-06-01T00:00:00Z", dated=dated, state=state)
        for n, (year, dated, state) in enumerate(truth, start=1)
    ]
    gone = due(rows, 24, NOW)
    assert all(truth[n - 1][0] <= 2024 and truth[n - 1][2] != "open" for n in gone)
    assert set(gone) >= {
        n for n, (year, dated, state) in enumerate(truth, 1) if year <= 2024 and dated and state == "closed"
    }


# --- the sweep ---


class Days:
    """A sweeper whose time passes by hand."""

    def __init__(self, library: Library, months: int = 12) -> None:
        self.s = 0.0
        self.now = ("2026-11-21T12:00:00Z", True)
        self.asked: list[Sequence[int]] = []
        self.refuses = False
        self.library = library
        self.sweeper = Sweeper(library, months, lambda: self.now, self.expire, lambda: self.s)

    def expire(self, sessions: Sequence[int]) -> None:
        self.asked.append(tuple(sessions))
        if self.refuses:
            raise CommandRefused("A session is open.")
        self.library.expire(sessions)

    def after(self, seconds: float) -> list[Sequence[int]]:
        """Return what was asked for in the turns of so many seconds."""
        self.asked = []
        until_s = self.s + seconds
        while self.s < until_s:
            self.sweeper.turn()
            self.s += 60.0
        return self.asked


def dated(
    library: Library, athlete: str, started_utc: str, *, synchronised: bool = True, note: str = ""
) -> None:
    recorded(library, athlete, note)
    path = max(library.sessions_folder.glob("*.heeldrive"))
    writer = SessionWriter.reopen(path)
    writer.set_meta({"started_utc": started_utc, "clock_synchronised": synchronised})
    writer.commit()
    writer.close()


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    made = Library(tmp_path / "data")
    yield made
    made.close()


def test_it_deletes_at_the_start_and_once_a_day(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    dated(library, "Ada", "2025-11-20T00:00:00Z", note="a xylophone")
    dated(library, "Grace", "2025-11-22T00:00:00Z")
    dated(library, "Grace", YOUNG)
    library.remember("Grace", "visits", [{"session": 2, "sets": [1]}, {"session": 3, "sets": [1]}])
    days = Days(library)
    assert days.after(60) == [(1,)]
    assert caplog.messages == ["session 1 was kept for 12 months: it is deleted"]
    assert holding(library.folder, "Ada", "xylophone") == set(), "nobody without a session is remembered"
    assert library.athletes() == ["Grace"]
    days.now = ("2026-11-22T12:00:00Z", True)
    assert days.after(EVERY_S - 120) == []
    assert days.after(180) == [(2,)]
    assert [one.number for one in library.sessions()] == [3]
    assert library.recall("Grace", "visits") == [{"session": 3, "sets": [1]}]


def test_without_a_clock_that_is_set_it_waits(library: Library) -> None:
    dated(library, "Ada", OLD)
    days = Days(library)
    days.now = ("2026-11-21T12:00:00Z", False)
    assert days.after(EVERY_S) == []
    days.now = ("2026-11-21T12:00:00Z", True)
    assert days.after(AGAIN_AFTER_S + 60) == [(1,)]


def test_while_somebody_is_here_it_waits(library: Library) -> None:
    dated(library, "Ada", OLD)
    days = Days(library)
    days.refuses = True
    assert days.after(3 * AGAIN_AFTER_S) == [(1,)] * 3
    assert len(library.sessions()) == 1
    days.refuses = False
    assert days.after(AGAIN_AFTER_S + 60) == [(1,)]
    assert library.sessions() == []


def test_the_young_ones_and_the_undated_stay(library: Library) -> None:
    dated(library, "Ada", NEVER_SET, synchronised=False)
    dated(library, "Ada", YOUNG)
    days = Days(library)
    assert days.after(2 * EVERY_S) == []
    assert len(library.sessions()) == 2


def test_years_of_sessions_go_in_pieces(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(n, OLD) for n in range(1, 2 * AT_A_TIME + 2)]
    days = Days(library)
    monkeypatch.setattr(library, "sessions", lambda: rows)
    monkeypatch.setattr(
        library, "expire", lambda gone: [rows.remove(one) for one in rows[:] if one.number in gone]
    )
    assert [len(gone) for gone in days.after(3 * AGAIN_AFTER_S)] == [AT_A_TIME, AT_A_TIME, 1]
    assert rows == []


def test_somebody_with_sets_in_anothers_session_is_remembered(library: Library) -> None:
    dated(library, "Ada", OLD)
    recorded(library, "Grace", moved_to=("Ada",))
    library.meet("Ada", 2)
    assert Days(library).after(60) == [(1,)]
    assert set(library.athletes()) == {"Ada", "Grace"}


def test_the_running_station_deletes_nothing_while_a_session_waits(library: Library, tmp_path: Path) -> None:
    dated(library, "Ada", OLD)
    dated(library, "Ada", YOUNG)
    service = StationService(tmp_path / "none.sock", library, Plate(), "0", config=Config(keep_months=12))
    shown = service._snapshot
    try:
        service._snapshot = replace(shown, others=(object(),))  # type: ignore[arg-type]
        service._thread.start()
        service._publish = lambda **_: None  # type: ignore[method-assign]
        service._snapshot = replace(shown, others=(object(),))  # type: ignore[arg-type]
        with pytest.raises(CommandRefused, match="open"):
            service._expire([1])
        service._snapshot = shown
        pieces = service.safekeeping.backup()
        next(pieces)
        with pytest.raises(CommandRefused, match="backup"):
            service._expire([1])
        pieces.close()
        service._expire([1])
        assert [one.number for one in service.sessions()] == [2]
    finally:
        service.stop()


def test_the_owner_sees_what_goes_next(library: Library) -> None:
    dated(library, "Ada", NEVER_SET, synchronised=False)
    dated(library, "Ada", "2026-10-31T08:00:00Z")
    begun(library, "Eve").close()
    keeper = Keeper(library, library.forget, lambda: ("", False), keep_months=13)
    assert keeper.kept().retention == Retention(13, 2, "2027-11-30T08:00:00Z", undated=1)


# --- the setting ---


def configured(folder: Path, text: str) -> Config:
    path = folder / "config.toml"
    path.write_text(text)
    return load(path)


def test_the_setting(tmp_path: Path) -> None:
    assert configured(tmp_path, "").keep_months == 0
    assert configured(tmp_path, "[privacy]\nkeep_months = 0").keep_months == 0
    assert configured(tmp_path, "[privacy]\nkeep_months = 24").keep_months == 24


@pytest.mark.parametrize("value", ["-1", "1.5", "true", '"12"', "1201", "nan", "[]"])
def test_a_setting_that_is_none_is_refused_in_one_line(tmp_path: Path, value: str) -> None:
    with pytest.raises(
        UserError, match=r"privacy\.keep_months must be a whole number .* keep everything"
    ) as told:
        configured(tmp_path, f"[privacy]\nkeep_months = {value}")
    assert "\n" not in str(told.value)
    with pytest.raises(UserError, match="known are keep_months"):
        configured(tmp_path, f"[privacy]\nkeep_moths = {value}")
