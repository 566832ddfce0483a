"""The command line: the only place that joins the rooms."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from station import arguments as words
from station import config as configuration
from station.config import Config
from station.conversions import Source
from station.errors import UserError

SLOWEST_PULSE_US = 100.0  # up and down: then the line is high for about half of it

if TYPE_CHECKING:
    from hardware.mock import MockAdc


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 otherwise. Wrong words end the program with 2."""
    arguments = words.parse(argv)
    try:
        return COMMANDS[arguments.name](arguments)
    except UserError as error:
        print(f"heeldrive: {error}", file=sys.stderr)
    except BrokenPipeError:  # whoever read our output has had enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("heeldrive: interrupted.", file=sys.stderr)
    return 1


# --- the station and its two processes ---


def _run(arguments: Namespace) -> int:
    from station.supervisor import DataFolderLock, Supervisor, check_port

    config = _config(arguments)
    _check_source(config, arguments)
    lock = DataFolderLock(arguments.data)
    check_port(config.host, config.port)
    source = ["--adc", config.backend, "--speed", str(arguments.speed), "--seed", str(arguments.seed)]
    for option in ("config", "replay", "pins"):
        value = getattr(arguments, option)
        source += [] if value is None else [f"--{option}", str(value)]
    sampler = ["sampler", *source, "--truth", str(arguments.data)]
    station = ["station", "--data", str(arguments.data), "--host", config.host, "--port", str(config.port)]
    if arguments.config is not None:
        station += ["--config", str(arguments.config)]
    child = ["--socket", "{socket}", "--parent-fd", "{parent}"]
    supervisor = Supervisor([*sampler, *child], [*station, *child], config.host, config.port, lock)
    headline = _headline(config, arguments)
    if config.host not in ("127.0.0.1", "::1", "localhost"):
        headline += "\nAnyone on this network can use it: tablets are not paired yet."
    return supervisor.run(headline)


def _headline(config: Config, arguments: Namespace) -> str:
    if config.backend == "mock" or arguments.pins == "simulated":
        return "Heeldrive runs on a SIMULATED athlete."
    if config.backend == "replay":
        return f"Heeldrive plays {arguments.replay}."
    return f"Heeldrive runs on the plate ({config.backend})."


def _sampler(arguments: Namespace) -> int:
    from hardware.priority import take_priority
    from hardware.sampler import DataClock, Sampler, end_on_sigterm

    _log_to_stderr("sampler")
    epoch_ns = _epoch_ns(arguments.socket)
    clock = DataClock(epoch_ns, arguments.speed)
    config = _config(arguments)
    _check_source(config, arguments)
    source = _open_source(config, arguments, epoch_ns, clock.now_ns())
    notes = _pulse_notes(source)
    if config.backend not in ("mock", "replay") and arguments.pins is None:
        notes += take_priority()  # a simulation must not take a laptop's CPU in real time
    sampler = Sampler(
        source,
        arguments.socket,
        clock,
        notes=notes,
        parent_fd=arguments.parent_fd,
        after_poll=_after_poll(source, config, arguments, epoch_ns),
    )
    end_on_sigterm(sampler)
    sampler.run()
    return 0


def _pulse_notes(source: Source) -> tuple[str, ...]:
    """Say what a clock pulse costs; refuse a library with which no frame can be right.

    Raises
    ------
    UserError : each pulse would reset its chip

    """
    from hardware.bank import Bank

    if not isinstance(source, Bank):
        return ()
    cost_us = source.pulse_cost_ns() / 1000
    if cost_us > SLOWEST_PULSE_US:
        source.close()
        raise UserError(
            f"A clock pulse takes {cost_us:.0f} µs through this library, and a chip resets itself after 60:"
            " use --adc lgpio or --adc gpiod."
        )
    return (f"A clock pulse takes {cost_us:.1f} µs; a chip resets itself after 60.",)


def _epoch_ns(socket_path: Path) -> int:
    """Return where the data clock starts: kept beside the socket, so that a sampler started again goes on."""
    path = socket_path.with_suffix(".epoch")
    with contextlib.suppress(OSError, ValueError):
        return int(path.read_text(encoding="ascii"))
    epoch_ns = time.monotonic_ns()
    path.write_text(str(epoch_ns), encoding="ascii")
    return epoch_ns


