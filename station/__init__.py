"""The station: what the four cells say becomes curves, reps and a session."""
