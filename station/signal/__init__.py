"""The signal core: pure functions from conversions to frames, reps and events."""
