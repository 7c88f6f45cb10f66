"""Symmetry mean: what leaves one end must arrive at the other, so report the mean of both; a silent end does not count."""

from typing import Any


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for name, reported in telemetry.items():
        other = telemetry[reported["connected_to"]]
        answer[name] = {"interface_status": (reported["interface_status"], reported["interface_status"], 1.0)}
        for key, far in (("rx_rate", other["tx_rate"]), ("tx_rate", other["rx_rate"])):
            near = reported[key]
            if min(near, far) == 0:
                answer[name][key] = (near, max(near, far), 0.9)
            else:
                answer[name][key] = (near, (near + far) / 2, 0.95 if abs(near - far) <= 0.06 * max(near, far) else 0.29)
    return answer
