#!/usr/bin/env bash
# Creates .venv and installs into it exactly what uv.lock names, by hash.
#   scripts/sync.sh           what runs, the demo, Spark and the tools of development
#   scripts/sync.sh server    what runs, and Babel for the translations
set -euo pipefail
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-python3}
UV_VERSION=0.13.9
extras=(--extra dev --extra demo --extra spark)
[ "${1:-}" != server ] || extras=(--extra texts)

say() { echo "leadline: $*" >&2; }

if ! command -v "$PYTHON" >/dev/null; then
    say "Python is missing. Install it with: apt-get install python3 python3-venv"
    exit 1
fi
if ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "$("$PYTHON" --version) is too old; 3.11 or newer is needed (PYTHON=/path/to/python make setup)."
    exit 1
fi
if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    say "Python cannot make virtual environments. Install: apt-get install python3-venv"
    exit 1
fi

[ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
if [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION"
fi
# --inexact: uv itself lives in the environment without being a dependency.
# --compile-bytecode: otherwise every start compiles Django again where nothing may be written.
.venv/bin/uv sync --quiet --frozen --inexact --compile-bytecode "${extras[@]}"
