from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for in_process and hostile, which are no packages
sys.path.insert(0, str(Path(__file__).parents[1] / "end_to_end"))  # for running_station
sys.path.insert(0, str(Path(__file__).parents[1] / "station"))  # for lab
