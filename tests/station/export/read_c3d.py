"""Read a C3D file with ezc3d and print what it makes of it as JSON: run as a process of its own."""

import json
import sys

import ezc3d
import numpy as np

c3d = ezc3d.c3d(sys.argv[1], extract_forceplat_data=True)
parameters = c3d["parameters"]


def plain(values):
    return [None if x != x else x for x in np.asarray(values, float).tolist()]


print(
    json.dumps(
        {
            "rate_hz": c3d["header"]["analogs"]["frame_rate"],
            "labels": parameters["ANALOG"]["LABELS"]["value"],
            "units": parameters["ANALOG"]["UNITS"]["value"],
            "analogs": [plain(channel) for channel in c3d["data"]["analogs"][0]],
            "platforms": [
                {
                    "unit_force": platform["unit_force"],
                    "unit_position": platform["unit_position"],
                    "force": [plain(axis) for axis in platform["force"]],
                    "cop": [plain(axis) for axis in platform["center_of_pressure"]],
                    "tz": [plain(axis) for axis in platform["Tz"]],
                    "corners": platform["corners"].tolist(),
                }
                for platform in c3d["data"]["platform"]
            ],
            "events": {
                key: np.asarray(parameters["EVENT"][key]["value"]).tolist()
                for key in ("USED", "LABELS", "CONTEXTS", "DESCRIPTIONS", "TIMES")
            },
            "heeldrive": {k: v["value"] for k, v in parameters["HEELDRIVE"].items() if k != "__METADATA__"},
        },
        default=lambda x: x.tolist(),
    )
)
