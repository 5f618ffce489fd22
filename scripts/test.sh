#!/usr/bin/env bash
# Every test on the embedded SQLite, then verbs, races and parity once more on PostgreSQL.
# Ends by naming the tests that did not run because their data is not on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/tools.sh --if-possible chromium-headless-shell  # two thirds of the time in a browser
scripts/tools.sh chromium postgresql strace
mkdir -p build/tests
rm -f build/tests/*.xml

# What drives a browser and what asks no database is the same on both: once is enough. The screens
# and programs that tests/conftest.py names meet PostgreSQL in `make torture`.
on_both="not sqlite_only and not browser and not pure and not once"

# Three on two cores: much of the time goes into waiting for a browser, a lock or a restart.
processes=3

failed=0
echo "== SQLite"
.venv/bin/python -m pytest -q -n $processes --dist loadfile --max-worker-restart=0 --junitxml=build/tests/sqlite.xml "$@" || failed=1
echo "== PostgreSQL"
.venv/bin/python -m pytest -q -n $processes --dist loadfile --max-worker-restart=0 --postgres -m "$on_both" --ignore=tests/stories \
    --junitxml=build/tests/postgresql.xml "$@" || failed=1

.venv/bin/python scripts/not_run.py build/tests/sqlite.xml build/tests/postgresql.xml
echo "== $((SECONDS / 60)) min $((SECONDS % 60)) s"
exit $failed
