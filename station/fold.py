"""One fold of one log: the parameters, and where it stands."""

from __future__ import annotations

from station.signal import pipeline
from station.signal.model import Event, Frames, Live, LogBlock, Params, Rep


class Fold:
    """Takes a log in, block by block; the numbers are those of `pipeline`, however it is cut."""

    def __init__(self, params: Params) -> None:
        self.params = params
        self.state = pipeline.initial(params)

    def step(self, log_block: LogBlock) -> tuple[Frames, list[Event]]:
        """Take one block of the log in; return the frames completed and what happened."""
        self.state, frames, events = pipeline.step(self.params, self.state, log_block)
        return frames, events

    def finish(self) -> tuple[Frames, list[Event]]:
        """Close what is open at the end of the data."""
        self.state, frames, events = pipeline.finish(self.params, self.state)
        return frames, events

    @property
    def live(self) -> Live:
        """What the newest frame shows."""
        return pipeline.live(self.params, self.state)

    @property
    def provisional(self) -> list[Rep]:
        """The reps that are counted and not closed yet, as `pipeline.provisional`."""
        return pipeline.provisional(self.params, self.state)
