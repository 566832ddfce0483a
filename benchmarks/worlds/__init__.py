"""Simulated sets with their truth, from generators that know nothing of each other or of the core."""
