"""The command line: the only place that joins the rooms."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import tempfile
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from station import arguments as words
from station import logs
from station.commands import KEPT, configured
from station.config import Config
from station.conversions import Source, empty_records
from station.errors import UserError
from station.plain import one_line

SLOWEST_PULSE_US = 100.0  # up and down: then the line is high for about half of it

if TYPE_CHECKING:
    from hardware.mock import MockAdc
    from station import calibrator
    from station.calibration.procedure import Empty, Put
    from station.checkup import Checkup
    from station.firstplate.guide import Act


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 when done, 1 otherwise. Wrong words end the program with 2."""
    arguments = words.parse(argv)
    try:
        return COMMANDS[arguments.name](arguments)
    except UserError as error:
        print(f"heeldrive: {one_line(str(error))}", file=sys.stderr)
    except BrokenPipeError:  # whoever read our output has had enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("heeldrive: interrupted.", file=sys.stderr)
    return 1


# --- the station and its two processes ---


def _run(arguments: Namespace) -> int:
    from station.address import THIS_MACHINE
    from station.supervisor import DataFolderLock, Supervisor, check_port

    config = configured(arguments)
    _check_source(config, arguments)
    lock = DataFolderLock(arguments.data)
    check_port(config.host, config.port)
    sampler = ["sampler", *_source_words(config, arguments), "--truth", str(arguments.data)]
    station = ["station", "--data", str(arguments.data), "--host", config.host, "--port", str(config.port)]
    if arguments.config is not None:
        station += ["--config", str(arguments.config)]
    # Seen by this computer alone and with no plate: there is nobody to keep out.
    alone = config.host in THIS_MACHINE and not config.behind_proxy
    pairing = not (alone and _no_plate(config, arguments))
    station += [] if pairing else ["--no-pairing"]
    child = ["--socket", "{socket}", "--parent-fd", "{parent}"]
    supervisor = Supervisor([*sampler, *child], [*station, *child], config.host, config.port, lock)
    # Said last: before the station has finished a restore that was cut short nobody may open the folder.
    return supervisor.run(lambda: f"{_headline(config, arguments)}\n{_welcome(arguments.data, pairing)}")


def _no_plate(config: Config, arguments: Namespace) -> bool:
    return config.backend in ("mock", "replay") or arguments.pins == "simulated"


def _welcome(folder: Path, pairing: bool) -> str:
    """Say how a device comes in."""
    from station.devices import Devices
    from station.library import Library
    from station.machine import wall_clock
    from station.pin import OwnerPin, spaced

    if not pairing:
        return "Open to this computer alone, on no real plate: no device has to be paired."
    if Devices(Library(folder), wall_clock).owned:
        return "Devices are paired with it; `heeldrive pin` shows the owner's PIN."
    return f"Pair the first device with the owner's PIN: {spaced(OwnerPin(folder).read())}"


def _source_words(config: Config, arguments: Namespace) -> list[str]:
    """Return the words that give a sampler process the same source."""
    found = ["--adc", config.backend, "--speed", str(arguments.speed), "--seed", str(arguments.seed)]
    for option in ("config", "replay", "pins"):
        value = getattr(arguments, option)
        found += [] if value is None else [f"--{option}", str(value)]
    return found


def _headline(config: Config, arguments: Namespace) -> str:
    if config.backend == "mock" or arguments.pins == "simulated":
        return "Heeldrive runs on a SIMULATED athlete."
    if config.backend == "replay":
        return f"Heeldrive plays {arguments.replay}."
    return f"Heeldrive runs on the plate ({config.backend})."


def _sampler(arguments: Namespace) -> int:
    from hardware.sampler import DataClock, Sampler, end_on_sigterm
    from station.notify import ServiceManager

    logs.to_stderr("sampler")
    epoch_ns = _epoch_ns(arguments.socket)
    clock = DataClock(epoch_ns, arguments.speed)
    config = configured(arguments)
    _check_source(config, arguments)
    source = _open_source(config, arguments, epoch_ns, clock.now_ns())
    notes = _readied(source, config, arguments)
    manager = ServiceManager()
    beside = _after_poll(source, config, arguments, epoch_ns)

    def after_poll(now_ns: int) -> None:
        manager.beat()  # each round, whatever the chips do: a dead chip is a fault shown, never a restart
        if beside is not None:
            beside(now_ns)

    sampler = Sampler(
        source, arguments.socket, clock, notes=notes, parent_fd=arguments.parent_fd, after_poll=after_poll
    )
    end_on_sigterm(sampler)
    sampler.run()
    manager.stopping()
    return 0


