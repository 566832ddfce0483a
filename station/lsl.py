"""The live outlet for laboratories: forces and markers as two streams of the Lab Streaming Layer.

Off unless the config says otherwise: then nothing of it is loaded and no socket is open. The core thread
only hands things over; a thread of its own pushes them, and what finds no room is dropped and told.
docs/LSL.md describes the streams. Nobody's name goes out.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import socket
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from station.conversions import CELL_WORDS, SourceInfo
from station.errors import UserError
from station.recording import MarkRow
from station.signal.model import BOUNDARIES, Event, Frames, Params, Rep, RepClosed, RepCounted

MOST_WAITING = 2000  # blocks of frames and markers: about 20 s
SET_MARKS = ("set_start", "set_resume", "set_end", "set_void")
CHANNELS = (*CELL_WORDS, "total")
STOP_WITHIN_S = 2.0

_log = logging.getLogger(__name__)


def outlet(wanted: bool) -> Outlet | None:
    """Return a running outlet; None where none is wanted, or none can be: the log says why."""
    if not wanted:
        return None
    try:
        return Outlet()
    except UserError as error:  # a gym goes on without
        _log.error("%s", error)
        return None


class Outlet:
    """Two streams, from the moment at which the source is known.

    Raises
    ------
    UserError : pylsl or its library is missing; the text says what to install

    """

    def __init__(self) -> None:
        self._pylsl = _pylsl()
        self._waiting: queue.Queue[SourceInfo | Frames | Event | MarkRow | None] = queue.Queue(MOST_WAITING)
        self._dropping = False
        self._source: SourceInfo | None = None
        self._forces: Any = None
        self._markers: Any = None
        self._last_ns = -1
        self._thread = threading.Thread(target=self._run, name="lsl", daemon=True)
        self._thread.start()

    def see(self, thing: SourceInfo | Frames | Event | MarkRow) -> None:
        """Take what the session shows; never waits."""
        if isinstance(thing, Frames) and not len(thing):
            return
        try:
            self._waiting.put_nowait(thing)
        except queue.Full:
            if not self._dropping:
                _log.warning("LSL does not keep up: its streams have a gap; the recording has none.")
            self._dropping = True

    def stop(self) -> None:
        """Push what was handed over, then close the streams."""
        try:
            self._waiting.put(None, timeout=STOP_WITHIN_S)
        except queue.Full:
            return
        self._thread.join(STOP_WITHIN_S)

    # --- the thread ---

    def _run(self) -> None:
        try:
            while (thing := self._waiting.get()) is not None:
                self._push(thing)
                if self._waiting.empty():
                    self._dropping = False
        except RuntimeError as error:  # what pylsl raises for whatever the library refuses
            _log.error("LSL has stopped (%s): start the station again for its streams.", error)
        self._forces = self._markers = None  # which closes them

    def _push(self, thing: SourceInfo | Frames | Event | MarkRow) -> None:
        if isinstance(thing, SourceInfo):
            if thing != self._source:
                self._open(thing)
        elif self._source is None:
            return
        elif isinstance(thing, Frames):
            self._push_frames(thing)
        elif (told := marker(thing)) is not None:
            t_ns, body = told
            self._markers.push_sample([json.dumps(body)], t_ns / 1e9)

    def _push_frames(self, frames: Frames) -> None:
        """Push what is newer than all before: a fold that begins or goes on may repeat a stretch."""
        new = frames.t_ns > self._last_ns
        t_ns = frames.t_ns[new]
        if len(t_ns):
            self._last_ns = int(t_ns[-1])
            self._forces.push_chunk(np.column_stack((frames.force_n, frames.total_n))[new], t_ns / 1e9)

    def _open(self, source: SourceInfo) -> None:
        lsl, here = self._pylsl, socket.gethostname()
        self._source = source
        self._forces = self._markers = None
        forces = lsl.StreamInfo(
            "Heeldrive", "Force", len(CHANNELS), Params.frame_rate_hz, "float32", f"heeldrive-{here}-forces"
        )
        markers = lsl.StreamInfo(
            "Heeldrive markers", "Markers", 1, 0.0, "string", f"heeldrive-{here}-markers"
        )
        channels = forces.desc().append_child("channels")
        for word in CHANNELS:
            channel = channels.append_child("channel")
            for key, value in {"label": word, "unit": "N", "type": "Force"}.items():
                channel.append_child_value(key, value)
        for info in (forces, markers):
            told = info.desc().append_child("heeldrive")
            told.append_child_value("simulated", json.dumps(source.simulated))
            told.append_child_value("adc_delay_s", f"{source.filter_delay_s:g}")
        self._forces, self._markers = lsl.StreamOutlet(forces), lsl.StreamOutlet(markers)
        _log.info("LSL: forces and markers are offered to this network")


def marker(thing: Event | MarkRow) -> tuple[int, dict[str, Any]] | None:
    """Return a marker's time, ns, and what it says, None for what is not told.

    Only what is picked here leaves the station: the marks of a session have names and notes in them.
    """
    if isinstance(thing, MarkRow):
        if thing.kind not in SET_MARKS:
            return None
        side = {"side": thing.body["side"]} if thing.kind == "set_start" else {}
        return thing.t_ns, {"event": thing.kind, "set": thing.body["number"], **side}
    if isinstance(thing, RepCounted):
        return thing.t_ns, {"event": "rep_counted", "rep": thing.id}
    if isinstance(thing, RepClosed):
        return thing.decided_ns, {"event": "rep_closed", "rep": thing.rep.id, **_closed(thing.rep)}
    return thing.decided_ns, {"event": "rep_withdrawn", "rep": thing.id}


def _closed(rep: Rep) -> dict[str, Any]:
    """Return a rep's boundaries in s of the streams' clock, None where not known."""
    at_ns = {name: getattr(rep, f"{name}_ns") for name in BOUNDARIES}
    at_s = {f"{name}_s": None if t_ns is None else t_ns / 1e9 for name, t_ns in at_ns.items()}
    return {"style": rep.style, "complete": rep.complete, **at_s}


def _pylsl() -> ModuleType:
    """Load pylsl and a liblsl: one that pylsl finds, or the one in the wheel of mne-lsl; raises UserError."""
    try:
        return import_module("pylsl")
    except RuntimeError:  # it has not found a library
        library = _carried_library()
    except ImportError:
        library = None
    if library is not None:
        os.environ["PYLSL_LIB"] = str(library)
        return import_module("pylsl")
    raise UserError(
        "LSL is switched on and can't be had, the station goes on without: it needs pylsl and liblsl,"
        " `pip install 'heeldrive[lsl]'`."
    )


def _carried_library() -> Path | None:
    """Return the liblsl inside the wheel of mne-lsl, which is not loaded itself; None without.

    pylsl's own wheel has none for aarch64, and Debian no package of it.
    """
    spec = find_spec("mne_lsl")
    folders = [] if spec is None else list(spec.submodule_search_locations or ())
    found = sorted(path for folder in folders for path in Path(folder, "lsl", "lib").glob("liblsl.so*"))
    return found[0] if found else None
