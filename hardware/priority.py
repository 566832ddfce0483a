"""What the sampler process asks of the system, so that nothing comes between two pulses.

Each request may be refused: the sampler then runs all the same, and says what it did without.
"""

from __future__ import annotations

import ctypes
import gc
import os

FIFO_PRIORITY = 50
MCL_CURRENT, MCL_FUTURE = 1, 2


def take_priority() -> tuple[str, ...]:
    """Freeze the garbage collector; ask for real time, locked memory and a CPU of its own.

    Returns a plain sentence for each request that was refused.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    refused = (_real_time(), _locked_memory(), _own_cpu())
    return tuple(sentence for sentence in refused if sentence is not None)


def _real_time() -> str | None:
    """Ask for real time, unless the service manager has given it: a hardened unit refuses the asking."""
    try:
        if os.sched_getscheduler(0) == os.SCHED_FIFO:
            return None
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(FIFO_PRIORITY))
    except (OSError, AttributeError):
        return "No real-time priority: other programs can hold up a frame (the systemd unit grants it)."
    return None


def _locked_memory() -> str | None:
    try:
        locked = ctypes.CDLL(None, use_errno=True).mlockall(MCL_CURRENT | MCL_FUTURE) == 0
    except (OSError, AttributeError):
        locked = False
    return None if locked else "Memory is not locked: a page fault can hold up a frame."


def _own_cpu() -> str | None:
    """Move to the last CPU, where there are enough of them to leave the others to the rest."""
    try:
        cpus = sorted(os.sched_getaffinity(0))
        if len(cpus) == 1 < (os.cpu_count() or 1):  # given already
            return None
        if len(cpus) < 4:
            return f"No CPU of its own: there are only {len(cpus)}."
        os.sched_setaffinity(0, {cpus[-1]})
    except (OSError, AttributeError):
        return "No CPU of its own: the system refuses it."
    return None
