"""Which rep belongs to which set."""

from __future__ import annotations

from station.coach.programs import Plan
from station.coach.rules import Judged
from station.coach.thresholds import Thresholds
from station.sets import SetBook, set_facts
from station.signal.model import Measures, Rep, RepClosed, RepCounted, RepWithdrawn


def closed(rep_id: int) -> RepClosed:
    rep = Rep(
        rep_id, "dead_stop", "measured", None, None, None, None, None, None,
        Measures(valid_fraction=1.0), True, {},
    )  # fmt: skip
    return RepClosed(rep, 0)


def facts(number: int) -> dict[str, object]:
    return set_facts(number, Plan("left"), Thresholds(), None)


def book() -> SetBook:
    made = SetBook()
    made.start(facts(1), 100)
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
    made.start(facts(2), 300)
    made.take(RepCounted(2, 350, 360))
    assert made.running is made.sets[1]
    assert [record.counted for record in made.sets] == [{1}, {2}]
    assert made.take(closed(2)) is made.sets[1]


def test_marks_of_the_log_make_the_same_book() -> None:
    made = SetBook()
    made.mark("zero", {"zero_count": [0, 0, 0, 0]}, 50)
    made.mark("set_start", facts(1), 100)
    made.mark("set_void", {"number": 1}, 140)  # armed, and nothing happened
    assert made.sets == []
    made.mark("set_start", facts(1), 150)
    made.take(RepCounted(1, 160, 165))
    made.mark("set_mark", {"number": 1, "word": "twisted", "rep": 1}, 170)
    made.mark("set_end", {"number": 1}, 180)
    made.mark("set_resume", {"number": 1}, 190)
    assert made.running is made.sets[0]
    made.take(RepCounted(2, 200, 205))
    made.mark("set_start", facts(2), 210)  # the first was never ended again
    made.mark("set_note", {"number": 1, "level_until": 1, "effort": "easy"}, 220)
    made.mark("set_note", {"number": 9, "effort": "easy"}, 230)  # of no set: passed over
    first, second = made.sets
    assert (first.counted, first.end_ns, second.running) == ({1, 2}, 210, True)
    assert first.advice.stop == "twisted"
    assert (first.done.confirmed, first.done.effort, first.done.twisted) == (0, "easy", True)


def test_clean_reps_are_the_level_ones_among_those_on_target() -> None:
    made = SetBook()
    made.start(facts(1), 0)
    for rep_id in range(1, 9):
        made.take(RepCounted(rep_id, 10 * rep_id, 10 * rep_id))
        made.take(closed(rep_id))
    (only,) = made.sets
    only.judged = [Judged(rep_id, (), rep_id > 2) for rep_id in range(1, 9)]
    assert only.done.confirmed is None  # nobody said
    only.amend("set_note", {"number": 1, "level_until": 6})
    assert only.done.confirmed == 4  # 3 to 6
    only.amend("set_mark", {"number": 1, "word": "twisted", "rep": 5})
    only.amend("rep_by_hand", {"number": 1, "rep": 4, "word": "off_target"})
    assert only.done.confirmed == 2
    assert [only.rep_clean(number) for number in range(1, 9)] == [
        False, False, True, False, False, True, False, False
    ]  # fmt: skip


def test_an_old_file_without_a_plan_still_reads() -> None:
    made = SetBook()
    made.mark("set_start", {"number": 1, "side": "right", "goal": "free", "load_kg": 5.0, "settings": {}}, 0)
    made.take(RepCounted(1, 10, 10))
    made.take(closed(1))
    (only,) = made.sets
    assert only.plan == Plan("right", "free", 5.0)
    assert len(only.judged) == 1
