#!/usr/bin/env bash
# Says what to install when Node is missing or older than esbuild asks for.
set -euo pipefail

found=$(node --version 2>/dev/null || echo none)
major=${found#v}
major=${major%%.*}
if [ "$found" = none ] || [ "$major" -lt 18 ] || ! command -v npm >/dev/null; then
    echo "leadline: Node 18 or newer with npm is needed to build the pages' assets; found: $found." >&2
    echo "leadline: Install it with: apt-get install --no-install-recommends npm" >&2
    exit 1
fi