def _readied(source: Source, config: Config, arguments: Namespace) -> tuple[str, ...]:
    """Make this process fit to read the source; return what is to be said of it."""
    from hardware.priority import take_priority

    notes = _pulse_notes(source)
    if config.backend not in ("mock", "replay") and arguments.pins is None:
        notes += take_priority()  # a simulation must not take a laptop's CPU in real time
    return notes


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
    from station import restoring
    from station.address import page_answers, page_url
    from station.bundle import LogTail
    from station.library import Library
    from station.notify import ServiceManager, beat_while
    from station.service import StationService
    from station.supervisor import DataFolderLock
    from web.app import create_app
    from web.server import PageServer

    logs.to_stderr("station")
    log = LogTail()
    logging.getLogger().addHandler(log)
    ending = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent too, and it decides
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    config = configured(arguments)
    if arguments.parent_fd is None:  # a service on its own: with a parent, that one has told where we are
        lock = DataFolderLock(arguments.data)
        place = {"address": page_url(config.host, config.port), "host": config.host, "port": config.port}
        lock.tell({"pid": os.getpid(), **place, "socket": str(arguments.socket)})
    restored = restoring.finish(arguments.data)  # before anything opens the folder
    library = Library(arguments.data)
    helper = _simulated_helper(arguments.socket)
    service = StationService(
        arguments.socket,
        library,
        config.plate,
        version("heeldrive"),
        config.thresholds,
        config,
        log,
        restored,
        ending.set,
        helper,
    )
    app = create_app(
        service,
        pairing_needed=not arguments.no_pairing,
        hosts=config.host_names,
        behind_proxy=config.behind_proxy,
    )
    server = PageServer(app, config.host, config.port)
    service.start()
    try:
        server.start()
    except OSError as error:
        raise UserError(str(error.strerror or error)) from None
    _end_with_parent(arguments.parent_fd, ending)
    manager = ServiceManager()
    beat_while(manager, lambda: service.turning and page_answers(config.host, server.port, 5.0), ending)
    while not ending.wait(1.0):  # a signal that met the wait at the wrong moment is seen at the next turn
        pass
    manager.stopping()
    server.stop()
    service.stop()
    return 0


def _simulated_helper(socket_path: Path) -> calibrator.Helper:
    """Return what tells the simulated helper, by a file beside the socket, where a mass is to lie."""
    from hardware.helper import Order
    from station.calibration.procedure import Put

    heel = {"heel": 1.0, "toe": 0.0, "both": 0.5}

    def tell(t_ns: int, step: Put | Empty | None) -> None:
        if isinstance(step, Put):
            order = Order(t_ns, step.mass_kg, heel[step.spot.half], step.spot.lever)
        else:
            order = Order(t_ns, None if step is None else 0.0)
        with contextlib.suppress(OSError):  # then nobody helps, and the page still waits for the mass
            order.write(_told_path(socket_path))

    return tell


def _told_path(socket_path: Path) -> Path:
    return socket_path.with_suffix(".helper")


def _end_with_parent(parent_fd: int | None, ending: threading.Event) -> None:
    if parent_fd is None:
        return

    def watch() -> None:
        os.read(parent_fd, 1)  # nothing is ever written: it returns when the parent is gone
        ending.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()


# --- sources ---


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

    try:
        if arguments.pins is None:
            return open_bank(config.backend, config.pins, config.rate_hz)
        return _simulated_chips(config, _simulation(config, arguments, epoch_ns, start_ns))
    except HardwareError as error:
        raise UserError(str(error)) from None


def _simulated_chips(config: Config, athlete: MockAdc) -> Source:
    from hardware.bank import open_bank
    from hardware.pins import simulated_board

    board = simulated_board(config.pins, config.rate_hz, athlete.count_at)
    plate = athlete.info.calibration
    return open_bank(config.backend, config.pins, config.rate_hz, board=board, calibration=plate)


def _simulation(config: Config, arguments: Namespace, epoch_ns: int, start_ns: int) -> MockAdc:
    from hardware.helper import Helper
    from hardware.mock import MockAdc

    socket_path = getattr(arguments, "socket", None)  # only a sampler has one
    helper = None if socket_path is None else Helper(_told_path(socket_path), epoch_ns, arguments.seed)
    return MockAdc(
        seed=arguments.seed, epoch_ns=epoch_ns, start_ns=start_ns, rate_hz=config.rate_hz, helper=helper
    )


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


# --- commands that read the chips ---


def _sample(arguments: Namespace) -> int:
    from hardware.sampler import DataClock
    from hardware.sampling import sample

    config = configured(arguments)
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


