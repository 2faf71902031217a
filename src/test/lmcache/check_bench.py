"""Reads what `lmcache bench l2 --format json` wrote: `check_bench.py FILE`. Fails unless every object came back.

The tool itself exits 0 also when rounds failed; `total_success` tells.
"""

import json
import sys


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        metrics = json.load(file)["metrics"]
    operations = [value for name, value in metrics.items() if name.startswith("op_")]
    assert [o["operation"] for o in operations] == ["Store", "Lookup", "Load"], operations
    for o in operations:
        assert o["rounds_timed_out"] == 0 and o["total_success"] == o["total_keys"] > 0, o
        gigabytes = o["throughput_avg_mbps"] / 1024
        print(f"   {o['operation']:7}{o['total_success']:5} of {o['total_keys']:3}  {o['duration_p50_ms']:9.2f} ms  {gigabytes:6.2f} GiB/s")


if __name__ == "__main__":
    main()
