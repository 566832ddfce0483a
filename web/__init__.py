"""The page on the gym-side tablet."""