def _doctor(arguments: Namespace) -> int:
    from station import bundle
    from station.doctor import as_text
    from station.library import Library

    config = configured(arguments)
    checkup, more = _checked_up(config, arguments)
    print("\n".join([as_text(checkup), *more]))
    if arguments.bundle is not None:
        athletes = Library(arguments.data).athletes() if arguments.data.is_dir() else []
        held = bundle.write(checkup, config, bundle.journal(), arguments.data, athletes)
        try:
            arguments.bundle.write_bytes(held)
        except OSError as error:
            raise UserError(
                f"{arguments.bundle} can't be written ({error.strerror}): choose another --bundle."
            ) from None
    return 1 if checkup.wrong else 0


def _checked_up(config: Config, arguments: Namespace) -> tuple[Checkup, list[str]]:
    """Return how all is, by the running station's sampler, or by the pins where none runs."""
    from station import doctor, machine
    from station.checkup import check_up
    from station.library import Library
    from station.link import LinkLost
    from station.supervisor import running_station
    from station.watchman import NO_SAMPLER

    facts = machine.look(arguments.data if arguments.data.is_dir() else Path.cwd())
    running = running_station(arguments.data)
    if running is not None:  # its sampler has the pins
        try:
            greeting, records = doctor.look_back(Path(str(running["socket"])))
        except LinkLost:
            return check_up(None, (), empty_records(), facts, also=[NO_SAMPLER]), []
        source, notes, more = greeting.source, greeting.notes, []
    else:
        _check_source(config, arguments)
        now_ns = time.monotonic_ns()
        chips = _open_source(config, arguments, now_ns, now_ns)
        source, notes = chips.info, _readied(chips, config, arguments)
        records = doctor.listen_to(chips)
        highest_ns = getattr(chips, "highest_ns", None)
        more = (
            []
            if highest_ns is None
            else [f"pulses   a clock line was high for {highest_ns / 1000:.0f} µs at most"]
        )
    known = Library(arguments.data).calibration() if arguments.data.is_dir() else None
    calibration = source.calibration or known
    return check_up(source, notes, records, facts, pins=config.pins, calibration=calibration), more


# --- the first minutes with a plate ---


def _firstplate(arguments: Namespace) -> int:
    from station.firstplate.guide import Talk
    from station.firstplate.log import LiveLog
    from station.firstplate.own import own_sampler
    from station.firstplate.run import FirstPlate
    from station.supervisor import running_station

    config = configured(arguments)
    act: Act = _nobody
    said: Callable[[], str] = str
    with contextlib.ExitStack() as stack:
        running = running_station(arguments.data)
        if running is not None:  # its sampler has the pins
            path = Path(str(running["socket"]))
        else:
            _check_source(config, arguments)
            if config.backend == "mock" or arguments.pins is not None:
                path, act = stack.enter_context(_rehearsed(config, arguments))
            else:
                own = stack.enter_context(own_sampler(_source_words(config, arguments)))
                path, said = own.socket, own.said
        log = stack.enter_context(contextlib.closing(LiveLog(path)))
        talk = Talk(print, input, act)
        FirstPlate(log, talk, config, arguments.data, arguments.out, said, version("heeldrive")).run()
    return 0


def _nobody(_word: str, _what: str, _mass_kg: float) -> tuple[float, str]:
    """Do nothing: a real person has done what was asked."""
    return 0.0, ""


@contextlib.contextmanager
def _rehearsed(config: Config, arguments: Namespace) -> Iterator[tuple[Path, Act]]:
    """Run a sampler in a thread, on a simulated person who does what is asked for, when it is."""
    from hardware.rehearsal import LEAD_S, Rehearsal
    from hardware.sampler import DataClock, Sampler

    clock = DataClock(time.monotonic_ns(), arguments.speed)
    rehearsal = Rehearsal(
        arguments.seed,
        epoch_ns=clock.epoch_ns,
        rate_hz=config.rate_hz,
        lead_s=LEAD_S * arguments.speed,
    )
    source = rehearsal.mock if arguments.pins is None else _simulated_chips(config, rehearsal.mock)
    with tempfile.TemporaryDirectory(prefix="heeldrive-") as folder:
        path = Path(folder) / "sampler.sock"
        sampler = Sampler(source, path, clock, notes=_pulse_notes(source))
        thread = threading.Thread(target=sampler.run, name="sampler", daemon=True)
        thread.start()
        try:
            yield path, lambda word, what, kg: rehearsal.do(word, what, kg, clock.now_ns())
        finally:
            sampler.stop(None)
            thread.join()


COMMANDS: dict[str, Callable[[Namespace], int]] = {
    **KEPT,
    "run": _run,
    "sampler": _sampler,
    "station": _station,
    "sample": _sample,
    "doctor": _doctor,
    "firstplate": _firstplate,
}


if __name__ == "__main__":
    sys.exit(main())
