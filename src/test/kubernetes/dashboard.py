"""Asks a Prometheus every query of a Grafana dashboard and says which ones have no series.

dashboard.py URL DASHBOARD VARIABLE=VALUE...
"""

import json
import sys
import urllib.parse
import urllib.request


def queries(panels):
    for panel in panels:
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
        yield from queries(panel.get("panels", []))


def series(url, query):
    with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': query})}") as answer:
        return json.load(answer)["data"]["result"]


def main(url, dashboard, *variables):
    with open(dashboard) as file:
        panels = json.load(file)["panels"]
    asked = empty = 0
    for title, query in queries(panels):
        for variable in variables:
            name, value = variable.split("=", 1)
            query = query.replace(f"${name}", value)
        asked += 1
        if not series(url, query):
            empty += 1
            print(f"{title}: no series for {query}")
    print(f"{asked} queries asked, {empty} without a series")
    return asked == 0 or empty > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
