#!/usr/bin/env bash
# Prepares the workspace in $DATA on first use, then serves it until Ctrl C.
set -euo pipefail
cd "$(dirname "$0")/.."

LEADLINE=.venv/bin/leadline
# Whoever went on from the demo to a workspace of their own goes on there, unless they ask for it.
if [ "${ASKED:-file}" = file ] && [ -e "$DATA/moved_to" ] && [ -e "$(cat "$DATA/moved_to")/set_up.json" ]; then
    DATA=$(cat "$DATA/moved_to")
    echo "Your workspace is in $DATA. \`make run DEMO=1\` shows the demo again."
    DEMO=0
fi
if [ "$DEMO" != 0 ] && [ ! -e "$DATA/set_up.json" ]; then
    "$LEADLINE" setup --data "$DATA" --base-url "http://127.0.0.1:$PORT" --playbook b2b-saas --demo
fi
exec "$LEADLINE" serve --data "$DATA" --port "$PORT"
