"""The words of the command line, and what is said of wrong ones."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from station.calibration.solving import PLACING_MM
from station.config import BACKENDS

FORMS = ("csv", "parquet", "c3d", "mot", "json", "report")
DATA_HELP = "where sessions are kept (default %(default)s)"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the words of a command; `.name` says which. Ends the program with 2 for wrong words."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.name == "export" and arguments.set is not None and arguments.session is None:
        parser.error("--set goes with the number of a session")
    if getattr(arguments, "replay", None) is not None and arguments.adc is None:
        arguments.adc = "replay"
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="heeldrive",
        description="A force-plate station for the single-leg hip thrust.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"heeldrive {version('heeldrive')}")
    commands = parser.add_subparsers(dest="name", required=True, metavar="COMMAND")

    run = _command(commands, "run", "start the station: sampler, signal core and page")
    _source_options(run)
    _data_option(run)
    run.add_argument("--host", help="address to listen on (default 127.0.0.1: this machine only)")
    run.add_argument("--port", type=_port, help="default 8000")

    sample = _command(commands, "sample", "write conversions to a CSV file")
    _source_options(sample)
    sample.add_argument("--seconds", type=_positive, required=True, metavar="S")
    sample.add_argument("--out", type=Path, required=True, metavar="FILE.csv")

    analyze = _command(commands, "analyze", "reps of a session file or of a force curve made anywhere")
    analyze.add_argument("file", type=Path, metavar="FILE")
    analyze.add_argument("--side", choices=("left", "right"), help="planted foot; a session file knows it")
    analyze.add_argument("--json", action="store_true", help="print JSON instead of a table")
    analyze.add_argument(
        "--plot", type=Path, metavar="OUT.png", help="draw the curve and its reps, .png or .svg"
    )
    analyze.add_argument("--adc-delay-s", type=_delay, metavar="S", help="the converter's own filter delay")
    analyze.add_argument(
        "--calibration", metavar="ID|FILE", help="recalculate a session with another one; the output says so"
    )
    _data_option(analyze)
    analyze.add_argument("--plate", type=int, default=1, metavar="N", help="plate of an OpenSim-style file")

    sessions = _command(commands, "sessions", "list the recorded sessions")
    _data_option(sessions)

    export = _command(commands, "export", "take a session's curves home, or all there are")
    scope = export.add_mutually_exclusive_group(required=True)
    scope.add_argument(
        "session", type=int, nargs="?", metavar="SESSION", help="its number in `heeldrive sessions`"
    )
    scope.add_argument("--athlete", metavar="NAME", help="all of this athlete's sessions")
    scope.add_argument("--everything", action="store_true", help="all sessions of all athletes")
    export.add_argument("--set", type=int, metavar="N", help="this set of the session alone")
    export.add_argument("--format", choices=(*FORMS, "all"), default="csv", dest="form")
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="folder to write to")
    _data_option(export)

    backup = _command(commands, "backup", "write all that is kept to one file, also while a station runs")
    backup.add_argument("--out", type=Path, required=True, metavar="FILE.tar")
    _data_option(backup)

    restore = _command(commands, "restore", "put a backup in the data folder's place; the old one is kept")
    restore.add_argument("file", type=Path, metavar="FILE.tar")
    _data_option(restore)

    forget = _command(commands, "forget", "delete an athlete and their sessions")
    forget.add_argument("athlete", metavar="NAME")
    _data_option(forget)

    code = _command(commands, "code", "lock the history of the shared screen behind codes")
    code.add_argument("--athlete", metavar="NAME", help="a code for their own sessions")
    which = code.add_mutually_exclusive_group(required=True)
    which.add_argument("--set", dest="code", metavar="DIGITS", help="4 to 12 digits")
    which.add_argument("--off", dest="code", action="store_const", const=None, help="take the code away")
    _data_option(code)

    calibrate = _command(commands, "calibrate", "calibrate the plate of the running station")
    what = calibrate.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--mass-kg", type=_positive, nargs="+", metavar="KG", help="what the known masses weigh"
    )
    what.add_argument("--list", action="store_true", help="list the calibrations that are kept")
    what.add_argument("--show", metavar="ID", help="print one with all that was measured for it, as JSON")
    calibrate.add_argument("--grid", action="store_true", help="11 spots, twice each, instead of five")
    calibrate.add_argument(
        "--placing-mm",
        type=_placing,
        default=PLACING_MM,
        metavar="MM",
        help="how exactly (default %(default)g)",
    )
    calibrate.add_argument("--config", type=Path, metavar="F", help="config.toml")
    _data_option(calibrate)

    verify = _command(commands, "verify", "measure how right the running station's plate is")
    verify.add_argument(
        "--mass-kg", type=_positive, required=True, metavar="KG", help="not a calibrating one"
    )
    verify.add_argument("--out", type=Path, metavar="FILE.html", help="the certificate, to print")
    verify.add_argument("--cells", metavar="CLASS", help="OIML class of the load cells, such as C3")
    verify.add_argument(
        "--capacity-kg", type=_positive, default=50.0, metavar="KG", help="of one (default 50)"
    )
    verify.add_argument("--placing-mm", type=_placing, default=PLACING_MM, metavar="MM")
    verify.add_argument("--config", type=Path, metavar="F", help="config.toml")
    _data_option(verify)

    first = _command(commands, "firstplate", "lead through the first 15 minutes with a plate: one file")
    _source_options(first)
    _data_option(first)
    first.add_argument("--out", type=Path, default=Path("firstplate.zip"), metavar="FILE.zip")

    doctor = _command(commands, "doctor", "say what is right and what is wrong with chips and machine")
    _source_options(doctor)
    _data_option(doctor)
    doctor.add_argument(
        "--bundle", type=Path, metavar="FILE.zip", help="also write it all down for a helper, without names"
    )

    pin = _command(commands, "pin", "show the owner's PIN, by which devices are paired with the station")
    pin.add_argument("--new", action="store_true", help="make another; all devices have to be paired again")
    _data_option(pin)

    where = _command(commands, "where", "show the address of the running station, as a code to scan too")
    _data_option(where)

    _child_commands(commands)
    return parser


def _child_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the two processes that `run` starts; a service manager starts them one by one."""
    sampler = commands.add_parser("sampler", description="The sampler process alone.", allow_abbrev=False)
    _source_options(sampler)
    sampler.add_argument("--truth", type=Path, metavar="DIR", help="where a simulation logs what really was")
    station = commands.add_parser("station", description="The station process alone.", allow_abbrev=False)
    station.add_argument("--config", type=Path, metavar="F")
    station.add_argument("--host")
    station.add_argument("--port", type=_port)
    station.add_argument("--no-pairing", action="store_true", help="on this computer alone, with no plate")
    _data_option(station)
    for child in (sampler, station):
        child.add_argument("--socket", type=Path, required=True, metavar="PATH")
        child.add_argument("--parent-fd", type=int, metavar="FD", help="ends when this pipe closes")


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    sentence = text[0].upper() + text[1:] + "."
    return commands.add_parser(name, help=text, description=sentence, allow_abbrev=False)


