"""The one file: a zip with all that was found, written anew after every step."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from station.errors import UserError
from station.files import put
from station.firstplate.findings import SIMULATED, Findings
from station.firstplate.tape import Tape

RECORDING = "recording.heeldrive"
README = """The first fifteen minutes with a plate, as `heeldrive firstplate` led through them.

firstplate.json      what was found in each step (docs/FIRSTPLATE.md has the words)
report.txt           the same for people
recording.heeldrive  every conversion meanwhile, with the sets marked: `heeldrive analyze recording.heeldrive`
doctor/              what `heeldrive doctor` says, config, versions, the last log lines
sampler.txt          what the sampler said, where it was started for this alone

There are no names of athletes, of the computer or of its network in it: look for yourself.
"""


def packed(findings: Findings, tape: Tape, doctor: Mapping[str, str], sampler: str) -> bytes:
    """Return the zip."""
    texts = {
        "README.txt": README + (f"\n{SIMULATED}\n" if findings.simulated else ""),
        "firstplate.json": json.dumps(findings.as_json(), indent=1, ensure_ascii=False) + "\n",
        "report.txt": findings.text(),
        **{f"doctor/{name}": text for name, text in doctor.items()},
    }
    if sampler:
        texts["sampler.txt"] = findings.clean(sampler)
    held = io.BytesIO()
    with (
        tempfile.TemporaryDirectory(prefix="heeldrive-") as folder,
        zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, text in texts.items():
            archive.writestr(name, text)
        path = Path(folder) / RECORDING
        tape.write(path)
        archive.write(path, RECORDING)
    return held.getvalue()


def refuse_existing(path: Path) -> None:
    """Refuse a place where something is already.

    Raises
    ------
    UserError : there is

    """
    if path.exists():
        raise UserError(f"{path} is there already: move it away, or choose another --out.")


def write(held: bytes, path: Path) -> None:
    """Put the file in its place as a whole: what was there before stays until then.

    Raises
    ------
    UserError : it can't be written

    """
    try:
        put(path, [held])
    except OSError as error:
        raise UserError(f"{path} can't be written ({error.strerror})") from None
