#!/usr/bin/env bash
# Checks the chart's alerts with promtool: their syntax, the moments at which each one fires, and the service's
# metrics. Rules and scrape are those that the Maven build has left in target/chart; without them the rules are
# rendered now. Exit 77: promtool cannot be had on this machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."

readonly RULES=target/chart/alerts.yaml SCRAPE=target/chart/scrape.txt

if ! command -v promtool >/dev/null; then
  echo "installing prometheus, for promtool"
  # A unit of the package would be started in a container with systemd; only the program is wanted.
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq install --yes \
    --no-install-recommends prometheus >/dev/null; } || { echo "promtool cannot be installed here"; exit 77; }
fi

[[ -f $RULES ]] || ./mvnw -B -ntp -q test -Dtest=ChartAlertsTest -Dsurefire.failIfNoSpecifiedTests=false

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$RULES" "$work/alerts.yaml"
cp src/test/promtool/alerts_test.yaml "$work"
promtool check rules "$work/alerts.yaml"
promtool test rules "$work/alerts_test.yaml"

if [[ -f $SCRAPE ]]; then
  # Only the service's own: what Spring and the JVM call their metrics is not ours to change.
  grep -E '^(# (HELP|TYPE) )?daxtier_' "$SCRAPE" | promtool check metrics
  echo "promtool finds nothing wrong with $(grep -c '^# TYPE daxtier_' "$SCRAPE") metrics"
else
  echo "no scrape in $SCRAPE (ChartServiceIT writes it): the metrics were not linted"
fi
