"""Other people's ways to count reps in a force curve, each with settings that its users would choose.

All get the same total force, shape (n,), N, at 100 frames a second, gaps bridged.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
RATE_HZ = 100
THRESHOLD_N = 150.0  # between a resting leg and a lift


def fixed_threshold(total_n: F64) -> int:
    """Count falls through a fixed force."""
    above = total_n > THRESHOLD_N
    return int(np.count_nonzero(above[:-1] & ~above[1:]))


def scipy_peaks(total_n: F64) -> int:
    """Count peaks of the smoothed force: scipy.signal.find_peaks."""
    from scipy.signal import butter, find_peaks, sosfiltfilt

    smooth = sosfiltfilt(butter(4, 2.0, fs=RATE_HZ, output="sos"), total_n)
    prominence = 0.3 * (np.percentile(smooth, 90) - np.percentile(smooth, 10))
    peaks, _ = find_peaks(smooth, prominence=prominence, distance=round(1.5 * RATE_HZ))
    return len(peaks)


def detecta_onsets(total_n: F64) -> int:
    """Count stretches above half of the range: detecta.detect_onset."""
    from detecta import detect_onset

    half = 0.5 * float(np.percentile(total_n, 95) + np.percentile(total_n, 5))
    return len(detect_onset(total_n, threshold=half, n_above=RATE_HZ // 2, n_below=RATE_HZ // 5))


def neurokit_peaks(total_n: F64) -> int:
    """Count peaks by their relative height: neurokit2.signal_findpeaks."""
    import neurokit2

    smooth = neurokit2.signal_filter(total_n, sampling_rate=RATE_HZ, highcut=2.0)
    return len(neurokit2.signal_findpeaks(smooth, relative_height_min=0.5)["Peaks"])


PEERS: dict[str, Callable[[F64], int]] = {
    "threshold": fixed_threshold,
    "scipy": scipy_peaks,
    "detecta": detecta_onsets,
    "neurokit2": neurokit_peaks,
}
