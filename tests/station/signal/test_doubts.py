"""Others like it: how many it takes, and what is like what. Stretches drawn by hand."""

from dataclasses import replace

import pytest
from test_judging import HZ, known, stretch

from station.signal.bout import Bout
from station.signal.closing import Draft
from station.signal.doubts import Doubt, as_before, believed, company
from station.signal.judging import judged


def doubt(start_s, seconds=4.0, level_n=280.0, moved=False, odds=0.0):
    frames = round(start_s * HZ), round((start_s + seconds) * HZ)
    draft = Draft(0, *frames, None, None, "rest", "rest", 80.0, 80.0, level_n, 0)
    return Doubt((draft,), seconds, moved, odds)


def turned(first_s, second_s, turn):
    """Return a doubted stretch in which a turn seemed to lie between two reps."""
    first, second = doubt(first_s, seconds=4.0), doubt(second_s, seconds=4.0)
    draft = replace(first.drafts[0], after=turn)
    return Doubt((draft, *second.drafts), 4.0 + second_s - first_s, moved=False, odds=0.0)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({}, "doubt"),
        ({"evidence": 4.0}, "none"),
        ({"level_n": 74.0}, "none"),  # a foot at rest does as much
    ],
)
def test_a_small_lift_in_which_hips_move_is_believed_with_others_like_it(what, said):
    small = stretch(**{"base_n": 52.0, "level_n": 92.0, **what})
    assert judged(Bout(), small) == said
    this, earlier = (
        doubt(14.0, level_n=92.0, moved=True),
        [doubt(s, level_n=92.0, moved=True) for s in (2.0, 8.0)],
    )
    assert not believed(Bout(), this, small, earlier[:1])
    assert believed(Bout(), this, small, earlier)


@pytest.mark.parametrize("turn", ["hover", "touch"])
def test_what_seemed_a_turn_or_a_touch_is_one_rep_as_the_one_before_was(turn):
    slow = doubt(14.0, seconds=8.0)
    assert company(slow, [turned(2.0, 6.0, turn)], HZ, sure=False)[0].drafts == (
        replace(doubt(2.0, seconds=8.0).drafts[0], lockout_end_frame=None),
    )
    seemed = stretch(seconds=8.0, ascents=2)
    seemed = replace(seemed, ascents=[replace(seemed.ascents[0], turn=turn), seemed.ascents[1]])
    (whole,) = as_before(seemed, [doubt(-10.0, seconds=8.0)]).ascents
    assert (whole.up, whole.down) == ((0, 12), (24, 40))
    for doubts in (
        [],
        [doubt(-10.0, seconds=4.0)],  # two such ones
        [doubt(-10.0, seconds=8.0, level_n=350.0)],
        [turned(-10.0, -6.0, turn)],  # as it was
        [doubt(-30.0, seconds=8.0)],  # long ago
    ):
        assert as_before(seemed, doubts) is seemed


def test_company_is_alike_and_near():
    this = doubt(30.0)
    far, near, other = doubt(2.0), doubt(22.0), doubt(12.0, level_n=400.0)
    assert company(this, [far, near], HZ, sure=False) == [near]
    assert company(this, [doubt(14.0), near], HZ, sure=False) == [doubt(14.0), near]
    assert company(this, [other, near], HZ, sure=False) == [near]
    long = replace(near, seconds=9.0)
    assert company(this, [long], HZ, sure=False) == []
    assert company(this, [long], HZ, sure=True) == [long]
    two_reps = replace(near, drafts=near.drafts * 2, seconds=8.0)
    assert company(this, [two_reps], HZ, sure=False) == [two_reps]
    heavier = doubt(22.0, level_n=1.2 * this.drafts[0].level_n)
    assert company(this, [heavier], HZ, sure=False) == []
    assert company(this, [heavier], HZ, sure=True) == [heavier]


def test_how_many_it_takes():
    unmoved, with_move = doubt(8.0), doubt(8.0, moved=True)
    lift = stretch(evidence=-5.0)
    assert not believed(Bout(), unmoved, lift, [doubt(0.0)])
    assert believed(Bout(), unmoved, lift, [doubt(0.0)] * 2)
    assert believed(Bout(), with_move, lift, [doubt(0.0)])
    odd = stretch(evidence=600.0)
    assert not believed(Bout(), unmoved, odd, [doubt(0.0)] * 2)
    assert believed(Bout(), unmoved, odd, [doubt(0.0)] * 3)
    assert believed(Bout(), with_move, odd, [doubt(0.0)])


def test_of_what_is_as_heavy_as_standing_the_odds_count():
    standing = stretch(level_n=700.0, evidence=-5.0, push_s=0.4)
    assert not believed(Bout(), doubt(8.0, moved=True), standing, [doubt(0.0, moved=True)])
    assert believed(Bout(), doubt(8.0, odds=3.0), standing, [doubt(0.0, odds=2.0)])
    assert not believed(known(), doubt(8.0, odds=3.0), standing, [doubt(0.0, odds=2.0)])  # of a lighter bout