def _source_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--adc", choices=BACKENDS, help="where conversions come from (default mock)")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="the recording that --adc replay plays")
    parser.add_argument("--pins", choices=("simulated",), help="simulated chips behind --adc gpio")
    parser.add_argument("--speed", type=_positive, default=1.0, metavar="X", help="for mock and replay")
    parser.add_argument("--seed", type=int, default=7, help="of the simulated athlete")
    config = os.environ.get("HEELDRIVE_CONFIG")  # an installed station's command sets it
    parser.add_argument("--config", type=Path, default=config, metavar="F", help="config.toml")


def _data_option(parser: argparse.ArgumentParser) -> None:
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    parser.add_argument("--data", type=Path, default=Path(home) / "heeldrive", metavar="DIR", help=DATA_HELP)


def _number(fits: Callable[[float], bool], text: str) -> Callable[[str], float]:
    def read(word: str) -> float:
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not fits(value):
            raise argparse.ArgumentTypeError(f"{word!r} is not {text}")
        return value

    return read


_positive = _number(lambda value: 0 < value < math.inf, "a number above 0")
_placing = _number(lambda value: 0.5 <= value <= 50, "a distance from 0.5 to 50 mm")
_delay = _number(lambda value: 0 <= value <= 1, "a delay from 0 to 1 s")


def _port(word: str) -> int:
    if not word.isdecimal() or not 0 < int(word) <= 65535:
        raise argparse.ArgumentTypeError(f"{word!r} is not a port from 1 to 65535")
    return int(word)
