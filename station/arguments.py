"""The words of the command line, and what is said of wrong ones."""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

from station.config import BACKENDS

DATA_HELP = "where sessions are kept (default %(default)s)"


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the words of a command; `.name` says which. Ends the program with 2 for wrong words."""
    arguments = _parser().parse_args(argv)
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
    analyze.add_argument("--plate", type=int, default=1, metavar="N", help="plate of an OpenSim-style file")

    sessions = _command(commands, "sessions", "list the recorded sessions")
    _data_option(sessions)

    export = _command(commands, "export", "take a session's curves home")
    export.add_argument("session", type=int, metavar="SESSION", help="its number in `heeldrive sessions`")
    forms = ("csv", "parquet", "c3d", "mot", "json", "all")
    export.add_argument("--format", choices=forms, default="csv", dest="form")
    export.add_argument("--out", type=Path, required=True, metavar="PATH", help="folder to write to")
    _data_option(export)

    calibrate = _command(commands, "calibrate", "calibrate the plate of the running station")
    calibrate.add_argument("--mass-kg", type=_positive, required=True, metavar="KG")
    _data_option(calibrate)

    doctor = _command(commands, "doctor", "say what is right and what is wrong with the chips")
    _source_options(doctor)
    _data_option(doctor)

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
    parser.add_argument("--config", type=Path, metavar="F", help="config.toml")


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
_delay = _number(lambda value: 0 <= value <= 1, "a delay from 0 to 1 s")


def _port(word: str) -> int:
    if not word.isdecimal() or not 0 < int(word) <= 65535:
        raise argparse.ArgumentTypeError(f"{word!r} is not a port from 1 to 65535")
    return int(word)