def _station(arguments: Namespace) -> int:
    from station.library import Library
    from station.service import StationService
    from web.app import create_app
    from web.server import PageServer

    _log_to_stderr("station")
    ending = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, and it decides
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    config = _config(arguments)
    library = Library(arguments.data)
    service = StationService(arguments.socket, library, config.plate, version("heeldrive"), config.thresholds)
    server = PageServer(create_app(service, hosts=config.host_names), config.host, config.port)
    service.start()
    try:
        server.start()
    except OSError as error:
        raise UserError(str(error.strerror or error)) from None
    _end_with_parent(arguments.parent_fd, ending)
    ending.wait()
    server.stop()
    service.stop()
    return 0


def _end_with_parent(parent_fd: int | None, ending: threading.Event) -> None:
    if parent_fd is None:
        return

    def watch() -> None:
        os.read(parent_fd, 1)  # nothing is ever written: it returns when the parent is gone
        ending.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()


# --- sources ---


def _config(arguments: Namespace) -> Config:
    config = configuration.load(arguments.config)
    given = {"backend": "adc", "host": "host", "port": "port"}
    chosen = {field: getattr(arguments, name, None) for field, name in given.items()}
    return replace(config, **{field: value for field, value in chosen.items() if value is not None})


def _check_source(config: Config, arguments: Namespace) -> None:
    """Refuse, before any process starts, what can't go together."""
    if config.backend == "replay" and arguments.replay is None:
        raise UserError("--adc replay needs a recording: add --replay FILE.")
    if arguments.replay is not None and config.backend != "replay":
        raise UserError(f"--replay goes with --adc replay, not with {config.backend}.")
    if arguments.pins is not None and config.backend != "gpio":
        raise UserError("--pins simulated goes with --adc gpio.")
    if arguments.speed != 1.0 and config.backend not in ("mock", "replay"):
        raise UserError(f"--speed is for mock and replay: {config.backend} runs in real time.")
    if config.backend == "replay":
        from station.replay import Replay

        Replay.open(arguments.replay, 0)  # a file that can't be played is told here


def _open_source(config: Config, arguments: Namespace, epoch_ns: int, start_ns: int) -> Source:
    """Open what the config names, and nothing else in its stead."""
    if config.backend == "mock":
        return _simulation(config, arguments, epoch_ns, start_ns)
    if config.backend == "replay":
        from station.replay import Replay

        return Replay.open(arguments.replay, epoch_ns, start_ns)
    return _open_chips(config, arguments, epoch_ns, start_ns)


def _open_chips(config: Config, arguments: Namespace, epoch_ns: int, start_ns: int) -> Source:
    from hardware.bank import open_bank
    from hardware.gpio import HardwareError
    from hardware.pins import simulated_board

    try:
        if arguments.pins is None:
            return open_bank(config.backend, config.pins, config.rate_hz)
        athlete = _simulation(config, arguments, epoch_ns, start_ns)
        board = simulated_board(config.pins, config.rate_hz, athlete.count_at)
        plate = athlete.info.calibration
        return open_bank(config.backend, config.pins, config.rate_hz, board=board, calibration=plate)
    except HardwareError as error:
        raise UserError(str(error)) from None


def _simulation(config: Config, arguments: Namespace, epoch_ns: int, start_ns: int) -> MockAdc:
    from hardware.mock import MockAdc

    return MockAdc(seed=arguments.seed, epoch_ns=epoch_ns, start_ns=start_ns, rate_hz=config.rate_hz)


def _after_poll(
    source: Source, config: Config, arguments: Namespace, epoch_ns: int
) -> Callable[[int], None] | None:
    """Return what the sampler does beside sampling: a simulation's truth, or a first look at real chips."""
    from hardware.bank import Bank

    if isinstance(source, Bank) and not source.info.simulated:
        from hardware.first_look import first_look

        return first_look(source, time.monotonic_ns())
    return _truth_log(config, arguments, epoch_ns)


