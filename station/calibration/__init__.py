"""Calibrating a plate with known masses: spots, readings, solving, refusing, verifying."""
