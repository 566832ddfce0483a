"""The coach: pure rules from reps to what is worth saying."""
