"""Commands about what is kept, or asked of a running station: they need no chips, and no page."""

from __future__ import annotations

import contextlib
import json
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from station import config as configuration
from station.config import Config
from station.errors import UserError, shown
from station.plain import one_line


def configured(arguments: Namespace) -> Config:
    """Return the config, with what the command line says in its place."""
    config = configuration.load(arguments.config)
    given = {"backend": "adc", "host": "host", "port": "port"}
    chosen = {field: getattr(arguments, name, None) for field, name in given.items()}
    config = replace(config, **{field: value for field, value in chosen.items() if value is not None})
    if config.behind_proxy:
        _check_proxy(config.host)
    return config


def _check_proxy(host: str) -> None:
    from station.address import THIS_MACHINE

    if host not in THIS_MACHINE:
        raise UserError(
            "server.behind_proxy believes what a proxy says of who asks, so that nobody else may ask:"
            f' set server.host to "127.0.0.1", not {shown(host)}, or take behind_proxy out.'
        )


def _analyze(arguments: Namespace) -> int:
    from station.analysis import analyze
    from station.plot import checked, write
    from station.tables import analysis_text

    picture = checked(arguments.plot, arguments.file)
    better = None
    if arguments.calibration is not None:
        from station.calibration import chosen

        better = chosen.calibration(arguments.calibration, arguments.data)
    analysis = analyze(arguments.file, arguments.side, arguments.adc_delay_s, arguments.plate, better)
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
    from station.door import Scope
    from station.library import Library
    from station.progress import Progress

    library = Library(arguments.data)
    scope = Scope(arguments.session, arguments.set, arguments.athlete)
    forms = export.forms() if arguments.form == "all" else [arguments.form]
    try:
        with Progress(sys.stderr) as progress:
            for path in export.write(library, scope, forms, arguments.out, progress.say):
                print(one_line(str(path)))
    except LookupError as error:
        raise UserError(str(error.args[0])) from None
    return 0


def _backup(arguments: Namespace) -> int:
    from station import archive, restoring
    from station.machine import wall_clock

    restoring.refuse_half(arguments.data)
    now, trusted = wall_clock()
    length = archive.write(arguments.data, arguments.out, now if trusted else "")
    _note_backup(arguments.data)
    print(f"{arguments.out} holds everything ({length / 1e6:.1f} MB): keep it on another device.")
    return 0


def _note_backup(folder: Path) -> None:
    from station.library import LAST_BACKUP, Library
    from station.machine import wall_clock

    now, trusted = wall_clock()
    with contextlib.suppress(UserError):  # the backup is there all the same
        Library(folder).keep_setting(LAST_BACKUP, now if trusted else "")


def _restore(arguments: Namespace) -> int:
    from station import restoring

    if not arguments.file.is_file():
        raise UserError(f"There is no file {arguments.file}.")
    with _no_station(arguments.data):
        old = restoring.restore(arguments.file, arguments.data)
    print(f"Restored to {arguments.data}.")
    if old is not None:
        print(f"What was there is kept; `rm -r {shlex.quote(str(old))}` deletes it for ever.")
    return 0


def _forget(arguments: Namespace) -> int:
    from station.library import Library
    from station.tables import forgotten_text

    athlete = " ".join(arguments.athlete.split())
    with _no_station(arguments.data):
        done = Library(arguments.data).forget(athlete)
    print(forgotten_text(athlete, done))
    return 0


def _code(arguments: Namespace) -> int:
    from station.codes import Codes
    from station.library import Library

    codes = Codes(Library(arguments.data))
    codes.put(arguments.athlete, arguments.code)
    locked = "locked" if codes.needed else "open to everybody on this network"
    print(f"The history is {locked}.")
    return 0


@contextlib.contextmanager
def _no_station(folder: Path) -> Iterator[None]:
    """Keep a station from running on a data folder, or say that one does."""
    from station.supervisor import DataFolderLock

    lock = DataFolderLock(folder)
    try:
        yield
    finally:
        lock.release()


def _running_socket(folder: Path, what_for: str) -> Path:
    from station.supervisor import running_station

    facts = running_station(folder)
    if facts is None:
        raise UserError(f"No station runs on {folder}: start one with `heeldrive run`, then {what_for}.")
    return Path(str(facts["socket"]))


