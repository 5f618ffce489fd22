#!/usr/bin/env bash
# Runs the benchmarks, or those that are named: scripts/bench.sh ingest pages
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/tools.sh wrk chromium postgresql
exec .venv/bin/leadline bench "$@"
