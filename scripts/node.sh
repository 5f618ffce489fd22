#!/usr/bin/env bash
# Says what to install when Node is missing or too old to build the pages' assets.
#   scripts/node.sh           20: what they are written and tested with
#   scripts/node.sh server    18: what Debian 12 carries, and enough to build them
set -euo pipefail

needed=20
advice="Debian 12 carries 18: install the packages of nodejs.org (or your image's node:20)."
if [ "${1:-}" = server ]; then
    needed=18
    advice="Install it with: apt-get install --no-install-recommends npm"
fi
found=$(node --version 2>/dev/null || echo none)
major=${found#v}
major=${major%%.*}
if [ "$found" = none ] || [ "$major" -lt "$needed" ] || ! command -v npm >/dev/null; then
    echo "leadline: Node $needed or newer with npm is needed to build the pages' assets; found: $found." >&2
    echo "leadline: $advice" >&2
    exit 1
fi
