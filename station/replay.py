"""A recording played as a source: the station meets it as if it happened now."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from station.analysis import recorded_params
from station.conversions import Calibration, Kind, Records, SourceInfo, empty_records
from station.errors import UserError
from station.importing import IMPORTED, read_forces
from station.recording import MarkRow, Recording
from station.session_file import is_session_file

LEAD_NS = 1_000_000_000  # the first conversion comes a second after the start
POLL_EVERY_NS = 10_000_000


class Replay:
    """Plays the conversions of a file once; a `Source`.

    Parameters
    ----------
    records : shape (n,), oldest first, on the file's clock
    info : how it describes itself
    epoch_ns : the data time at which the file's first conversion is due, less `LEAD_NS`
    start_ns : nothing before is given (a sampler that was started again goes on there)

    """

    def __init__(self, records: Records, info: SourceInfo, epoch_ns: int, start_ns: int) -> None:
        self._info = info
        self._records = records.copy()
        self._records["seq"] = 0  # the sampler numbers them anew
        self._records["t_ns"] += epoch_ns + LEAD_NS - int(records["t_ns"][0])
        self._records["t_ns"] -= self._records["t_ns"] % 1000
        self._next = int(np.searchsorted(self._records["t_ns"], start_ns))

    @classmethod
    def open(cls, path: Path, epoch_ns: int, start_ns: int | None = None) -> Replay:
        """Open a session file or a force file.

        Raises
        ------
        UserError : it can't be played; the text says why

        """
        records, info = _load(path)
        if not len(records):
            raise UserError(f"{path} holds no conversions: there is nothing to play.")
        return cls(records, info, epoch_ns, epoch_ns if start_ns is None else start_ns)

    @property
    def info(self) -> SourceInfo:
        """How the source describes itself."""
        return self._info

    def poll(self, now_ns: int) -> Records:
        """Return what is due up to `now_ns`."""
        end = int(np.searchsorted(self._records["t_ns"], now_ns, side="right"))
        due = self._records[self._next : end] if end > self._next else empty_records()
        self._next = max(self._next, end)
        return due

    def next_poll_ns(self, now_ns: int) -> int:
        """Return when polling is worth while again."""
        return now_ns + POLL_EVERY_NS

    def close(self) -> None:
        """Nothing is held."""


def _load(path: Path) -> tuple[Records, SourceInfo]:
    """Return the conversions of a file, and how it is to describe itself."""
    if not is_session_file(path):
        imported = read_forces(path)
        return imported.records, _info(path, imported.rate_hz, 0.0, IMPORTED, simulated=False)
    recording = Recording.read(path)
    params = recorded_params(recording)
    blocks = [item for item in recording.log() if not isinstance(item, MarkRow)]
    records = np.concatenate(blocks) if blocks else empty_records()
    info = _info(
        path,
        params.nominal_rate_hz,
        params.filter_delay_s,
        params.calibration,
        simulated=bool(recording.meta.get("simulated")),
    )
    return records[records["kind"] == Kind.CONVERSION], info


def _info(
    path: Path, rate_hz: float, delay_s: float, calibration: Calibration, *, simulated: bool
) -> SourceInfo:
    return SourceInfo("replay", rate_hz, simulated, delay_s, calibration, f"recording {path.name}")
