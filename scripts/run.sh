#!/usr/bin/env bash
# Prepares the workspace in $DATA on first use, then serves it until Ctrl C.
set -euo pipefail
cd "$(dirname "$0")/.."

LEADLINE=.venv/bin/leadline
if [ "$DEMO" != 0 ] && [ ! -e "$DATA/set_up.json" ]; then
    "$LEADLINE" setup --data "$DATA" --base-url "http://127.0.0.1:$PORT" --playbook b2b-saas --demo
fi
exec "$LEADLINE" serve --data "$DATA" --port "$PORT"
