"""Which rep belongs to which set."""

from __future__ import annotations

from station.sets import SetBook
from station.signal.model import Measures, Rep, RepClosed, RepCounted, RepWithdrawn


def closed(rep_id: int) -> RepClosed:
    rep = Rep(
        rep_id, "dead_stop", "measured", None, None, None, None, None, None,
        Measures(valid_fraction=1.0), True, {},
    )  # fmt: skip
    return RepClosed(rep, 0)


def book() -> SetBook:
    made = SetBook()
    made.start({"number": 1}, 100)
    return made


def test_a_rep_belongs_to_the_set_in_which_it_touched_down() -> None:
    made = book()
    made.take(RepCounted(1, 90, 110))  # down before the set, decided in it
    made.take(RepCounted(2, 150, 160))
    made.end(200)
    made.take(RepCounted(3, 195, 210))  # down in the set, decided after it
    made.take(RepCounted(4, 205, 220))
    for rep_id in (1, 2, 3, 4):
        made.take(closed(rep_id))
    (only,) = made.sets
    assert [rep.id for rep in only.reps] == [2, 3]
    assert [rep.id for rep in made.outside] == [1, 4]
    assert only.counted == {2, 3}


def test_a_withdrawn_rep_is_no_longer_counted() -> None:
    made = book()
    made.take(RepCounted(1, 150, 160))
    made.take(RepCounted(2, 170, 180))
    made.take(RepWithdrawn(1, 190))
    assert made.sets[0].counted == {2}


def test_the_second_set_has_its_own() -> None:
    made = book()
    made.take(RepCounted(1, 150, 160))
    made.end(200)
    assert made.running is None
    made.start({"number": 2}, 300)
    made.take(RepCounted(2, 350, 360))
    assert made.running is made.sets[1]
    assert [record.counted for record in made.sets] == [{1}, {2}]
    assert made.take(closed(2)) is made.sets[1]
