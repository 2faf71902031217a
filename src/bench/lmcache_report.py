"""Makes the table of src/bench/lmcache.sh: `lmcache_report.py FOLDER` with files MIB-KEYS-ADAPTER-REPEAT.json."""

from collections import defaultdict
import json
from pathlib import Path
from statistics import median
import sys

ADAPTERS = {
    "dax": "LMCache's dax, in process",
    "plugin": "Daxtier's plugin",
    "resp": "Daxtier through resp",
    "redis": "Redis through resp",
}


def main() -> None:
    runs = defaultdict(list)
    for path in Path(sys.argv[1]).glob("*.json"):
        mib, keys, adapter, _ = path.stem.split("-")
        metrics = json.loads(path.read_text(encoding="utf-8"))["metrics"]
        operations = {o["operation"]: o for name, o in metrics.items() if name.startswith("op_")}
        for o in operations.values():
            if o["total_success"] != o["total_keys"]:
                sys.exit(f"{path.stem}: {o['operation']} brought {o['total_success']} of {o['total_keys']} objects")
        runs[float(mib), int(keys), adapter].append({name: o["duration_p50_ms"] for name, o in operations.items()})
    print("| Objects | Adapter | store ms | store GB/s | lookup ms | load ms | load GB/s | store, load × dax |")
    print("|---|---|---|---|---|---|---|---|")
    for mib, keys in sorted({(mib, keys) for mib, keys, _ in runs}):
        for adapter, name in ADAPTERS.items():
            if (mib, keys, adapter) in runs:
                print(_row(runs, mib, keys, adapter, name))


def _row(runs: dict, mib: float, keys: int, adapter: str, name: str) -> str:
    own = _medians(runs[mib, keys, adapter])
    dax = _medians(runs[mib, keys, "dax"]) if (mib, keys, "dax") in runs else None
    gigabytes = mib * keys * 1024**2 / 1e9
    ratio = f"{dax['Store'] / own['Store']:.2f}, {dax['Load'] / own['Load']:.2f}" if dax else ""
    return (
        f"| {keys} × {mib:g} MiB | {name} | {own['Store']:.1f} | {gigabytes / own['Store'] * 1e3:.2f} | {own['Lookup']:.2f} "
        f"| {own['Load']:.1f} | {gigabytes / own['Load'] * 1e3:.2f} | {ratio} |"
    )


def _medians(runs: list) -> dict:
    return {name: median(run[name] for run in runs) for name in runs[0]}


if __name__ == "__main__":
    main()