def _truth_log(config: Config, arguments: Namespace, epoch_ns: int) -> Callable[[int], None] | None:
    """Return what writes down the simulated athlete's truth, None without one or without a folder."""
    if arguments.truth is None or (config.backend != "mock" and arguments.pins is None):
        return None
    from hardware.truth import truth_log

    # From the epoch on: what was done while the sampler was down was done all the same.
    return truth_log(_simulation(config, arguments, epoch_ns, epoch_ns), arguments.truth)


# --- commands that need no station ---


def _sample(arguments: Namespace) -> int:
    from hardware.sampler import DataClock
    from hardware.sampling import sample

    config = _config(arguments)
    _check_source(config, arguments)
    epoch_ns = time.monotonic_ns()
    clock = DataClock(epoch_ns, arguments.speed)
    try:
        with arguments.out.open("w", encoding="utf-8", newline="") as file:
            source = _open_source(config, arguments, epoch_ns, epoch_ns)
            print(json.dumps(sample(source, clock, arguments.seconds, file)))
    except OSError as error:
        raise UserError(
            f"{arguments.out} can't be written ({error.strerror}): choose another --out."
        ) from None
    return 0


def _analyze(arguments: Namespace) -> int:
    from station.analysis import analyze
    from station.plot import checked, write
    from station.tables import analysis_text

    picture = checked(arguments.plot, arguments.file)
    analysis = analyze(arguments.file, arguments.side, arguments.adc_delay_s, arguments.plate)
    if picture is not None:
        print(f"heeldrive: {write(analysis, arguments.file.name, picture)}", file=sys.stderr)
    print(json.dumps(analysis.as_json(), indent=1) if arguments.json else analysis_text(analysis))
    return 0


def _sessions(arguments: Namespace) -> int:
    from station.library import Library
    from station.tables import sessions_text

    print(sessions_text(Library(arguments.data).sessions()))
    return 0


def _export(arguments: Namespace) -> int:
    from station import export
    from station.library import Library

    try:
        recording = Library(arguments.data).read(arguments.session)
    except LookupError as error:
        raise UserError(str(error.args[0])) from None
    for path in export.write(recording, arguments.form, arguments.out):
        print(path)
    return 0


def _running_socket(folder: Path, what_for: str) -> Path:
    from station.supervisor import running_station

    facts = running_station(folder)
    if facts is None:
        raise UserError(f"No station runs on {folder}: start one with `heeldrive run`, then {what_for}.")
    return Path(str(facts["socket"]))


def _calibrate(arguments: Namespace) -> int:
    from station import calibrate
    from station.doctor import listen
    from station.library import Library

    socket_path = _running_socket(arguments.data, "calibrate its plate")
    calibration = calibrate.guide(
        read=lambda seconds: listen(socket_path, seconds)[1], say=print, ask=input, mass_kg=arguments.mass_kg
    )
    Library(arguments.data).keep_calibration(calibration)
    print(f"Kept as {calibration.id}; it is used from the next start on.")
    return 0


def _doctor(arguments: Namespace) -> int:
    from station import doctor
    from station.supervisor import running_station

    config = _config(arguments)
    facts = running_station(arguments.data)
    if facts is not None:  # its sampler has the pins
        greeting, records = doctor.listen(Path(str(facts["socket"])), doctor.LISTEN_S)
        lines, well = doctor.report(greeting.source, greeting.notes, records)
    else:
        _check_source(config, arguments)
        now_ns = time.monotonic_ns()
        source = _open_source(config, arguments, now_ns, now_ns)
        notes = _pulse_notes(source)
        lines, well = doctor.report(source.info, notes, doctor.listen_to(source, doctor.LISTEN_S))
        if (highest_ns := getattr(source, "highest_ns", None)) is not None:
            lines.append(f"pulses   a clock line was high for at most {highest_ns / 1000:.0f} µs")
    print("\n".join(lines))
    return 0 if well else 1


def _log_to_stderr(name: str) -> None:
    logging.basicConfig(level=logging.INFO, format=f"{name}: %(message)s", stream=sys.stderr)


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "run": _run,
    "sampler": _sampler,
    "station": _station,
    "sample": _sample,
    "analyze": _analyze,
    "sessions": _sessions,
    "export": _export,
    "calibrate": _calibrate,
    "doctor": _doctor,
}


if __name__ == "__main__":
    sys.exit(main())
