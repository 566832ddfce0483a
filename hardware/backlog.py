"""The sampler's memory: the newest records, numbered, for a station that comes back."""

from __future__ import annotations

import numpy as np

from station.conversions import RECORD, Records, empty_records

# About 20 minutes of four chips at 93 SPS, with heartbeats, in 12 MB.
CAPACITY = 2**19


class Backlog:
    """A ring of the newest records; it gives every record its `seq`.

    Parameters
    ----------
    capacity : how many records are kept

    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._ring = empty_records(capacity)
        self.next_seq = 0

    @property
    def first_seq(self) -> int:
        """The oldest record still kept."""
        return max(0, self.next_seq - len(self._ring))

    def append(self, records: Records) -> None:
        """Give `records`, shape (n,), their numbers and keep them; the oldest fall out."""
        capacity = len(self._ring)
        for start in range(0, len(records), capacity):
            part = records[start : start + capacity]
            seqs = np.arange(self.next_seq, self.next_seq + len(part), dtype=np.uint64)
            places = seqs % np.uint64(capacity)
            self._ring[places] = part
            self._ring["seq"][places] = seqs
            self.next_seq += len(part)

    def view(self, seq: int, most: int) -> memoryview:
        """Return the bytes of at most `most` records from `seq` on, without copying them.

        It ends early where the ring wraps around, and is empty when there is nothing newer.
        `seq` must not be older than `first_seq`.
        """
        capacity = len(self._ring)
        place = seq % capacity
        n = max(0, min(most, self.next_seq - seq, capacity - place))
        return self._ring[place : place + n].view(np.uint8).data


RECORD_BYTES = RECORD.itemsize