def _where(arguments: Namespace) -> int:
    from station.address import THIS_MACHINE, as_code, page_url
    from station.devices import Devices
    from station.library import Library
    from station.machine import wall_clock
    from station.pin import OwnerPin, spaced
    from station.supervisor import running_station

    facts = running_station(arguments.data)
    if facts is None:
        raise UserError(f"No station runs on {arguments.data}: start one with `heeldrive run`.")
    url = page_url(str(facts["host"]), int(str(facts["port"])))  # now: the network may have come since
    print(f"{as_code(url)}{url}")
    library = Library(arguments.data)
    if str(facts["host"]) not in THIS_MACHINE and not Devices(library, wall_clock).owned:
        print(f"To pair the first device, the owner's PIN: {spaced(OwnerPin(library.folder).read())}")
    return 0


def _pin(arguments: Namespace) -> int:
    from station.devices import Devices
    from station.library import Library
    from station.machine import wall_clock
    from station.pin import OwnerPin, spaced

    if not arguments.data.is_dir():
        raise UserError(f"There is no data folder {arguments.data}: name it with --data.")
    pin = OwnerPin(arguments.data)
    if arguments.new:
        made = pin.renew()
        gone = Devices(Library(arguments.data), wall_clock).revoke_all()
        print(f"{spaced(made)}\n{gone} paired device(s) have to be paired again.")
    else:
        print(spaced(pin.read()))
    return 0


def _calibrate(arguments: Namespace) -> int:
    from station import calibrate
    from station.calibration import chosen
    from station.calibration.procedure import Procedure
    from station.library import Library

    library = Library(arguments.data)
    if arguments.list:
        print("\n".join(calibrate.listed(library.calibrations())))
        return 0
    if arguments.show is not None:
        print(json.dumps(chosen.body(arguments.show, library), indent=1))
        return 0
    talk = calibrate.terminal(_running_socket(arguments.data, "calibrate its plate"))
    source = calibrate.greeted(talk).source
    before, known_zero = calibrate.in_force(library, source)
    procedure = Procedure(
        arguments.mass_kg,
        configured(arguments).plate,
        before,
        known_zero=known_zero,
        grid=arguments.grid,
        placing_mm=arguments.placing_mm,
    )
    found = calibrate.guide(talk, procedure)
    if found is None:
        print(calibrate.LET_BE)
        return 0
    library.keep_calibration(*found)
    print(calibrate.kept(found[0], source))
    return 0


def _verify(arguments: Namespace) -> int:
    from station import calibrate, verify
    from station.calibration import certificate, chosen
    from station.calibration.cells import CellClass
    from station.calibration.verifying import Verification, notes
    from station.library import Library

    cells = None if arguments.cells is None else CellClass.of(arguments.cells, arguments.capacity_kg)
    library = Library(arguments.data)
    talk = calibrate.terminal(_running_socket(arguments.data, "verify its plate"))
    before, known = calibrate.in_force(library, calibrate.greeted(talk).source)
    if not known:
        raise UserError("The plate is not calibrated: `heeldrive calibrate` comes first.")
    run = Verification(arguments.mass_kg, configured(arguments).plate, before, arguments.placing_mm)
    records = [one.get("record") for one in library.calibrations() if one["id"] == before.id]
    made = verify.guide(talk, run, cells, notes(run.mass_kg, records))
    chosen.keep_certificate(made, before.id, library)
    print("\n".join(["", *certificate.text(made)]))
    if arguments.out is not None:
        try:
            arguments.out.write_text(certificate.html(made), encoding="utf-8")
        except OSError as error:
            raise UserError(f"{arguments.out} can't be written ({error.strerror}).") from None
        print(f"To print: {arguments.out}")
    return 0


KEPT: dict[str, Callable[[Namespace], int]] = {
    "analyze": _analyze,
    "sessions": _sessions,
    "export": _export,
    "backup": _backup,
    "restore": _restore,
    "forget": _forget,
    "code": _code,
    "calibrate": _calibrate,
    "verify": _verify,
    "pin": _pin,
    "where": _where,
}
