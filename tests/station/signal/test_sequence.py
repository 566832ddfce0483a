"""The best sequence of a stretch, against all sequences tried one after the other."""

from functools import cache

import numpy as np
import pytest

from station.signal.movements import DOWNS, NEVER, UPS
from station.signal.sequence import LONGEST, PAUSE_COST, RISES, Gains, Lengths, best_sequence

DIPS = (3, 6)


def some_gains(seed, n):
    """Return gains of which a few movements stand out, and what lengths cost."""
    rng = np.random.default_rng(seed)

    def models(steps):
        gain = np.full((len(steps), n), NEVER)
        for k, width in enumerate(steps):
            fits = max(n - width + 1, 0)
            gain[k, :fits] = rng.normal(-8.0, 6.0, fits)
        return gain

    whole = rng.uniform(0.0, 4.0, LONGEST + 1)
    dips = [(width, rng.normal(-6.0, 6.0, n - width + 1)) for width in DIPS]
    gains = Gains(
        models(RISES), models(DOWNS), dips,
        hovered=-2.0, touched=4.0, open_end=float(rng.choice([0.0, 2.0])),
    )  # fmt: skip
    return gains, Lengths(whole, 0.5 * whole)


def best_of_all(gains, lengths):
    """Return the best score: every way from place to place, each movement by itself."""
    n = gains.ups.shape[1]

    @cache
    def onward(place, t, begun):
        """Return what can still be gained from a place on; `begun` is when the rep began."""
        ways = []
        if t == n:
            open_end = gains.open_end + lengths.going_on[min(n - begun, LONGEST)]
            ways.append(-open_end if place == "top" else 0.0)
        if place == "top":
            if t < n:
                ways.append(onward("top", t + 1, begun))
            for k, steps in enumerate(DOWNS):
                if t + steps <= n:
                    gain = float(gains.downs[k, t]) - float(lengths.whole[t + steps - begun])
                    ways.append(gain + onward("low", t + steps, 0))
        else:
            if t < n:
                ways.append(-PAUSE_COST + onward(place, t + 1, 0))
            first = {"start": 0.0, "low": gains.hovered, "floor": gains.touched}[place]
            for k, steps in enumerate(RISES):
                if t + steps <= n:
                    ways.append(first + float(gains.ups[k, t]) + onward("top", t + steps, t))
        if place == "low":
            for steps, gain in gains.dips:
                if t + steps <= n:
                    ways.append(float(gain[t]) + onward("floor", t + steps, 0))
        return max(ways)

    return onward("start", 0, 0)


@pytest.mark.parametrize("n", [6, 14, 30, 75])
@pytest.mark.parametrize("seed", range(6))
def test_no_sequence_is_better(n, seed):
    gains, lengths = some_gains(seed, n)
    score, ascents = best_sequence(gains, lengths)
    assert score == pytest.approx(best_of_all(gains, lengths), abs=1e-9)
    assert score == pytest.approx(score_of(gains, lengths, ascents), abs=1e-9)


def score_of(gains, lengths, ascents):
    """Add up what an account of a stretch gains."""
    n, t, total, before = gains.ups.shape[1], 0, 0.0, None
    for ascent in ascents:
        begin, top = ascent.up
        if before is not None and before.turn == "touch":
            first, stop = before.dip
            total += dict(gains.dips)[stop - first][first] + gains.touched - PAUSE_COST * (first - t)
            t = stop
        elif before is not None:
            total += gains.hovered
        models = RISES[len(UPS) :] if ascent.stuck else UPS
        row = models.index(top - begin) + (len(UPS) if ascent.stuck else 0)
        total += gains.ups[row, begin] - PAUSE_COST * (begin - t)
        assert ascent.evidence == gains.ups[row, begin]
        if ascent.down is None:
            return total - gains.open_end - lengths.going_on[min(n - begin, LONGEST)]
        first, t = ascent.down
        total += gains.downs[DOWNS.index(t - first), first] - lengths.whole[t - begin]
        before = ascent
    if before is not None and before.dip is not None:  # a touch behind the last one
        first, stop = before.dip
        total += dict(gains.dips)[stop - first][first] - PAUSE_COST * (first - t)
        t = stop
    return total - PAUSE_COST * (n - t)
