#!/usr/bin/env bash
# Says what to install when Node is missing or older than 20.
set -euo pipefail

found=$(node --version 2>/dev/null || echo none)
major=${found#v}
major=${major%%.*}
if [ "$found" = none ] || [ "$major" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "leadline: Node 20 or newer with npm is needed to build the pages' assets; found: $found." >&2
    echo "leadline: Debian 12 carries 18: install the packages of nodejs.org (or your image's node:20)." >&2
    exit 1
fi
