"""Link symmetry: compare the two ends of every link; where they differ, believe the router that agrees with more neighbours.

Reads counters and topology only. A status is corrected where the traffic on the link speaks against it.
"""

from typing import Any

CLOSE = 0.06


def run_repair(
    telemetry: dict[str, Any], topology: dict[str, Any], external: Any = None, demands: Any = None, paths: Any = None
) -> dict[str, Any]:
    def far(name: str, key: str) -> float:
        other = telemetry[telemetry[name]["connected_to"]]
        return float(other["tx_rate" if key == "rx_rate" else "rx_rate"])

    def differ(a: float, b: float) -> bool:
        return abs(a - b) > CLOSE * max(a, b)

    doubt = {}
    for router, names in topology.items():
        pairs = [(telemetry[name][key], far(name, key)) for name in names for key in ("rx_rate", "tx_rate")]
        doubt[router] = sum(differ(a, b) for a, b in pairs) / max(len(pairs), 1)

    answer: dict[str, Any] = {}
    for name, reported in telemetry.items():
        answer[name] = {}
        for key in ("rx_rate", "tx_rate"):
            a, b = reported[key], far(name, key)
            mine, yours = doubt[reported["local_router"]], doubt[reported["remote_router"]]
            if not differ(a, b):
                value, sure = (a + b) / 2, 0.95
            elif min(a, b) == 0:
                value, sure = max(a, b), 0.9
            elif mine != yours:
                value, sure = (a if mine < yours else b), 0.8
            else:
                value, sure = (a + b) / 2, 0.29
            answer[name][key] = (reported[key], value, sure)
        flows = answer[name]["rx_rate"][1] + answer[name]["tx_rate"][1] > 0
        says = (reported["interface_status"], telemetry[reported["connected_to"]]["interface_status"])
        status = "up" if flows else ("down" if "down" in says else "up")
        answer[name]["interface_status"] = (reported["interface_status"], status, 0.9)
    return answer
